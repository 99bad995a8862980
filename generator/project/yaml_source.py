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
from generator.project.suggest import did_you_mean

MAX_BYTES = 1_000_000
HEAD = re.compile(r"\A---[ ]*\r?\n(.*?)^---[ ]*$\r?\n?", re.DOTALL | re.MULTILINE)
"""YAML between two lines of dashes, at the head of a Markdown file."""
_MAX_DEPTH = 12
_MAX_SHOWN = 60

# Keys and list positions that lead to a value: ("images", 2, "title").
Location = tuple[str | int, ...]

_BACKSLASH = "a backslash inside double quotes; write folders with `/`, or use single quotes"
_BEGINNING = "a text that begins with one of @ % ` > | ? , ] } must be put in quotes"
_NOT_PLAIN = "a text that begins with `*`, `&` or `!` must be put in quotes"
_ANY_OTHER = "this is not valid YAML; check the indentation, the colons and the quotes"
# A part of PyYAML's message -> an explanation for somebody who does not know YAML.
_SENTENCES = {
    "mapping values are not allowed": "this colon is not allowed here; put a text that holds a "
    "colon in quotes, and start keys that belong together in the same column",
    "sequence entries are not allowed": "a dash is not allowed here; start each list item on its "
    "own line, and put a text that begins with a dash in quotes",
    "found character '\\t'": "this line holds a tab; indent with spaces",
    "cannot start any token": _BEGINNING,
    "mapping keys are not allowed": _BEGINNING,
    "expected the node content": _BEGINNING,
    "scanning a block scalar": _BEGINNING,
    "scanning a directive": _BEGINNING,
    "could not find expected ':'": "a line without a colon; write `key: value`, with a space "
    "after the colon, and indent the lines of a long text",
    "unknown escape character": _BACKSLASH,
    "expected escape sequence": _BACKSLASH,
    "scanning a quoted scalar": "the quotation mark opened here is never closed",
    "parsing a flow sequence": "after `[` here, a comma or the closing `]` is missing",
    "parsing a flow mapping": "after `{` here, a comma or the closing `}` is missing",
    "expected <block end>": "this does not belong here; start keys of one group in the same "
    "column, and let quotation marks go around the whole text",
    "expected a single document": "a second document begins here; remove the line `---`",
    "not plain": _NOT_PLAIN,
    "scanning an a": _NOT_PLAIN,  # alias, anchor
    "a tag": _NOT_PLAIN,
    "too many levels": "too many levels of lists and groups inside each other",
}
# For these the line to look at is where something was begun, not where it went wrong.
_BEGUN = ("could not find", "scanning a quoted", "parsing a flow")


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
                words.append(part)
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
        message = f"unknown key `{location[-1]}`{hint}"
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
    node = None if text is None else _compose(text, source)
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


def _compose(text: str, source: YamlSource) -> yaml.Node | None:
    try:
        loader = _PlainLoader(text)
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        invisible = f"U+{ord(text[error.position]):04X}"
        source.report((), f"an invisible character ({invisible}); remove it", line)
        return None
    try:
        return loader.get_single_node()
    except yaml.MarkedYAMLError as error:
        source.report((), *_explain(error))
    except (ValueError, OverflowError):  # an escape such as "\UFFFFFFFF"
        message = "a backslash with digits that stand for no character; write the character itself"
        source.report((), message, loader.line + 1)
    return None


class _PlainLoader(yaml.SafeLoader):
    """PyYAML's safe loader without aliases, anchors, tags and very deep nesting.

    Aliases let a small file stand for billions of values; without them a file's values
    are never more than its bytes.
    """

    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event: yaml.Event = self.peek_event()  # type: ignore[no-untyped-call]
        # An alias event names its anchor, as the event that defines it does.
        plain = not any(getattr(event, name, None) for name in ("anchor", "tag"))
        if not plain or self.depth >= _MAX_DEPTH:
            refused = "too many levels" if plain else "not plain"
            mark = event.start_mark
            raise yaml.MarkedYAMLError(problem=refused, problem_mark=mark)  # type: ignore[arg-type]
        self.depth += 1
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


def _explain(error: yaml.MarkedYAMLError) -> tuple[str, int | None]:
    """What PyYAML's message means, and the line to look at."""
    message = f"{error.problem} {error.context}"
    words = next((words for words in _SENTENCES if words in message), "")
    mark = error.problem_mark
    if words.startswith(_BEGUN):
        mark = error.context_mark or mark
    return _SENTENCES.get(words, _ANY_OTHER), None if mark is None else mark.line + 1


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
    if kind in ("bool", "int", "float"):
        try:
            constructed = yaml.constructor.SafeConstructor().construct_object(node)
        except ValueError:  # looks like a number and is not one: `0x_`
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
