"""Markdown as students write it -> blocks of plain text, which no typesetter can take for commands.

In: a text. Out: JSON values: headings, paragraphs, lists, code, tables; in them runs of text,
each with its style. What is not understood stays as it was typed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

MOST_CHARACTERS = 20_000
_HEADING = re.compile(r"(#{1,6})\s+(.*)")
_ITEM = re.compile(r"\s*(?:[-*+]|\d{1,3}[.)])\s+(.*)")
# Of bounded length: else signs that nothing closes would each be looked for to the text's end.
_RUN = re.compile(
    r"`([^`\n]+)`|\*\*(\S.{0,500}?\S|\S)\*\*|(?<!\w)[*_](\S.{0,500}?\S|\S)[*_](?!\w)", re.DOTALL
)
_RULE = re.compile(r"\|?\s*:?-{2,}:?\s*(\|\s*:?-{2,}:?\s*)*\|?")

Block = dict[str, Any]


def blocks_of(text: str) -> list[Block]:
    """The blocks of a text; a very long one is cut, and says so."""
    cut = len(text) > MOST_CHARACTERS
    found = list(_blocks(_printable(_without_comments(text[:MOST_CHARACTERS])).split("\n")))
    if cut:
        said = f"The text is longer than {MOST_CHARACTERS} characters, and was cut here."
        found.append({"kind": "paragraph", "runs": [["emph", said]]})
    return found


def _without_comments(text: str) -> str:
    """A text without HTML's comments; one that does not end stays."""
    kept, at = [], 0
    while (start := text.find("<!--", at)) >= 0 and (end := text.find("-->", start + 4)) >= 0:
        kept.append(text[at:start])
        at = end + 3
    return "".join([*kept, text[at:]])


def plain(text: str, most_lines: int) -> str:
    """Text of a fixed width, without control characters; a very long one is cut, and says so."""
    lines = _printable(text).rstrip("\n").split("\n")
    kept = [line[:300] for line in lines[:most_lines]]
    if len(lines) > most_lines:
        kept.append(f"... {len(lines) - most_lines} more lines")
    return "\n".join(kept)


def _printable(text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", "    ")
    return "".join(one if one == "\n" or one.isprintable() else " " for one in text)


def _blocks(lines: list[str]) -> Iterator[Block]:
    at = 0
    while at < len(lines):
        line, start = lines[at], at
        at += 1
        if not line.strip():
            continue
        if line.lstrip().startswith("```"):
            while at < len(lines) and not lines[at].lstrip().startswith("```"):
                at += 1
            yield {"kind": "code", "text": "\n".join(lines[start + 1 : at])}
            at += 1
        elif found := _HEADING.fullmatch(line.strip()):
            yield {"kind": "heading", "runs": runs_of(found[2])}
        elif "|" in line and at < len(lines) and _RULE.fullmatch(lines[at].strip()):
            while at < len(lines) and "|" in lines[at]:
                at += 1
            rows = [_cells(one) for one in (line, *lines[start + 2 : at])]
            width = max(map(len, rows))
            yield {"kind": "table", "rows": [row + [[]] * (width - len(row)) for row in rows]}
        elif _ITEM.fullmatch(line):
            while at < len(lines) and lines[at].strip() and not lines[at].startswith("#"):
                at += 1
            yield {"kind": "list", "items": _items(lines[start:at])}
        else:
            while at < len(lines) and lines[at].strip() and not _begins_block(lines[at]):
                at += 1
            yield {
                "kind": "paragraph",
                "runs": runs_of(" ".join(one.strip() for one in lines[start:at])),
            }


def _begins_block(line: str) -> bool:
    return bool(_HEADING.fullmatch(line) or _ITEM.fullmatch(line) or line.startswith("```"))


def _items(lines: list[str]) -> list[list[list[str]]]:
    items: list[str] = []
    for line in lines:
        if found := _ITEM.fullmatch(line):
            items.append(found[1])
        elif items:
            items[-1] += f" {line.strip()}"
    return [runs_of(item) for item in items]


def _cells(line: str) -> list[list[list[str]]]:
    return [runs_of(cell.strip()) for cell in line.strip().strip("|").split("|")[:20]]


def runs_of(text: str) -> list[list[str]]:
    """Pieces of a line, each with its style: `plain`, `code`, `strong` or `emph`."""
    runs, at = [], 0
    for found in _RUN.finditer(text):
        if found.start() > at:
            runs.append(["plain", text[at : found.start()]])
        style = "code" if found[1] else "strong" if found[2] else "emph"
        runs.append([style, found[1] or found[2] or found[3]])
        at = found.end()
    return [*runs, ["plain", text[at:]]] if at < len(text) or not runs else runs
