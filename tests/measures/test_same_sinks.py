import numpy as np
import pytest

from generator.measures.measurement import Measurement
from generator.measures.same_sinks import SinkCells, cells_at_same_places, measure_same_sinks

GRID = (4, 5)  # 20 cells, 14 of them on the border


def image(*cells: int, grid_hw: tuple[int, int] = GRID) -> SinkCells:
    """An image with one layer and the mean of its heads alone."""
    return SinkCells(grid_hw, np.array([[cells]]))


def only(ones: tuple[Measurement, ...]) -> Measurement:
    (one,) = ones
    return one


def test_the_same_corner_in_all_images() -> None:
    ones = [only(of) for of in measure_same_sinks([image(15), image(15), image(15)])]
    for one in ones:
        assert (one.measure, one.mechanism, one.layer, one.head) == (
            "same_sinks", "encoder_self", 0, None,
        )  # fmt: skip
        assert one.value == 1
        assert one.control("any_cells") == pytest.approx(1 / 20)
        assert one.control("any_on_border") == pytest.approx(1 / 14)


def test_other_corners_are_other_places() -> None:
    first, second = measure_same_sinks([image(0), image(19)])
    assert only(first).value == only(second).value == 0
    assert only(first).control("any_on_border") == pytest.approx(1 / 14)


def test_each_image_is_compared_with_the_others_alone() -> None:
    ones = list(measure_same_sinks([image(0, 7), image(0, 8), image(7, 8), image(0, 7)]))
    assert [only(of).value for of in ones] == pytest.approx([4 / 6, 3 / 6, 3 / 6, 4 / 6])
    inside = only(ones[2]).control("any_on_border")  # one of 6, one of 6 and one of 6 inside
    assert inside == pytest.approx(1 / 6)


def test_random_cells_are_as_often_the_same_as_the_controls_say() -> None:
    rng = np.random.default_rng(0)
    border = np.flatnonzero([x in (0, 9) or y in (0, 9) for y in range(10) for x in range(10)])
    images = [image(*sorted(rng.choice(border, 5, False)), grid_hw=(10, 10)) for _ in range(200)]
    ones = [only(of) for of in measure_same_sinks(images)]
    assert np.mean([one.value for one in ones]) == pytest.approx(5 / 36, rel=0.05)
    for one in ones:
        assert one.control("any_on_border") == pytest.approx(5 / 36)
        assert one.control("any_cells") == pytest.approx(0.05)


def test_places_are_fractions_of_the_grid() -> None:
    assert cells_at_same_places((4, 5), (4, 5)).tolist() == list(range(20))
    assert cells_at_same_places((1, 2), (2, 4)).tolist() == [5, 7]
    assert cells_at_same_places((4, 2), (2, 1)).tolist() == [0, 0, 0, 0, 1, 1, 1, 1]
    tall, wide = image(12, grid_hw=(5, 3)), image(10, grid_hw=(3, 5))  # both bottom left
    assert [only(of).value for of in measure_same_sinks([tall, wide])] == [1, 1]


def test_layers_and_heads_are_apart() -> None:
    first = SinkCells(GRID, np.array([[[0], [0]], [[5], [6]]]))
    second = SinkCells(GRID, np.array([[[0], [1]], [[7], [6]]]))
    ones = next(measure_same_sinks([first, second]))
    assert {(one.layer, one.head): one.value for one in ones} == {
        (0, None): 1, (0, 0): 0, (1, None): 0, (1, 0): 1,
    }  # fmt: skip


def test_one_image_has_nothing_to_be_compared_with() -> None:
    assert list(measure_same_sinks([image(3)])) == [()]
    assert list(measure_same_sinks([])) == []
