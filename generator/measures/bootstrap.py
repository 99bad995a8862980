"""Intervals for numbers that are measured on a few images (Efron's percentile bootstrap).

In: one or several values per image. Out: the number and its 95 % interval, the one that
`scipy.stats.bootstrap` gives, for thousands of numbers from the same draws. The images are
drawn, not the values: values of one image are not independent of each other.
"""

from __future__ import annotations

import functools
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
        images: the number of images.
    """

    value: float
    low: float
    high: float
    images: int


@functools.lru_cache(maxsize=8)
def draws_of_images(images: int) -> npt.NDArray[np.int64]:
    """Which images each draw takes, with repetition: (ROUNDS, images), counted from 0."""
    return np.random.default_rng(SEED).integers(images, size=(ROUNDS, images))


def drawn_means(values: Values) -> Values:
    """Means over the same draws of images, for many numbers at once.

    Args:
        values: (images, k), one row per image.

    Returns:
        (ROUNDS, k).
    """
    return np.asarray(_shares_of_images(len(values)) @ values)


def interval_of(value: float, drawn: Values, images: int) -> Interval:
    """The 95 % interval of a number, from its value in each draw, (ROUNDS,)."""
    low, high = np.quantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Interval(value, float(low), float(high), images)


@functools.lru_cache(maxsize=8)
def _shares_of_images(images: int) -> Values:
    """The weight of each image in each draw, (ROUNDS, images); rows sum to 1."""
    counts = [np.bincount(draw, minlength=images) for draw in draws_of_images(images)]
    return np.stack(counts) / images
