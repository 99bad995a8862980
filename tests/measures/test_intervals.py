"""Intervals are right: by their definition, and as often as they say."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest
from scipy import stats

from generator.measures.intervals import (
    LEVEL,
    Interval,
    holm,
    interval_of_mean,
    interval_of_ratio,
    probability_above,
)

Values = npt.NDArray[np.float64]
Draw = Callable[[np.random.Generator, int], tuple[Values, Values]]
REPETITIONS = 3000


def hall(values: Values) -> float:
    """Hall's statistic by its definition, with SciPy's skewness: whether the mean may be 0."""
    n, deviation = len(values), values.std(ddof=1)
    w = values.mean() / deviation
    g = stats.skew(values) * (values.std() / deviation) ** 3
    return float(np.sqrt(n) * (w + g * w**2 / 3 + g**2 * w**3 / 27 + g / (6 * n)))


@pytest.mark.parametrize("images", [2, 8, 30, 200])
def test_symmetric_values_have_the_interval_of_students_t(images: int) -> None:
    half = np.random.default_rng(images).normal(0, 1, images // 2)
    values = 5 + np.concatenate([half, -half])
    expected = stats.ttest_1samp(values, 0).confidence_interval(LEVEL)
    ours = interval_of_mean(values.tolist())
    assert (ours.low, ours.high) == pytest.approx((expected.low, expected.high))
    assert ours.value == pytest.approx(values.mean())
    assert ours.images == images


@pytest.mark.parametrize("images", [8, 30])
def test_skewed_values_have_the_numbers_that_halls_test_does_not_reject(images: int) -> None:
    values = np.random.default_rng(images).exponential(1, images)
    ours = interval_of_mean(values.tolist())
    limit = stats.t.ppf((1 + LEVEL) / 2, images - 1)
    assert hall(values - ours.low) == pytest.approx(limit)
    assert hall(values - ours.high) == pytest.approx(-limit)
    assert ours.high - ours.value > ours.value - ours.low  # the long side of the population


def test_a_ratio_lies_in_its_interval_if_the_difference_from_it_may_be_nothing() -> None:
    first, second = np.random.default_rng(1).normal([[8.0], [4.0]], 1, (2, 12))
    found = interval_of_ratio(first.tolist(), second.tolist())
    assert found is not None
    assert found.value == pytest.approx(first.mean() / second.mean())
    limit = stats.t.ppf((1 + LEVEL) / 2, 11)
    assert hall(first - found.low * second) == pytest.approx(limit)
    assert hall(first - found.high * second) == pytest.approx(-limit)
    assert found.low < found.value < found.high


def test_a_ratio_of_constants_has_no_width_and_nothing_may_be_the_numerator() -> None:
    assert interval_of_ratio([3.0] * 9, [2.0] * 9) == Interval(1.5, 1.5, 1.5, 9)
    found = interval_of_ratio([0.0] * 9, [1.0, 2.0, 3.0] * 3)
    assert found is not None
    assert (found.low, found.value, found.high) == pytest.approx((0, 0, 0))


@pytest.mark.parametrize("second", [[0.0] * 8, [1.0] + [0.0] * 7, [-1.0, 2.0] * 4, [-2.0] * 8])
def test_there_is_no_ratio_to_what_may_be_nothing(second: list[float]) -> None:
    assert interval_of_ratio([1.0] * 8, second) is None


def test_one_image_has_no_interval_and_both_lists_are_of_the_same_images() -> None:
    with pytest.raises(ValueError, match="at least two images, got 1"):
        interval_of_mean([1.0])
    with pytest.raises(ValueError, match="as many second values as first, got 2"):
        interval_of_ratio([1.0, 2.0, 3.0], [1.0, 2.0])


def test_probability_is_that_of_a_one_sided_test() -> None:
    values = np.random.default_rng(2).normal(0.4, 1, 15)
    assert probability_above(values.tolist()) == pytest.approx(stats.t.sf(hall(values), 14))
    assert probability_above([1.0] * 5) == 0
    assert probability_above([-1.0] * 5) == 1
    assert probability_above([0.0] * 5) == 0.5


def test_probability_and_interval_agree() -> None:
    random = np.random.default_rng(3)
    for _ in range(200):
        values = random.normal(0.6, 1, 10).tolist()
        is_beyond = interval_of_mean(values).low > 0
        assert is_beyond == (probability_above(values) < (1 - LEVEL) / 2)


def test_holm_corrects_step_by_step() -> None:
    # The example of four hypotheses: 4 x .005, 3 x .01, then never less than before.
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([]) == []
    assert holm([0.9, 0.8]) == [1.0, 1.0]


def _by_beta(mass: tuple[float, float], other: tuple[float, float]) -> Draw:
    return lambda random, n: (random.beta(*mass, n), random.beta(*other, n))


def _lifts(random: np.random.Generator, n: int) -> tuple[Values, Values]:
    """Two lifts of the same boxes: large where these are small."""
    size = random.normal(0, 0.35, n)
    return np.exp(2.5 + size + random.normal(0, 0.15, n)), np.exp(random.normal(0, 0.35, n))


def _nearly_all(random: np.random.Generator, n: int) -> tuple[Values, Values]:
    """Shares near their end, with a long tail below: skewed by 1.7."""
    return 1 - random.beta(1, 12, n), random.beta(1, 12, n)


def _distances(random: np.random.Generator, n: int) -> tuple[Values, Values]:
    return random.normal(0.37, 0.02, n), random.normal(0.4, 0.03, n)


def _duplicates(random: np.random.Generator, n: int) -> tuple[Values, Values]:
    """Duplicates, most of the time none, of a few detections."""
    found = random.poisson(4, n) + 1
    return random.binomial(found, 0.15).astype(float), found.astype(float)


POPULATIONS: dict[str, Draw] = {
    "mass, kept and not kept": _by_beta((30, 2), (4, 2)),
    "mass, near its end": _by_beta((20, 1), (2, 4)),
    "separation": lambda random, n: (2 * random.beta(6, 2, n) - 1, 2 * random.beta(4, 3, n) - 1),
    "lift": _lifts,
    "own box": _nearly_all,
    "distance": _distances,
    "duplicates": _duplicates,
}


@pytest.mark.slow
@pytest.mark.parametrize("images", [10, 30])
@pytest.mark.parametrize("population", POPULATIONS)
def test_intervals_hold_the_truth_as_often_as_they_say(population: str, images: int) -> None:
    """Coverage by simulation, for populations like those of the measures; the seed is fixed."""
    draw, random = POPULATIONS[population], np.random.default_rng(images)
    first, second = draw(random, 500_000)  # their mean is 100 times as exact as that of 50 images
    truths = {
        "difference": first.mean() - second.mean(), "ratio": first.mean() / second.mean(),
    }  # fmt: skip
    held = dict.fromkeys(truths, 0)
    for _ in range(REPETITIONS):
        one, other = draw(random, images)
        found = {
            "difference": interval_of_mean((one - other).tolist()),
            "ratio": interval_of_ratio(one.tolist(), other.tolist()),
        }
        for name, truth in truths.items():
            interval = found[name]
            held[name] += interval is not None and interval.low <= truth <= interval.high
    tested = {"difference"} if population == "separation" else set(truths)  # it may be below 0
    for name in tested:
        assert 0.93 <= held[name] / REPETITIONS <= 0.97, (name, held[name] / REPETITIONS)
