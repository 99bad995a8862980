"""The colours of queries and points, in figures and on pages alike.

In: query ids and counts. Out: colours. It imports no matplotlib, so that pages need none.
"""

from __future__ import annotations

import colorsys
import math
from collections.abc import Iterable

# From Paul Tol's qualitative sets. These eight differ most under the three kinds of colour
# blindness (Machado 2009, distances in OKLab); each has a contrast of at least 2:1 with white.
BASE_COLOURS = (
    "#0077bb", "#ddaa33", "#cc3311", "#33bbee", "#aa3377", "#332288", "#ee6677", "#661100",
)  # fmt: skip
_GOLDEN = (math.sqrt(5) - 1) / 2


def query_colours(queries: Iterable[int]) -> dict[int, str]:
    """One colour per kept query, "#rrggbb", all different.

    A query takes the colour of its id, counted round the eight base colours, or the next
    free one; when those are used up, golden-angle hues. With the best score first, a lower
    threshold adds queries at the end and recolours none.

    Args:
        queries: ids of the kept queries, best first.
    """
    colours: dict[int, str] = {}
    for query in map(int, queries):
        turns = (
            BASE_COLOURS[(query + step) % len(BASE_COLOURS)] for step in range(len(BASE_COLOURS))
        )
        free = (colour for colour in turns if colour not in colours.values())
        colours[query] = next(free, None) or _golden(len(colours) - len(BASE_COLOURS))
    return colours


def point_colours(n: int) -> tuple[str, ...]:
    """The colours of n numbered points, "#rrggbb", all different."""
    return tuple(query_colours(range(n)).values())


def _golden(index: int) -> str:
    """A hue that is far from those of the neighbouring indices, at one of three shades."""
    shade = (0.36, 0.52, 0.66)[index % 3]
    red, green, blue = colorsys.hls_to_rgb((0.3 + index * _GOLDEN) % 1, shade, 0.7)
    return f"#{round(red * 255):02x}{round(green * 255):02x}{round(blue * 255):02x}"
