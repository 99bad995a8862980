"""The arrangement of an image and the maps around it, on a grid whose unit is one map.

In: the number of maps, and the image's aspect. Out: an `Arrangement`. It knows neither
inches nor axes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

# Beyond this aspect, maps left and right of a wide image would be slivers.
_WIDE = 3.5


@dataclass(frozen=True)
class Arrangement:
    """Positions in units of maps, from the top left; halves mean "centred".

    Attributes:
        columns: the grid's width.
        rows: the grid's height.
        image: (column, row) of the image's top left.
        span: how many columns and rows the image covers.
        slots: (column, row) of each map, in the order of the points: down the columns
            from left to right, or along the rows above and below a wide image.
    """

    columns: int
    rows: int
    image: tuple[float, float]
    span: int
    slots: tuple[tuple[float, float], ...]


def arrange(n: int, aspect: float) -> Arrangement:
    """Puts n maps around an image of the aspect width / height.

    Up to four go left and right of it, more go below and above. A panorama has its maps
    above and below it, a tall and narrow image left and right, each as large as the image.
    """
    if n == 0:
        return Arrangement(1, 1, (0, 0), 1, ())
    if aspect > _WIDE:
        return _stacked(n)
    if aspect < 1 / _WIDE:
        turned = _stacked(n)
        slots = tuple((column, row) for row, column in turned.slots)
        return Arrangement(turned.rows, turned.columns, turned.image[::-1], turned.span, slots)
    if n <= 2:
        slots = ((1.0, 0.0),) if n == 1 else ((0.0, 0.0), (2.0, 0.0))
        return Arrangement(n + 1, 1, (n - 1, 0), 1, slots)
    return _ring(n)


def _stacked(n: int) -> Arrangement:
    """Up to four rows of maps above and below the image, which is as wide as a row."""
    span = math.ceil(n / 4)
    lines = math.ceil(n / span)
    above = lines // 2
    slots = []
    for index in range(n):
        line, column = divmod(index, span)
        in_line = min(span, n - line * span)
        slots.append((column + (span - in_line) / 2, float(line + (span if line >= above else 0))))
    return Arrangement(span, lines + span, (0, above), span, tuple(slots))


def _ring(n: int) -> Arrangement:
    """Two maps on each side of the image, the rest in rows of four below and above it."""
    right, extra = min(2, n - 2), max(0, n - 4)
    above = min(4, extra // 2) if extra > 2 else 0
    below = extra - above
    first = 1 if above else 0
    sides = [(0.0, float(first + i)) for i in range(2)]
    sides += [(3.0, first + i + (2 - right) / 2) for i in range(right)]
    outer = _centred(above, 0)
    for line in range(math.ceil(below / 4)):
        outer += _centred(min(4, below - 4 * line), first + 2 + line)
    rows = first + 2 + math.ceil(below / 4)
    return Arrangement(4, rows, (1, first), 2, tuple(sorted(sides + outer)))


def _centred(count: int, row: int) -> list[tuple[float, float]]:
    return [((4 - count) / 2 + i, float(row)) for i in range(count)]
