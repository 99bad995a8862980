"""Adds entries to the text of gallery.yml; all that an author wrote stays as it is, byte for byte.

In: the text, and entries as keys and values. Out: the text with lines added behind the last image,
indented as the others are. Nothing is written, and no key is checked.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence

import yaml

from generator.errors import UsageError
from generator.project.plain_yaml import plain_yaml

_INDENT = 2
_BARE_KEYS = {"file", "model"}
_BARE = re.compile(r"[A-Za-z]\w*[./_][\w./-]*", re.ASCII)


def has_images(text: str) -> bool:
    """Whether there is anything below `images:`, or anything that is wrong."""
    node, complaint = plain_yaml(text)
    if node is None:
        return complaint is not None
    images = _images(node)
    if isinstance(images, yaml.ScalarNode):
        return bool(images.value)
    return images is None or bool(images.value)


def with_entries(text: str, entries: Sequence[Mapping[str, str]], notes: Sequence[str]) -> str:
    """The text with further images.

    Args:
        text: of a gallery.yml without problems, or of one without any image.
        entries: the keys and values of each.
        notes: of each, a comment above it; "" for none.

    Raises:
        UsageError: the list of images is written in brackets.
    """
    newline = "\r\n" if "\r\n" in text else "\n"
    node, _ = plain_yaml(text)
    images = None if node is None else _images(node)
    if node is None or images is None:
        return _joined(text, "images:\n" + _lines(entries, notes, _INDENT, ""), "", newline)
    is_empty = not images.value
    if isinstance(images, yaml.SequenceNode) and images.flow_style:
        if not is_empty:
            raise UsageError(
                "the images stand in brackets; write each on lines of its own, after a dash, "
                "such as `- file: images/cats.jpg`"
            )
        text = text[: images.start_mark.index].rstrip(" ") + text[images.end_mark.index :]
    start = images.start_mark.index
    if is_empty:
        end_of_line = text.find("\n", start)
        end = len(text) if end_of_line < 0 else end_of_line + 1
        added = _lines(entries, notes, _INDENT, "")
    else:
        end = _end_of_images(text, node)
        gap = "\n" if _is_spaced(text, images) else ""
        added = _lines(entries, notes, images.start_mark.column, gap)
        if re.search(r"\n[ \t]*\r?\n$", text[:end]):
            added = added.removeprefix("\n")
    return _joined(text[:end], added, text[end:], newline)


def without_controls(text: str) -> str:
    """The text without characters that YAML does not take, or takes for something else."""
    kept = (c for c in text if c == "\n" or unicodedata.category(c) not in ("Cc", "Cs"))
    return re.sub("[\u2028\u2029]", " ", "".join(kept)).strip()


def _images(node: yaml.Node) -> yaml.Node | None:
    """What stands after `images:`."""
    pairs = node.value if isinstance(node, yaml.MappingNode) else []
    return next((value for key, value in pairs if key.value == "images"), None)


def _end_of_images(text: str, node: yaml.Node) -> int:
    """Where a further image goes: behind all others, before the comments of the next key."""
    starts = [key.start_mark.index for key, _ in node.value]
    own = next(key.start_mark.index for key, _ in node.value if key.value == "images")
    following = min((one for one in starts if one > own), default=None)
    if following is None:
        return len(text)
    before = text[:following]
    return len(re.sub(r"(?<=\n)(?:(?:#.*|[ \t]*\r?)\n)+\Z", "", before))


def _is_spaced(text: str, images: yaml.Node) -> bool:
    """Whether there is an empty line before the last image, as far as one can tell."""
    if len(images.value) == 1:
        return True
    last = text[: images.value[-1].start_mark.index]
    return re.search(r"\n[ \t]*\r?\n(?:[ \t]*#.*\n)*[ \t]*-[ \t]*\Z", last) is not None


def _lines(
    entries: Sequence[Mapping[str, str]], notes: Sequence[str], column: int, gap: str
) -> str:
    """The lines of entries whose dash stands in a column, each after a gap."""
    pad, lines = " " * column, []
    for entry, note in zip(entries, notes, strict=True):
        above = f"{pad}# {note}\n" if note else ""
        keys = [f"{key}: {_scalar(key, value)}\n" for key, value in entry.items()]
        lines.append(gap + above + f"{pad}- " + f"{pad}  ".join(keys))
    return "".join(lines)


def _scalar(key: str, value: str) -> str:
    """A value as YAML has it: a path bare where that is safe, a text in quotes, as JSON's are."""
    if key in _BARE_KEYS and _BARE.fullmatch(value):
        return value
    return json.dumps(value, ensure_ascii=False)


def _joined(before: str, added: str, after: str, newline: str) -> str:
    """The parts, each beginning on a line of its own."""
    if before and not before.endswith("\n"):
        before += newline
    return before + added.replace("\n", newline) + after
