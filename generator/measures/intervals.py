"""Intervals for numbers that are measured on a few images: Student's t, and Fieller's theorem.

In: one value per image, or two. Out: the number with its 95 % interval, and how probable such
values would be if the truth lay at a mark. Images are the sample, not their detections, since
values of one image are not independent of each other. All three numbers that decide claims, a
mean, a difference of means and a ratio of means, come down to the mean of one value per image;
`benchmarks/interval_coverage.py` and a test show how often the intervals hold the truth.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass

LEVEL = 0.95
METHOD = "Student's t over images; of ratios, by Fieller's theorem"


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


def mean_of(values: Sequence[float]) -> float:
    """The mean of at least one value, summed exactly."""
    return math.fsum(values) / len(values)


def interval_of_mean(values: Sequence[float]) -> Interval:
    """The mean of one value per image: m ± t s / sqrt(n), with n - 1 degrees of freedom.

    Student 1908, doi 10.1093/biomet/6.1.1.

    Raises:
        ValueError: there are fewer than two images.
    """
    mean, error = mean_of(values), math.sqrt(_covariance_of_means(values, values))
    reach = _quantile(len(values)) * error
    return Interval(mean, mean - reach, mean + reach, len(values))


def interval_of_ratio(first: Sequence[float], second: Sequence[float]) -> Interval | None:
    """The mean of `first` over the mean of `second`, of the same images.

    Fieller's interval (1954, doi 10.1111/j.2517-6161.1954.tb00159.x) holds every ratio r for
    which the mean of first - r second may be 0, by Student's t. It keeps its level where the
    denominator varies, and needs no logarithm, so that `first` may be 0.

    Returns:
        None if the denominator may be 0 or less: then no ratio could be ruled out.

    Raises:
        ValueError: there are fewer than two images, or one list is longer.
    """
    numerator, denominator = mean_of(first), mean_of(second)
    square = _quantile(len(first)) ** 2
    a = denominator**2 - square * _covariance_of_means(second, second)
    b = numerator * denominator - square * _covariance_of_means(first, second)
    c = numerator**2 - square * _covariance_of_means(first, first)
    if denominator <= 0 or a <= 1e-12 * denominator**2:
        return None
    # Without any spread b^2 and a c are equal, but for rounding.
    root = math.sqrt(max(b * b - a * c, 0.0)) if b * b - a * c > 1e-12 * b * b else 0.0
    value = numerator / denominator
    low, high = (b - root) / a, (b + root) / a
    return Interval(value, min(low, value), max(high, value), len(first))


def probability_above(values: Sequence[float]) -> float:
    """How probable a mean at least this large is, if the true mean is 0: one-sided, Student's t.

    It is below (1 - `LEVEL`) / 2 exactly where the interval of the mean lies above 0.

    Raises:
        ValueError: there are fewer than two images.
    """
    from scipy.special import stdtr  # only here: a build in which nothing changed needs it not

    mean, error = mean_of(values), math.sqrt(_covariance_of_means(values, values))
    if error == 0:
        return 0.5 if mean == 0 else float(mean < 0)
    return float(stdtr(len(values) - 1, -mean / error))


def holm(probabilities: Sequence[float]) -> list[float]:
    """Holm's correction for several tests at once: the smallest times their number, and so on.

    If every claim whose corrected probability is below a level is taken for true, the chance
    that even one of them is wrong is below that level. Holm 1979, Scandinavian Journal of
    Statistics 6, 65-70.

    Returns:
        The corrected probabilities, in the order of the given ones; at most 1.
    """
    number, largest = len(probabilities), 0.0
    corrected = [0.0] * number
    for rank, place in enumerate(sorted(range(number), key=probabilities.__getitem__)):
        largest = max(largest, min(1.0, (number - rank) * probabilities[place]))
        corrected[place] = largest
    return corrected


def _covariance_of_means(first: Sequence[float], second: Sequence[float]) -> float:
    """The estimated covariance of two means over the same images; of one mean, its variance."""
    images = len(first)
    if images < 2:
        raise ValueError(f"an interval takes at least two images, got {images}")
    if images != len(second):
        raise ValueError(f"expected as many second values as first, got {len(second)}")
    centre, other = mean_of(first), mean_of(second)
    products = math.fsum((a - centre) * (b - other) for a, b in zip(first, second, strict=True))
    return products / (images - 1) / images


@functools.cache
def _quantile(images: int) -> float:
    """Student's t that `LEVEL` of the means lie within, on both sides."""
    from scipy.special import stdtrit

    return float(stdtrit(images - 1, (1 + LEVEL) / 2))
