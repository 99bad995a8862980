"""One look for every figure: fonts, sizes and colours.

In: query ids and counts. Out: colours and the matplotlib settings. It draws nothing.
"""

from __future__ import annotations

import colorsys
import math
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import matplotlib
from matplotlib.colors import to_rgb

# Every figure is as wide, so that a point of type is as large in each of them on a page.
WIDTH = 7.0
"""Width of every figure in inches."""

FONT = "DejaVu Sans"
HEADING_SIZE, TEXT_SIZE, SMALL_SIZE = 10.0, 8.5, 7.5
"""Font sizes in points."""

INK, GREY = "#1a1a1a", "#595959"
"""Colours of text and of side remarks."""

# From Paul Tol's qualitative sets; these eight stay furthest apart under the three kinds of
# colour blindness (Machado 2009, distances in OKLab), each at least 2:1 against white.
_BASE = (
    "#0077bb", "#ddaa33", "#cc3311", "#33bbee", "#aa3377", "#332288", "#ee6677", "#661100",
)  # fmt: skip
_GOLDEN = (math.sqrt(5) - 1) / 2

_SETTINGS = {
    "figure.facecolor": "white",
    "font.family": FONT,
    "font.size": TEXT_SIZE,
    "path.simplify": False,
    "savefig.facecolor": "white",
    "svg.fonttype": "path",
    "svg.hashsalt": "detr-attention-handout",
    "text.color": INK,
    "text.parse_math": False,  # a "$" in a label is a dollar sign
}


@contextmanager
def figure_style() -> Iterator[None]:
    """Sets this project's matplotlib settings, whatever the user's own matplotlibrc says.

    The settings are the process's: draw in several processes, not in several threads.
    """
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(_SETTINGS)
        yield


def query_colours(queries: Iterable[int]) -> dict[int, str]:
    """One colour a kept query, "#rrggbb", no two alike.

    A query takes the colour of its id, counted round the eight base colours, or the next
    free one; when those are used up come golden-angle hues. In the order best score first,
    a lower threshold adds queries at the end and recolours none.

    Args:
        queries: ids of the kept queries, best first.
    """
    colours: dict[int, str] = {}
    for query in map(int, queries):
        turns = (_BASE[(query + step) % len(_BASE)] for step in range(len(_BASE)))
        free = (colour for colour in turns if colour not in colours.values())
        colours[query] = next(free, None) or _golden(len(colours) - len(_BASE))
    return colours


def point_colours(n: int) -> tuple[str, ...]:
    """The colours of n numbered points, "#rrggbb", no two alike."""
    return tuple(query_colours(range(n)).values())


def _golden(index: int) -> str:
    """A hue that is far from those of the neighbouring indices, at one of three shades."""
    shade = (0.36, 0.52, 0.66)[index % 3]
    red, green, blue = colorsys.hls_to_rgb((0.3 + index * _GOLDEN) % 1, shade, 0.7)
    return f"#{round(red * 255):02x}{round(green * 255):02x}{round(blue * 255):02x}"


def ink_on(colour: str) -> str:
    """Black or white, whichever contrasts more with the colour (WCAG 2 luminance)."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return "black" if (luminance + 0.05) ** 2 > 0.05 * 1.05 else "white"
