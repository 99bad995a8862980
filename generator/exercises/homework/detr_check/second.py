"""A handed-in notebook -> what its outputs show of question 2.

In: a `HandIn`. Out: `Seen`s, one for each thing that is asked for. Whether a point lies in the
right cell, and whether rows and columns are told apart, is worked out again from what the cells
printed. Nothing is run. A notebook whose code was rewritten may print something else: then it
says "not found", and not "wrong".
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

from generator.exercises.homework.detr_check.reading import HandIn, Part

_NUMBER = r"(-?\d+(?:\.\d+)?)"
_PICTURE = re.compile(r"^Picture: (\d+) x (\d+) pixels, ([0-9a-f]{16})$", re.MULTILINE)
_INPUT = re.compile(r"^Input: (\d+) x (\d+) pixels, (\S+)$", re.MULTILINE)
_SHAPE = re.compile(
    r"^(Feature map|Encoder attention|Reshaped self-attention|Decoder attention): \[([\d, ]+)\]$",
    re.MULTILINE,
)
_QUERY = re.compile(rf"^Query (\d+): (.{{1,60}}?) {_NUMBER}, box ", re.MULTILINE)
_NOTHING = re.compile(r"^Nothing scores above ", re.MULTILINE)
_CELLS = re.compile(rf"^Cells: (\d+) x (\d+), stride (\d+), first {_NUMBER}$", re.MULTILINE)
_MAP = re.compile(rf"^Map of query (\d+): .*; sums to {_NUMBER}$", re.MULTILINE)
_POINT = re.compile(
    rf"^Point (\d+) \({_NUMBER}, {_NUMBER}\): cell row (\d+), column (\d+); "
    rf"its row sums to {_NUMBER}, its column to {_NUMBER}$",
    re.MULTILINE,
)
_MEASURE = re.compile(rf"^(\S.{{3,60}}?) +{_NUMBER}  {_NUMBER} \((.{{1,30}})\)$", re.MULTILINE)
_WANTED_POINTS, _WANTED_MEASURES, _ROUNDED = 4, 6, 0.006
EXAMPLE = "example.png"
_SET_PICTURE = re.compile(r"^[ \t]*PICTURE[ \t]*=([^#\n]{0,500})", re.MULTILINE)
_QUOTED = re.compile(r"['\"]([^'\"]{1,300})['\"]")


@dataclass(frozen=True)
class Seen:
    """One thing that is asked for.

    Attributes:
        name: of it.
        verdict: `found`, `not found`, `wrong`, or `look` where a person should.
        message: a sentence, or "".
    """

    name: str
    verdict: str
    message: str = ""


def second_question(hand_in: HandIn) -> tuple[Seen, ...]:
    """What the outputs of a notebook show of question 2, and of the measures of question 3."""
    return tuple(_all(hand_in))


def measures_in(hand_in: HandIn) -> list[tuple[str, str, str, str]]:
    """The measures of the own picture: words, value, control, and what the control is."""
    part = _part(hand_in, "q3-measures", _MEASURE)
    return (
        [(one[0], one[1], one[2], one[3]) for one in _MEASURE.findall(part.printed)] if part else []
    )


def picture_of(hand_in: HandIn) -> str:
    """What tells one picture from another, or ""."""
    part = _part(hand_in, "q2-picture", _PICTURE)
    found = _PICTURE.search(part.printed) if part else None
    return found[3] if found else ""


def _all(hand_in: HandIn) -> Iterator[Seen]:
    yield _own_picture(hand_in)
    yield _shapes(hand_in)
    yield _detections(hand_in)
    yield _maps(hand_in)
    yield from _points(hand_in)
    count = len(measures_in(hand_in))
    enough = count >= _WANTED_MEASURES
    said = "" if enough else f"{count} of at least {_WANTED_MEASURES} are printed."
    yield Seen("measures of the picture", "found" if enough else "not found", said)


def _part(hand_in: HandIn, name: str, pattern: re.Pattern[str]) -> Part | None:
    """The cell of a name; else, if it printed nothing of the kind, one that did."""
    own = hand_in.names.get(name)
    if own is not None and pattern.search(own.printed):
        return own
    others = (part for part in hand_in.parts if part.is_code and pattern.search(part.printed))
    return next(others, None)


def _missing(hand_in: HandIn, what: str, name: str) -> Seen:
    """What is said of a thing that no cell printed."""
    part = hand_in.names.get(name)
    if part is None:
        return Seen(what, "not found", "Its cell is not there.")
    if part.error:
        return Seen(what, "not found", f"Cell {part.number} stops with {part.error}.")
    if not part.was_run:
        return Seen(what, "not found", f"Cell {part.number} was not run.")
    return Seen(what, "look", f"Cell {part.number} prints something else than it was given with.")


def _own_picture(hand_in: HandIn) -> Seen:
    part = _part(hand_in, "q2-picture", _PICTURE)
    if part is None:
        return _missing(hand_in, "own picture", "q2-picture")
    if EXAMPLE in _names_of_pictures(part.source):
        return Seen("own picture", "look", "It is the example of the kit.")
    return Seen("own picture", "found")


def _names_of_pictures(source: str) -> set[str]:
    """The names of the files that PICTURE is set to, without the ways to them, in small letters."""
    values = " ".join(_SET_PICTURE.findall(source))
    named = (one.replace("\\", "/").rpartition("/")[2] for one in _QUOTED.findall(values))
    return {one.strip().lower() for one in named}


def _sizes(hand_in: HandIn) -> dict[str, list[int]]:
    part = _part(hand_in, "q2-forward", _SHAPE)
    found = _SHAPE.findall(part.printed) if part else []
    return {name: [int(one[:9]) for one in re.findall(r"\d+", sizes)][:6] for name, sizes in found}


def _shapes(hand_in: HandIn) -> Seen:
    what, sizes = "printed shapes", _sizes(hand_in)
    features, encoder = sizes.get("Feature map", []), sizes.get("Encoder attention", [])
    reshaped = sizes.get("Reshaped self-attention", [])
    if not (features and encoder and reshaped):
        return _missing(hand_in, what, "q2-forward")
    h, w = [*features, 0, 0, 0, 0][2:4]
    if encoder != [h * w, h * w] or reshaped != [h, w, h, w]:
        return Seen(what, "wrong", f"{h} x {w} cells do not make an attention of {encoder}.")
    return Seen(what, "found")


def _detections(hand_in: HandIn) -> Seen:
    what = "detections"
    part = _part(hand_in, "q2-detections", _QUERY)
    if part is None:
        return _missing(hand_in, what, "q2-detections")
    if not part.figures:
        return Seen(what, "wrong", f"Cell {part.number} drew nothing.")
    found = len(_QUERY.findall(part.printed))
    if _NOTHING.search(part.printed):
        return Seen(what, "look", "Nothing was found; the best query is shown.")
    return Seen(what, "found", f"{found} {'query' if found == 1 else 'queries'} kept.")


def _maps(hand_in: HandIn) -> Seen:
    what = "a map of each kept query"
    part, kept = _part(hand_in, "q2-decoder", _MAP), _part(hand_in, "q2-detections", _QUERY)
    if part is None:
        return _missing(hand_in, what, "q2-decoder")
    if not part.figures:
        return Seen(what, "wrong", f"Cell {part.number} drew nothing.")
    maps = {query: float(total) for query, total in _MAP.findall(part.printed)}
    queries = [one[0] for one in _QUERY.findall(kept.printed)] if kept else []
    if lost := [one for one in queries if one not in maps]:
        return Seen(what, "wrong", f"There is none of query {', '.join(lost[:5])}.")
    if any(abs(total - 1) > _ROUNDED for total in maps.values()):
        return Seen(what, "wrong", "The map of a query sums to 1; these do not.")
    return Seen(what, "found")


def _points(hand_in: HandIn) -> Iterator[Seen]:
    """Whether the points lie in their cells, and whether rows and columns are told apart."""
    names = ("points in their cells", "rows and columns")
    part = _part(hand_in, "q2-encoder", _POINT)
    if part is None:
        yield from (_missing(hand_in, name, "q2-encoder") for name in names)
        return
    points = _POINT.findall(part.printed)[:20]
    yield _placed(hand_in, names[0], points)
    rows, columns = ([float(one[at]) for one in points] for at in (5, 6))
    if not part.figures:
        yield Seen(names[1], "wrong", f"Cell {part.number} drew nothing.")
    elif any(abs(one - 1) > _ROUNDED for one in rows):
        yield Seen(names[1], "wrong", "A row sums to 1: what is called row here is none.")
    elif all(abs(one - 1) <= _ROUNDED / 6 for one in columns):
        yield Seen(names[1], "wrong", "All columns sum to 1, as rows do: they are rows.")
    else:
        yield Seen(names[1], "found")


def _placed(hand_in: HandIn, what: str, points: list[tuple[str, ...]]) -> Seen:
    of_input, of_cells = (
        _part(hand_in, "q2-model", _INPUT),
        _part(hand_in, "q2-decoder", _CELLS),
    )
    size = _INPUT.search(of_input.printed) if of_input else None
    grid = _CELLS.search(of_cells.printed) if of_cells else None
    if size is None or grid is None:
        return Seen(what, "look", "The size of the input or of the grid is not printed.")
    sides = int(size[1][:9]), int(size[2][:9])
    h, w, stride, first = int(grid[1][:9]), int(grid[2][:9]), int(grid[3][:9]), float(grid[4])
    right = _geometry(size[3])
    if right is not None and (stride, first) != right:
        said = f"{size[3]} has a stride of {right[0]}, and its first cell at {right[1]:g}."
        return Seen(what, "wrong", said)
    for number, x, y, row, column, *_ in points:
        wanted = (
            _cell(float(y), sides[1], h, stride, first),
            _cell(float(x), sides[0], w, stride, first),
        )
        found = int(row[:9]), int(column[:9])
        # Three digits of a fraction are printed: a point between two cells may lie in either.
        if any(
            abs(one - other) > 0.5 + 0.001 * max(sides) / max(stride, 1)
            for one, other in zip(found, wanted, strict=True)
        ):
            said = f"Point {number} lies in row {round(wanted[0])}, column {round(wanted[1])}."
            return Seen(what, "wrong", said)
    if len(points) < _WANTED_POINTS:
        return Seen(what, "not found", f"There are {len(points)} points, and not {_WANTED_POINTS}.")
    return Seen(what, "found")


def _geometry(model: str) -> tuple[int, float] | None:
    """Stride, and where the first cell's centre lies, of the models that are known."""
    if model == "detr_small":
        return 16, 2.0
    return (16 if "dc5" in model else 32, 0.5) if "resnet" in model else None


def _cell(fraction: float, side: int, cells: int, stride: int, first: float) -> float:
    """The cell of a point along one side, as a number that need not be whole."""
    place = (fraction * side - first) / stride if stride else math.nan
    return min(max(place, 0.0), max(cells - 1, 0)) if math.isfinite(place) else -1.0
