"""A YAML file written by hand -> its values, with the line of every key and value.

In: the path of a YAML file. Out: a `YamlSource`: the values, the line of each, how it was
written, and every problem of the YAML itself. It does not know which keys are valid;
`records` does. It reads plain YAML only: no aliases, no tags.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import yaml

from generator.errors import Problem
from generator.project.plain_yaml import plain_yaml
from generator.project.suggest import did_you_mean

MAX_BYTES = 1_000_000
HEAD = re.compile(r"\A---[ ]*\r?\n(.*?)^---[ ]*$\r?\n?", re.DOTALL | re.MULTILINE)
"""YAML between two lines of dashes, at the head of a Markdown file."""
_MAX_SHOWN = 60
_LONGEST_NUMBER = 100

# Keys and list positions that lead to a value: ("images", 2, "title").
Location = tuple[str | int, ...]


@dataclass(frozen=True)
class YamlSource:
    """The values of a YAML file and their lines.

    Attributes:
        path: the file, as it is shown in problems.
        value: the top level, made of dict, list, str, int, float, bool and, where nothing is
            written, None; None if nothing could be read.
        key_lines: location -> line of the key, counted from 1.
        value_lines: location -> line of the value, counted from 1.
        written: location -> the value as the file has it, shortened.
        problems: of the file and of its YAML; `records` and its callers add theirs.
    """

    path: Path
    value: object = None
    key_lines: dict[Location, int] = field(default_factory=dict)
    value_lines: dict[Location, int] = field(default_factory=dict)
    written: dict[Location, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def report(self, location: Location, message: str, line: int | None = None) -> None:
        """Adds a problem at a location, on the line of its value unless `line` is given."""
        words: list[str] = []
        for part in location:
            if isinstance(part, str):
                words.append(_short(part))
            else:  # "images", 2 reads "image 3"
                words.append(f"{words.pop().removesuffix('s') if words else 'image'} {part + 1}")
        line = self.value_lines.get(location) if line is None else line
        self.problems.append(Problem(self.path, line, ": ".join([*words, message])))

    def report_unexpected(
        self, location: Location, phrase: str, note: str = "", names: Iterable[str] = ()
    ) -> None:
        """Adds "expected PHRASE, found VALUE NOTE", and suggests the nearest name."""
        found = self.written.get(location, "nothing")
        note += did_you_mean(found.strip("`'\""), names)
        self.report(location, f"expected {phrase}, found {found}{note}")

    def report_unknown_key(self, location: Location, names: Sequence[str]) -> None:
        """Adds that a key is not valid, and suggests the nearest name."""
        hint = did_you_mean(str(location[-1]), names) or f"; the keys here are {', '.join(names)}"
        message = f"unknown key `{_short(str(location[-1]))}`{hint}"
        self.report(location[:-1], message, self.key_lines.get(location))

    def sorted_problems(self) -> list[Problem]:
        """The problems by line, those of the whole file first."""
        return sorted(self.problems, key=lambda problem: problem.line or 0)


def read_yaml(path: Path) -> YamlSource:
    """Reads a YAML file; what is wrong with it is in the result's `problems`."""
    source = YamlSource(displayed(path))
    text = _read_text(path, source)
    return _with_values(source, text, "the file is empty")


def read_head(path: Path) -> tuple[YamlSource, str]:
    """Reads the YAML at the head of a Markdown file, between two lines of dashes.

    Returns:
        The values, with lines as the file has them, and the Markdown below.
    """
    source = YamlSource(displayed(path))
    text = _read_text(path, source)
    if text is None:
        return source, ""
    found = HEAD.match(text)
    if found is None:
        source.report((), "expected YAML between two lines `---` at the top", 1)
        return source, text
    return _with_values(source, "\n" + found[1], "nothing stands between the two lines `---`"), (
        text[found.end() :]
    )


def _with_values(source: YamlSource, text: str | None, empty: str) -> YamlSource:
    node, complaint = (None, None) if text is None else plain_yaml(text)
    if complaint is not None:
        source.report((), *complaint)
    if node is not None:
        source = replace(source, value=_build(node, (), source))
    if source.value is None and not source.problems:
        source.problems.append(Problem(source.path, None, empty))
    return source


def displayed(path: Path) -> Path:
    """The path as messages show it: relative if it is in the working folder."""
    try:
        return path.absolute().relative_to(Path.cwd())
    except ValueError:
        return path.absolute()


def _read_text(path: Path, source: YamlSource) -> str | None:
    try:
        if not path.exists():
            hint = did_you_mean(path.name, [other.name for other in path.parent.glob("*.y*ml")])
            source.report((), f"there is no such file{hint}")
            return None
        if not path.is_file():
            source.report((), "expected a YAML file, found something else, such as a folder")
            return None
        with path.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except OSError as error:
        source.report((), f"the file cannot be read ({error.strerror})")
        return None
    if len(content) > MAX_BYTES:
        source.report((), f"the file is larger than {MAX_BYTES:,} bytes; is it the right one?")
        return None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        source.report((), "a character that is not UTF-8; save the file as UTF-8 text", line)
        return None


def _build(node: yaml.Node, location: Location, source: YamlSource) -> object:
    source.value_lines[location] = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        return _build_mapping(node, location, source)
    if isinstance(node, yaml.SequenceNode):
        items = [_build(item, (*location, i), source) for i, item in enumerate(node.value)]
        written = ", ".join(source.written[(*location, i)].strip("`") for i in range(len(items)))
        source.written[location] = f"`[{_short(written)}]`" if items else "an empty list"
        if any(isinstance(item, dict) for item in items):
            source.written[location] = "a list"
        return items
    return _build_scalar(node, location, source) if isinstance(node, yaml.ScalarNode) else None


def _build_mapping(
    node: yaml.MappingNode, location: Location, source: YamlSource
) -> dict[str, object]:
    source.written[location] = "a group of keys"
    values: dict[str, object] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            message = "a key must be a word; put a text that begins with `{` or `[` in quotes"
            source.report(location, message, line)
            continue
        key = _clean(key_node.value)  # as written: a key `on` is not the value "true"
        at = (*location, key)
        if at in source.key_lines:
            first = source.key_lines[at]
            source.report(at, f"this key is already on line {first}; keep one of the two", line)
            continue
        source.key_lines[at] = line
        values[key] = _build(value_node, at, source)
    return values


def _build_scalar(
    node: yaml.ScalarNode, location: Location, source: YamlSource
) -> str | int | float | bool | None:
    text = _clean(node.value)
    if text != node.value:
        source.report(location, "the text holds an invisible character; remove it")
    quote = node.style if node.style in ("'", '"') else ""
    source.written[location] = f"`{quote}{_short(text)}{quote}`"
    kind = node.tag.removeprefix("tag:yaml.org,2002:")
    if kind == "null":
        source.written[location] = "nothing"
        return None
    # A longer one is no number of ours, and PyYAML's time for `1:1:1:...` is quadratic.
    if kind in ("bool", "int", "float") and len(text) <= _LONGEST_NUMBER:
        try:
            constructed = yaml.constructor.SafeConstructor().construct_object(node)
        except (ValueError, OverflowError):  # looks like a number and is not one: `0x_`
            return text
        if isinstance(constructed, bool | int | float):
            return constructed
    return text


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _MAX_SHOWN else line[: _MAX_SHOWN - 1] + "…"


def _clean(text: str) -> str:
    """The text; characters that no page and no terminal can show are replaced."""
    if text.isprintable():
        return text
    return "".join(
        "�" if unicodedata.category(c) in ("Cc", "Cs") and c not in "\t\n" else c for c in text
    )
