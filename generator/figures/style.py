"""The common look of all figures: fonts, sizes and matplotlib's settings. It draws nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import matplotlib
from matplotlib.colors import to_rgb

# All figures are equally wide, so that a point of type has the same size in all on a page.
WIDTH = 7.0
"""Width of every figure in inches."""

FONT = "DejaVu Sans"
HEADING_SIZE, TEXT_SIZE, SMALL_SIZE = 10.0, 8.5, 7.5
"""Font sizes in points."""

INK, GREY = "#1a1a1a", "#595959"
"""Colours of text and of side remarks."""

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
    """While open, sets this project's matplotlib settings in place of the user's matplotlibrc.

    The settings belong to the process: draw in several processes, not in several threads.
    """
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(_SETTINGS)
        yield


def ink_on(colour: str) -> str:
    """Black or white, whichever contrasts more with the colour (WCAG 2 luminance)."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return "black" if (luminance + 0.05) ** 2 > 0.05 * 1.05 else "white"
