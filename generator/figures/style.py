"""The common look of all figures: fonts, sizes and matplotlib's settings. It draws nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import matplotlib
from matplotlib.colors import to_rgb

# All figures are equally wide, so that a point of type has the same size in all on a page.
WIDTH, NARROW_WIDTH = 7.0, 3.1
"""Width of every figure in inches; and of those for a narrow screen, on which a point is 1.6 CSS
pixels, so that the smallest words are 12 pixels high on a telephone."""
_NARROW: ContextVar[bool] = ContextVar("narrow", default=False)

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


@contextmanager
def narrow_screen() -> Iterator[None]:
    """While open, figures that can be drawn for a narrow screen are."""
    token = _NARROW.set(True)
    try:
        yield
    finally:
        _NARROW.reset(token)


def is_narrow() -> bool:
    """Whether figures are drawn for a narrow screen."""
    return _NARROW.get()


def width() -> float:
    """The width in inches of the figures that are being drawn."""
    return NARROW_WIDTH if is_narrow() else WIDTH


def ink_on(colour: str) -> str:
    """Black or white, whichever contrasts more with the colour (WCAG 2 luminance)."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return "black" if (luminance + 0.05) ** 2 > 0.05 * 1.05 else "white"
