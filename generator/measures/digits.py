"""How a number is written, in prose, figures and alternative texts alike."""

from __future__ import annotations

_MOST_DECIMALS = 3
_SIGNIFICANT = 3


def in_digits(value: float, like: float | None = None, *, decimals: int | None = None) -> str:
    """Three significant digits, at most three of them decimals: "0.012", "12.3", "874".

    The minus sign is U+2212, and a rounded zero has none. Nothing is "0".

    Args:
        like: a number whose number of decimals to take, unless the value is larger.
        decimals: a fixed number of decimals, for numbers in a column.
    """
    if decimals is None:
        if value == 0:
            return "0"
        decimals = _decimals_of(max(abs(value), abs(like or 0)))
    return f"{round(value, decimals) + 0.0:.{decimals}f}".replace("-", "\u2212")


def _decimals_of(size: float) -> int:
    """How many decimals show three significant digits of a size, after rounding."""
    decimals = _MOST_DECIMALS
    while decimals and round(size, decimals) >= 10 ** (_SIGNIFICANT - decimals):
        decimals -= 1
    return decimals
