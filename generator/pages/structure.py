"""How deep and how long a page's Markdown may be: beyond that parsers take minutes, or give up.

In: a rendered page. Out: nothing, or an error with file and line. Code between fences counts only
for its length.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from generator.errors import PageError

MOST_LINE, MOST_HEADING, MOST_WORD = 100_000, 2000, 1000
"""Characters of a line, of a heading, and of a word without a space."""
MOST_QUOTES, MOST_MARKERS, MOST_INDENT = 20, 20, 100
"""Levels of quotes, markers of lists in one line, and columns before a text."""
MOST_OPEN, MOST_CAPTIONS, MOST_ABBREVIATIONS = 50, 300, 200
"""Brackets that are open at a time in a paragraph; `/// caption` and `*[...]:` of a page."""

_FENCE = re.compile(r"[ \t>]*(`{3,}|~{3,})")
_QUOTES = re.compile(r"[> \t]*")
_MARKERS = re.compile(r"(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)+")
_MARKER = re.compile(r"[-*+]|\d+[.)]")
_BRACKET = re.compile(r"\\.|[\[\]()<>]")
_HEADING = re.compile(r" {0,3}#{1,6}[ \t]")
_TAG = re.compile(r"<[^<>]*>")
_WORD = re.compile(rf"[^\W_]{{{MOST_WORD + 1}}}")

Place = Callable[[str], str]
"""From a piece of the page's text to "content/q1.md:12"."""


def refuse_deep(markdown: str, place: Place) -> None:
    """Refuses what would take a parser too long.

    Raises:
        PageError: names the file and line.
    """
    captions = abbreviations = 0
    opened = {"[": 0, "(": 0, "<": 0}
    for line, is_code in _lines(markdown):
        if len(line) > MOST_LINE:
            raise _error(place, line, f"a line of {len(line)} characters; at most {MOST_LINE}")
        if is_code:
            continue
        text = line.lstrip(" \t>")
        captions += text.startswith("///") and len(text.strip("/ \n")) > 0
        abbreviations += text.startswith("*[")
        why = _too_deep(line, text) or _too_many(captions, abbreviations)
        if not why and not text:
            opened = dict.fromkeys(opened, 0)
        why = why or _opens(text, opened)
        if why:
            raise _error(place, line, why)


def _lines(markdown: str) -> Iterator[tuple[str, bool]]:
    """Each line, and whether it is code between fences."""
    fence = ""
    for line in markdown.split("\n"):
        mark = _FENCE.match(line)
        if fence:
            yield line, True
            if mark and mark[1].startswith(fence) and not line[mark.end() :].strip("`~ \t"):
                fence = ""
        else:
            fence = mark[1] if mark and mark[1][0] not in line[mark.end() :] else ""
            yield line, bool(fence)


def _too_deep(line: str, text: str) -> str:
    before = line[: len(line) - len(text)]
    if before.count(">") > MOST_QUOTES:
        return f"more than {MOST_QUOTES} quotes within each other"
    if text and not text.startswith("<") and len(before.expandtabs(4)) > MOST_INDENT:
        return f"more than {MOST_INDENT} columns of indentation: this lies too deep"
    markers = _MARKERS.match(text)
    if markers and len(_MARKER.findall(markers[0])) > MOST_MARKERS:
        return f"more than {MOST_MARKERS} lists within each other"
    if len(line) > MOST_HEADING and _HEADING.match(line):
        return f"a heading of {len(line)} characters; at most {MOST_HEADING} make sense"
    if len(line) > MOST_WORD and _WORD.search(_TAG.sub(" ", text)):
        return f"a word of more than {MOST_WORD} letters; put spaces into it"
    return ""


def _too_many(captions: int, abbreviations: int) -> str:
    if captions > MOST_CAPTIONS:
        return f"more than {MOST_CAPTIONS} blocks such as `/// caption` on one page"
    if abbreviations > MOST_ABBREVIATIONS:
        return f"more than {MOST_ABBREVIATIONS} abbreviations on one page"
    return ""


def _opens(text: str, opened: dict[str, int]) -> str:
    """Counts what is open in a paragraph, and says if it is too much."""
    for found in _BRACKET.finditer(text):
        mark = found[0]
        if mark in opened:
            opened[mark] += 1
            if opened[mark] > MOST_OPEN:
                return f"more than {MOST_OPEN} `{mark}` that are open at the same time"
        elif mark in _CLOSES:
            opened[_CLOSES[mark]] = max(0, opened[_CLOSES[mark]] - 1)
    return ""


_CLOSES = {"]": "[", ")": "(", ">": "<"}


def _error(place: Place, line: str, why: str) -> PageError:
    return PageError(f"{place(line.strip()[:200])}: {why}")
