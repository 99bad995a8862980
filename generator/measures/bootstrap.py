"""Intervals for numbers that are measured on a few images (Efron's percentile bootstrap).

In: one or several values per image. Out: the number and its 95 % interval. The images are
drawn, not the values: values of one image are not independent of each other.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Values = npt.NDArray[np.float64]
SEED = 0
ROUNDS = 1000
LEVEL = 0.95


@dataclass(frozen=True)
class Interval:
    """A number with its interval.

    Attributes:
        value: on all images.
        low, high: the interval's ends.
        images: how many images it rests on.
    """

    value: float
    low: float
    high: float
    images: int


def bootstrap(values: Sequence[Values], statistic: Callable[[Values], float]) -> Interval:
    """Draws the images again and again, with repetition, and looks how the number varies.

    Args:
        values: for each image its values, (n,) or (n, k); images without any are left out.
        statistic: maps all values, (N,) or (N, k), to a number.

    Raises:
        ValueError: no image has a value.
    """
    kept = [np.asarray(value) for value in values if len(value)]
    if not kept:
        raise ValueError("there is no value to make an interval of")
    rng = np.random.default_rng(SEED)
    drawn = [
        statistic(np.concatenate([kept[i] for i in rng.integers(len(kept), size=len(kept))]))
        for _ in range(ROUNDS)
    ]
    low, high = np.quantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Interval(statistic(np.concatenate(kept)), float(low), float(high), len(kept))


def drawn_means(values: Values) -> Values:
    """Means over the same draws of images that `bootstrap` makes, for many numbers at once.

    Args:
        values: (images, k), one row an image.

    Returns:
        (ROUNDS, k).
    """
    return np.asarray(_shares_of_images(len(values)) @ values)


def interval_of(value: float, drawn: Values, images: int) -> Interval:
    """The 95 % interval of a number from what it was in each draw, (ROUNDS,)."""
    low, high = np.quantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Interval(value, float(low), float(high), images)


@functools.lru_cache(maxsize=8)
def _shares_of_images(images: int) -> Values:
    """How much each image weighs in each draw, (ROUNDS, images); rows sum to 1."""
    rng = np.random.default_rng(SEED)
    draws = [np.bincount(rng.integers(images, size=images), minlength=images)
             for _ in range(ROUNDS)]  # fmt: skip
    return np.stack(draws) / images
