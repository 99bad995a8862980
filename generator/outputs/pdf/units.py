"""Typst's markup, cut into the units that pages are filled with, and put together as pages.

In: the markup with the marks of `templates/handout/units.lua`. Out: the same markup in the
order of `pagination`, with its page breaks and sizes of figures. The units' own markup is not
changed.
"""

from __future__ import annotations

import itertools
import json
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from generator.outputs.pdf.pagination import SMALLEST, SPARE, Extent, Placement, paginate


@dataclass(frozen=True)
class Kind:
    """How units of a kind may be split at the end of a page; lengths in millimetres.

    Attributes:
        whole: up to this height a unit is not split.
        start: the room that a page must have left for a split unit to begin there.
    """

    whole: float
    start: float


KINDS = {
    "text": Kind(whole=0, start=12),
    "figure": Kind(whole=math.inf, start=12),
    "picture": Kind(whole=math.inf, start=12),
    "table": Kind(whole=math.inf, start=25),
    "card": Kind(whole=math.inf, start=30),
    "claim": Kind(whole=0, start=60),
    "rows": Kind(whole=180, start=60),
    "question": Kind(whole=150, start=40),
    "together": Kind(whole=math.inf, start=40),
    "note": Kind(whole=62, start=25),
}
"""The kinds of units, by the names that `units.lua` gives them."""

# A card with an answer takes up to a page, so it may be split at any height.
INSTRUCTOR_KINDS = {**KINDS, "card": Kind(whole=0, start=30)}

_HEADING_MM = 14
_MARK = re.compile(r"^// unit: (\{.*\})\n", re.MULTILINE)
_PART = re.compile(r"^// part: (\{.*\})\n", re.MULTILINE)
_BREAK = "#pagebreak(weak: true)\n"
# The lowest level of a heading whose block may come before a figure that waits for a page.
_OVERTAKES = {"chapter": 3, "image": 9}


@dataclass(frozen=True)
class Unit:
    """A block, together with the headings before it.

    Attributes:
        file: the page that it is from, such as "gallery/cats.md".
        starts: "chapter" or "image" if one begins here, on a new page; else "".
        level: of its first heading, 0 without one.
        kind: as in `KINDS`.
        markup: in Typst, including the mark.
    """

    file: str
    starts: str
    level: int
    kind: str
    markup: str


@dataclass(frozen=True)
class Places:
    """The places of units when pages have no end.

    Attributes:
        room_mm: height of the text on a real page.
        edges_mm: the distance from the top of its page to the start of each unit, and, after
            the last unit of each section, to its end; (units + sections,).
    """

    room_mm: float
    edges_mm: tuple[float, ...]


def units_of(body: str) -> tuple[Unit, ...]:
    """Cuts a body at its marks.

    Args:
        body: from pandoc; it begins with a mark.
    """
    marks = list(_MARK.finditer(body))
    edges = itertools.pairwise([0, *(mark.start() for mark in marks[1:]), len(body)])
    return tuple(
        Unit(**json.loads(mark[1]), markup=body[start:end])
        for mark, (start, end) in zip(marks, edges, strict=True)
    )


def file_at(source: str, offset: int) -> str:
    """The page that a place in a typeset source is from; "" for the template."""
    marks = [mark for mark in _MARK.finditer(source) if mark.start() <= offset]
    return str(json.loads(marks[-1][1])["file"]) if marks else ""


def as_pages(
    units: Sequence[Unit], measured: Callable[[str], Places], kinds: Mapping[str, Kind] = KINDS
) -> str:
    """A body whose pages are well filled.

    Args:
        units: all of them.
        measured: typesets a body with the template and returns its places.
        kinds: `KINDS`, or those of an edition.
    """
    sections = list(_sections(units))
    full, least = (measured(_to_measure(sections, scale)) for scale in (1, SMALLEST))
    lows = [low for section in _heights(least, sections) for low in section]
    if parted := _parted(units, lows, full.room_mm - SPARE):
        return as_pages(parted, measured, kinds)
    heights = zip(sections, _heights(full, sections), _heights(least, sections), strict=True)
    body = ""
    for section, high, low in heights:
        extents = [
            _extent(unit, *both, full.room_mm, kinds)
            for unit, both in zip(section, zip(high, low, strict=True), strict=True)
        ]
        pages = paginate(extents, full.room_mm, _OVERTAKES.get(section[0].starts, 3))
        body += _BREAK + "".join(
            _placed(section[one.index], one, extents[one.index].is_whole) for one in pages
        )
    return body


def _parted(units: Sequence[Unit], lows: Sequence[float], room: float) -> tuple[Unit, ...] | None:
    """The units, with those that no page can hold together in their parts; None if all fit.

    Args:
        lows: the least height of each unit, in millimetres.
        room: of a page.
    """
    parted: list[Unit] = []
    for unit, low in zip(units, lows, strict=True):
        if low > room and unit.kind == "together" and _PART.search(unit.markup):
            parts = units_of(_PART.sub(r"// unit: \1\n#unit-edge\n", _alone(unit.markup)))
            first = replace(parts[0], starts=unit.starts, level=unit.level)
            parted += [first, *parts[1:]]
        else:
            parted.append(unit)
    return tuple(parted) if len(parted) > len(units) else None


def _alone(markup: str) -> str:
    """A unit's markup whose own mark is its first part's: what leads to it stays with that."""
    own, first = _MARK.match(markup), _PART.search(markup)
    if own is None or first is None:
        return markup
    lead = markup[own.end() : first.start()].replace("#unit-edge\n", "", 1)
    return first[0] + lead + markup[first.end() :]


def _sections(units: Sequence[Unit]) -> Iterator[Sequence[Unit]]:
    """Splits the units where a new page has to begin."""
    starts = [index for index, unit in enumerate(units) if unit.starts or not index]
    for first, end in itertools.pairwise([*starts, len(units)]):
        yield units[first:end]


def _to_measure(sections: Sequence[Sequence[Unit]], scale: float) -> str:
    """A body that reports where each unit begins, with all figures at one scale."""
    bodies = ("".join(unit.markup for unit in section) for section in sections)
    body = _BREAK.join(f"{one}\n#unit-edge\n" for one in bodies)
    return f"#let picture-scale = {scale}\n\n{body}#unit-places\n"


def _heights(places: Places, sections: Sequence[Sequence[Unit]]) -> Iterator[list[float]]:
    """The heights of each section's units, in millimetres, up to the start of the next unit."""
    edges = iter(places.edges_mm)
    for section in sections:
        own = list(itertools.islice(edges, len(section) + 1))
        yield [below - above for above, below in itertools.pairwise(own)]


def _extent(
    unit: Unit, full: float, least: float, room: float, kinds: Mapping[str, Kind]
) -> Extent:
    kind = kinds[unit.kind]
    is_whole = full <= kind.whole and least <= room - SPARE
    return Extent(
        full=full,
        least=min(full, least),
        level=unit.level,
        is_whole=is_whole,
        start=kind.start + (_HEADING_MM if unit.level else 0),
        floats=is_whole and unit.kind == "figure",
    )


def _placed(unit: Unit, placement: Placement, is_whole: bool) -> str:
    """The markup of a unit with its placement."""
    settings = []
    if not is_whole:
        settings.append("#let is-whole = false")
    if placement.scale != 1:
        settings.append(f"#let picture-scale = {placement.scale:.3f}")
    if placement.floats:
        settings.append("#set figure(placement: top)")
    markup = unit.markup
    if settings:
        markup = "#[\n{}\n{}\n]\n\n".format("\n".join(settings), markup.rstrip())
    return f"{_BREAK if placement.begins_page else ''}{markup}"
