"""Intervals are those of `scipy.stats.bootstrap`, from the same draws."""

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from scipy.stats import bootstrap

from generator.measures.bootstrap import (
    LEVEL,
    ROUNDS,
    SEED,
    drawn_means,
    draws_of_images,
    interval_of,
)


def by_scipy(values: Sequence[np.ndarray], statistic: Callable[..., object]) -> tuple[float, float]:
    """SciPy's percentile interval of a statistic of paired values, each (images,)."""
    found = bootstrap(
        values,
        statistic,
        n_resamples=ROUNDS,
        paired=True,
        confidence_level=LEVEL,
        method="percentile",
        random_state=np.random.default_rng(SEED),
    ).confidence_interval
    return float(found.low), float(found.high)


@pytest.mark.parametrize("images", [2, 5, 30, 200])
def test_means_and_their_intervals_are_those_of_scipy(images: int) -> None:
    values = np.random.default_rng(images).normal(5, 1, (images, 3))
    drawn = drawn_means(values)
    assert drawn.shape == (ROUNDS, 3)
    for column in range(3):
        ours = interval_of(float(values[:, column].mean()), drawn[:, column], images)
        low, high = by_scipy([values[:, column]], np.mean)
        assert (ours.low, ours.high) == pytest.approx((low, high), rel=1e-12)
        assert (ours.value, ours.images) == (values[:, column].mean(), images)


def test_ratio_of_means_is_drawn_image_by_image_as_in_scipy() -> None:
    first, second = np.random.default_rng(1).normal(5, 1, (2, 12))
    drawn = drawn_means(np.stack([first, second], axis=1))
    ours = interval_of(float(first.mean() / second.mean()), drawn[:, 0] / drawn[:, 1], 12)
    theirs = by_scipy([first, second], lambda a, b, axis: a.mean(axis) / b.mean(axis))
    assert (ours.low, ours.high) == pytest.approx(theirs, rel=1e-12)


def test_interval_shrinks_with_more_images() -> None:
    values = np.random.default_rng(1).normal(5, 1, 200)
    few, many = (
        interval_of(float(some.mean()), drawn_means(some[:, None])[:, 0], len(some))
        for some in (values[:10], values)
    )
    assert few.low < few.value < few.high
    assert many.low < 5 < many.high
    assert many.high - many.low < (few.high - few.low) / 2


def test_draws_are_the_same_each_time() -> None:
    first = draws_of_images(7).copy()
    draws_of_images.cache_clear()
    np.testing.assert_array_equal(draws_of_images(7), first)
    assert first.shape == (ROUNDS, 7)
    assert (first.min(), first.max()) == (0, 6)
