"""Typst's markup, cut into the units that pages are filled with, and put together as pages.

In: what `handout/units.lua` marked. Out: the same markup with page breaks, sizes of figures
and the order in which `pagination` wants it. The markup itself is left alone.
"""

from __future__ import annotations

import itertools
import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from generator.handout.pagination import SMALLEST, SURE, Extent, Placement, paginate

WHOLE_MM = {
    "figure": math.inf, "table": math.inf, "card": math.inf,
    "claim": 110, "question": 100, "note": 62,
}  # fmt: skip
"""Up to which height a unit of a kind is not split, in millimetres; others may always be."""

_MARK = re.compile(r"^// unit: (\{.*\})\n", re.MULTILINE)
# Millimetres that a unit needs to begin at the end of a page; a heading needs more.
_START_MM = {"text": 12, "note": 25, "question": 40, "claim": 60, "card": 30}
_HEADING_MM = 14
_BREAK = "#pagebreak(weak: true)\n"
# The highest headings that may come before a figure which waits for the next page.
_OVERTAKES = {"chapter": 3, "image": 9}


@dataclass(frozen=True)
class Unit:
    """A block, together with the headings before it.

    Attributes:
        file: the page that it is from, as "gallery/cats.md".
        starts: "chapter" or "image" if that begins here, which is on a page of its own; or "".
        level: of its first heading, 0 without one.
        kind: as in `WHOLE_MM`, or "text".
        markup: in Typst, with the mark.
    """

    file: str
    starts: str
    level: int
    kind: str
    markup: str


@dataclass(frozen=True)
class Places:
    """Where units lie when pages have no end.

    Attributes:
        room_mm: height of the text on a real page.
        tops_mm: how far down its page each unit begins and ends, one after the other.
    """

    room_mm: float
    tops_mm: tuple[float, ...]


def units_of(body: str) -> tuple[Unit, ...]:
    """Cuts a body at its marks.

    Args:
        body: what pandoc wrote; it begins with a mark.
    """
    marks = list(_MARK.finditer(body))
    ends = [*(mark.start() for mark in marks[1:]), len(body)]
    return tuple(
        Unit(**json.loads(mark[1]), markup=body[mark.start() : end])
        for mark, end in zip(marks, ends, strict=True)
    )


def file_at(source: str, line: int) -> str:
    """The page that a line of a typeset source is from, counted from 1; "" for the template."""
    marks = _MARK.findall("\n".join(source.split("\n")[:line]) + "\n")
    return str(json.loads(marks[-1])["file"]) if marks else ""


def as_pages(
    units: Sequence[Unit], measured: Callable[[str], Places], whole_mm: Mapping[str, float]
) -> str:
    """A body whose pages are well filled.

    Args:
        units: all of them.
        measured: sets a body with the template and tells its places.
        whole_mm: `WHOLE_MM`, or what an edition has in its place.
    """
    full, least = (measured(_to_measure(units, scale)) for scale in (1, SMALLEST))
    starts = [index for index, unit in enumerate(units) if unit.starts or not index]
    body = ""
    for first, end in zip(starts, [*starts[1:], len(units)], strict=True):
        section = units[first:end]
        heights = zip(_heights(full, first, end), _heights(least, first, end), strict=True)
        extents = [
            Extent(
                full=high,
                least=min(low, high),
                level=unit.level,
                is_whole=high <= whole_mm.get(unit.kind, 0) and low <= full.room_mm - SURE,
                start=_START_MM.get(unit.kind, 12) + (_HEADING_MM if unit.level else 0),
                floats=unit.kind == "figure",
            )
            for unit, (high, low) in zip(section, heights, strict=True)
        ]
        pages = paginate(extents, full.room_mm, _OVERTAKES.get(section[0].starts, 3))
        body += _BREAK + "".join(
            _placed(section[one.index], one, extents[one.index].is_whole) for one in pages
        )
    return body


def _to_measure(units: Sequence[Unit], scale: float) -> str:
    """A body that tells where each unit begins and ends, with all figures in one size."""
    marked = (
        f"{_BREAK if unit.starts else ''}#unit-edge\n{unit.markup}\n#unit-edge\n\n"
        for unit in units
    )
    return f"#let picture-scale = {scale}\n\n{''.join(marked)}#told-places\n"


def _heights(places: Places, first: int, end: int) -> list[float]:
    """Of the units of a section, in millimetres, with the white space up to the next one."""
    tops = places.tops_mm
    begins = [*tops[2 * first : 2 * end : 2], tops[2 * end - 1]]
    return [below - above for above, below in itertools.pairwise(begins)]


def _placed(unit: Unit, placement: Placement, is_whole: bool) -> str:
    """The markup of a unit where it was placed."""
    settings = []
    if unit.kind in WHOLE_MM and not is_whole:
        settings.append("#let is-whole = false")
    if placement.scale != 1:
        settings.append(f"#let picture-scale = {placement.scale:.3f}")
    if placement.floats:
        settings.append("#set figure(placement: top)")
    markup = unit.markup
    if settings:
        markup = "#[\n{}\n{}\n]\n\n".format("\n".join(settings), markup.rstrip())
    return f"{_BREAK if placement.begins_page else ''}{markup}"
