"""How a number is written, in prose, figures and alternative texts alike."""

from __future__ import annotations

_MOST_DECIMALS = 3
_SIGNIFICANT = 3


def in_digits(value: float, like: float | None = None, *, decimals: int | None = None) -> str:
    """Three digits that count, at most three of them behind the point: "0.012", "12.3", "874".

    The minus sign is a true one, and none stands before a rounded zero. Nothing is "0".

    Args:
        like: a number whose decimals to take, unless the value is larger.
        decimals: how many in any case, for numbers that stand below each other.
    """
    if decimals is None:
        if value == 0:
            return "0"
        decimals = _decimals_of(max(abs(value), abs(like or 0)))
    return f"{round(value, decimals) + 0.0:.{decimals}f}".replace("-", "\u2212")


def _decimals_of(size: float) -> int:
    """How many decimals show three digits that count, once the size is rounded to them."""
    decimals = _MOST_DECIMALS
    while decimals and round(size, decimals) >= 10 ** (_SIGNIFICANT - decimals):
        decimals -= 1
    return decimals
