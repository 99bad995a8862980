import numpy as np
import pytest

from generator.measures.bootstrap import bootstrap, drawn_means, interval_of


def test_interval_holds_the_mean_and_shrinks_with_more_images() -> None:
    rng = np.random.default_rng(1)
    few = bootstrap([rng.normal(5, 1, 3) for _ in range(10)], lambda v: float(v.mean()))
    many = bootstrap([rng.normal(5, 1, 3) for _ in range(200)], lambda v: float(v.mean()))
    assert few.low < few.value < few.high
    assert many.low < 5 < many.high
    assert many.high - many.low < (few.high - few.low) / 2
    assert (few.images, many.images) == (10, 200)


def test_images_are_drawn_not_values() -> None:
    """Ten equal values in each of two images are worth two values, not twenty."""
    interval = bootstrap([np.zeros(10), np.ones(10)], lambda v: float(v.mean()))
    assert (interval.low, interval.value, interval.high) == (0.0, 0.5, 1.0)


def test_same_values_give_the_same_interval() -> None:
    values = [np.array([1.0, 2.0]), np.array([]), np.array([4.0])]
    first, second = (bootstrap(values, lambda v: float(np.median(v))) for _ in range(2))
    assert first == second
    assert first.images == 2


def test_nothing_has_no_interval() -> None:
    with pytest.raises(ValueError, match="no value"):
        bootstrap([np.array([])], lambda v: float(v.mean()))


def test_many_means_at_once_are_drawn_as_one_is() -> None:
    values = np.random.default_rng(2).normal(5, 1, (30, 3))
    drawn = drawn_means(values)
    assert drawn.shape == (1000, 3)
    for column in range(3):
        one = bootstrap([row[column : column + 1] for row in values], lambda v: float(v.mean()))
        many = interval_of(one.value, drawn[:, column], 30)
        assert (many.low, many.high) == pytest.approx((one.low, one.high))
        assert (many.value, many.images) == (one.value, one.images)
