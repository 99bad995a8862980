"""Intervals for numbers that are measured on a few images: Student's t, corrected for skewness.

In: one value per image, or two. Out: the number with its 95 % interval, and how probable such
values would be if the truth lay at a mark. Images are the sample, not their detections, since
values of one image are not independent of each other. All three numbers that decide claims, a
mean, a difference of means and a ratio of means, come down to whether the mean of one value per
image may be 0. `benchmarks/interval_coverage.py` and a test show how often the intervals hold the
truth.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

LEVEL = 0.95
METHOD = (
    "Student's t over images, with Hall's correction for skewness; of ratios, the values that "
    "this test does not reject, as by Fieller"
)
_FARTHEST = 60
"""How often the search for the end of a ratio's interval goes half as far again."""


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
    """The mean of one value per image: every number that `_statistic` tells no difference from.

    Raises:
        ValueError: there are fewer than two images.
    """
    sample = _Sample(values)
    mean, deviation, skewness = sample.mean, sample.deviation, sample.skewness
    limit = _quantile(len(values))
    low = mean - deviation * _inverse(limit, skewness, len(values))
    high = mean - deviation * _inverse(-limit, skewness, len(values))
    return Interval(mean, low, high, len(values))


def interval_of_ratio(first: Sequence[float], second: Sequence[float]) -> Interval | None:
    """The mean of `first` over the mean of `second`, of the same images.

    The interval holds every ratio r for which the mean of first - r second may be 0, the idea of
    Fieller (1954, doi 10.1111/j.2517-6161.1954.tb00159.x). It keeps its level where the
    denominator varies, and needs no logarithm, so that `first` may be 0.

    Returns:
        None if the denominator may be 0 or less: then no ratio could be ruled out.

    Raises:
        ValueError: there are fewer than two images, or one list is longer.
    """
    if len(first) != len(second):
        raise ValueError(f"expected as many second values as first, got {len(second)}")
    denominator, limit = _Sample(second), _quantile(len(first))
    if denominator.mean <= 0 or _statistic(denominator) <= limit:
        return None
    value = mean_of(first) / denominator.mean
    # Of a sample of differences, apart from rounding, at the ratio of the means.
    spread = _Sample([one - value * other for one, other in zip(first, second, strict=True)])
    if spread.deviation <= 1e-12 * denominator.mean:
        return Interval(value, value, value, len(first))

    def statistic(ratio: float) -> float:
        rest = [one - ratio * other for one, other in zip(first, second, strict=True)]
        return _statistic(_Sample(rest))

    step = limit * spread.deviation / math.sqrt(len(first)) / denominator.mean
    low = _crossing(lambda ratio: statistic(ratio) - limit, value, -step)
    high = _crossing(lambda ratio: statistic(ratio) + limit, value, step)
    return None if low is None or high is None else Interval(value, low, high, len(first))


def probability_above(values: Sequence[float]) -> float:
    """How probable values at least this far above 0 are, if their true mean is 0: one-sided.

    It is below (1 - `LEVEL`) / 2 exactly where the interval of the mean lies above 0.

    Raises:
        ValueError: there are fewer than two images.
    """
    from scipy.special import stdtr  # only here: a build in which nothing changed needs it not

    sample = _Sample(values)
    if sample.deviation == 0:
        return 0.5 if sample.mean == 0 else float(sample.mean < 0)
    return float(stdtr(len(values) - 1, -_statistic(sample)))


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


class _Sample:
    """A sample's mean, standard deviation (of n - 1), and third moment over its cube."""

    def __init__(self, values: Sequence[float]) -> None:
        self.images = len(values)
        if self.images < 2:
            raise ValueError(f"an interval takes at least two images, got {self.images}")
        self.mean = mean_of(values)
        rest = [value - self.mean for value in values]
        self.deviation = math.sqrt(math.fsum(one * one for one in rest) / (self.images - 1))
        cubes = math.fsum(one**3 for one in rest) / self.images
        self.skewness = cubes / self.deviation**3 if self.deviation else 0.0


def _statistic(sample: _Sample) -> float:
    """Whether a mean differs from 0, by Student's t with n - 1 degrees of freedom.

    With w = mean / deviation and skewness g it is sqrt(n) (w + g w^2 / 3 + g^2 w^3 / 27 + g / 6n),
    Hall's transformation (1992, Journal of the Royal Statistical Society B 54, 221-228). It is
    Student's t for g = 0, and grows with w. Without it the intervals of skewed values, such as
    shares near their end, hold the truth too seldom.
    """
    if sample.deviation == 0:
        return math.copysign(math.inf, sample.mean) if sample.mean else 0.0
    w, g, n = sample.mean / sample.deviation, sample.skewness, sample.images
    return math.sqrt(n) * (w + g * w**2 / 3 + g**2 * w**3 / 27 + g / (6 * n))


def _inverse(statistic: float, skewness: float, images: int) -> float:
    """The w of `_statistic` at which it has a value."""
    u = statistic / math.sqrt(images) - skewness / (6 * images)
    if abs(skewness) < 1e-6:
        return u
    return 3 / skewness * (math.cbrt(1 + skewness * u) - 1)


def _crossing(function: Callable[[float], float], start: float, step: float) -> float | None:
    """Where a function changes its sign, from `start` in the direction of `step`."""
    from scipy.optimize import brentq  # only here: a build in which nothing changed needs it not

    far = start + step
    for _ in range(_FARTHEST):
        if function(start) * function(far) <= 0:
            return float(brentq(function, start, far, xtol=1e-12, rtol=1e-12))
        far = start + (far - start) * 1.5
    return None


@functools.cache
def _quantile(images: int) -> float:
    """Student's t that `LEVEL` of the means lie within, on both sides."""
    from scipy.special import stdtrit

    return float(stdtrit(images - 1, (1 + LEVEL) / 2))
