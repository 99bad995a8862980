import dataclasses
import math

import numpy as np
import pytest

from generator.inference.forward_pass import ForwardPass
from generator.measures.distance import cell_centres, distances_between
from generator.measures.encoder import measure_encoder
from generator.measures.measurement import Measurement
from generator.measures.most_read import find_sinks
from generator.measures.target_boxes import TargetBoxes, target_boxes
from generator.measures.without_sinks import measure_without_sinks, rest_of
from tests.conftest import MakeForward
from tests.grids import even_grid
from tests.measures.planting import one_hot, planted, random_rows

GRID, CELLS, SINK = (4, 5), 20, 15  # one cell is the most read: the bottom left corner
LEFT, RIGHT = [0.0, 0.0, 0.2, 0.25], [0.6, 0.5, 0.8, 0.75]  # the cells 0 and 13
BOXES = target_boxes(np.array([LEFT, RIGHT]), np.arange(2), ("cat", "cat"))


def forward_of(make_forward: MakeForward, rows: np.ndarray) -> ForwardPass:
    return dataclasses.replace(make_forward(GRID), encoder_self=planted(rows[None, None]))


def with_sink(rows: np.ndarray, weight: float = 0.6) -> np.ndarray:
    """The same rows with so much of their weight in the corner."""
    return (1 - weight) * rows + weight * one_hot([SINK] * CELLS, CELLS)


def measured(forward: ForwardPass, boxes: TargetBoxes = BOXES) -> dict[str, Measurement]:
    """Of the mean map, both with and without the sinks."""
    ones = (
        *measure_encoder(forward, {"": boxes}),
        *measure_without_sinks(forward, find_sinks(forward), {"": boxes}),
    )
    return {one.measure: one for one in ones if one.head is None}


def test_even_rows_with_a_sink_are_even_without_it(make_forward: MakeForward) -> None:
    """A sink makes them sharp and far-reaching; taken out, they are the uniform control."""
    found = measured(forward_of(make_forward, with_sink(np.full((CELLS, CELLS), 1 / CELLS))))
    assert found["entropy"].value < 0.75
    assert found["entropy_without_sinks"].value == pytest.approx(1)
    assert found["entropy_without_sinks"].count == CELLS
    distance = found["distance_without_sinks"]
    assert found["distance"].value > (found["distance"].control("uniform") or 0) * 1.1
    assert distance.value == pytest.approx(distance.control("uniform"))


def test_local_rows_with_a_sink_are_local_without_it(make_forward: MakeForward) -> None:
    centres = cell_centres(even_grid(*GRID))
    near = np.exp(-3 * distances_between(centres, centres))
    near /= near.sum(axis=1, keepdims=True)
    found = measured(forward_of(make_forward, with_sink(near)))
    distance = found["distance_without_sinks"]
    ratio = found["distance"].value / (found["distance"].control("uniform") or 1)
    assert ratio > 0.75  # "global"
    assert distance.value / (distance.control("uniform") or 1) < 0.4


def test_the_numbers_are_those_of_the_rest_of_each_row(make_forward: MakeForward) -> None:
    rows = with_sink(random_rows(CELLS, CELLS))
    found = measured(forward_of(make_forward, rows))
    others = [cell for cell in range(CELLS) if cell != SINK]
    rest = rows[:, others] / rows[:, others].sum(axis=1, keepdims=True)
    apart = distances_between(cell_centres(even_grid(*GRID)), cell_centres(even_grid(*GRID)))[
        :, others
    ]
    diagonal = math.hypot(*GRID)
    entropy = -(rest * np.log(rest)).sum(axis=1) / math.log(CELLS - 1)
    assert found["entropy_without_sinks"].value == pytest.approx(entropy.mean(), rel=1e-5)
    distance = found["distance_without_sinks"]
    expected = (rest * apart).sum(axis=1).mean() / diagonal
    assert distance.value == pytest.approx(expected, rel=1e-5)
    assert distance.control("uniform") == pytest.approx(apart.mean() / diagonal)


def test_objects_are_told_apart_by_what_a_sink_leaves(make_forward: MakeForward) -> None:
    """Each half of the cells looks at its own box; a sink in one box hides it."""
    own = one_hot([0] * 10 + [13] * 10, CELLS) * 0.9 + 0.1 / CELLS
    found = measured(forward_of(make_forward, with_sink(own, 0.7)))
    assert found["separation_without_sinks"].value == pytest.approx(
        found["separation"].value, rel=1e-3
    )
    lift, plain = found["own_lift_without_sinks"], found["own_lift"]
    # Scaled by 1 / (1 - 0.7 - 0.3 * 0.1 / 20), over boxes that are 1 / 19 and not 1 / 20.
    assert lift.value / plain.value == pytest.approx(19 / 20 / (0.3 - 0.0015), rel=1e-3)
    assert lift.control("ceiling") == pytest.approx(19)
    assert lift.control("uniform") == 1
    assert {name for name, _ in lift.controls} == {name for name, _ in plain.controls}
    assert found["separation_same_class_without_sinks"].count == 2


def test_a_box_that_is_a_sink_is_left_out(make_forward: MakeForward) -> None:
    corner = target_boxes(np.array([[0.0, 0.75, 0.2, 1.0]]), np.arange(1), ("cat",))
    forward = forward_of(make_forward, with_sink(random_rows(CELLS, CELLS)))
    found = measured(forward, corner)
    assert found["own_lift"].value > 10
    assert "own_lift_without_sinks" not in found


def test_sinks_behind_the_sinks_are_seen(make_forward: MakeForward) -> None:
    """The corner takes in most, and a cell beside it most of what is left."""
    even = np.full((CELLS, CELLS), 1 / CELLS)
    one = measured(forward_of(make_forward, with_sink(even)))["sink_share_without_sinks"]
    assert one.value == pytest.approx(one.control("any_cells")) == 1 / 19
    beside = 0.2 * even + 0.8 * one_hot([SINK + 1] * CELLS, CELLS)
    one = measured(forward_of(make_forward, with_sink(beside, 0.9)))["sink_share_without_sinks"]
    assert one.value == pytest.approx((0.8 + 0.2 / 20) / (1 - 0.2 / 20))


def test_rows_with_nothing_else_are_left_out(make_forward: MakeForward) -> None:
    rows = random_rows(CELLS, CELLS)
    rows[:15] = one_hot([SINK] * 15, CELLS)
    found = measured(forward_of(make_forward, rows))
    assert found["entropy_without_sinks"].count == found["distance_without_sinks"].count == 5
    nothing = measured(forward_of(make_forward, one_hot([SINK] * CELLS, CELLS)))
    assert not [name for name in nothing if name.endswith("_without_sinks")]


def test_what_is_left_sums_to_one() -> None:
    rows = np.array([[0.5, 0.25, 0.25], [1.0, 0.0, 0.0]])
    rest = rest_of(rows, np.array([1, 2]))
    np.testing.assert_array_equal(rest[0], [0.5, 0.5])
    assert np.isnan(rest[1]).all()


def test_a_single_cell_and_no_boxes(make_forward: MakeForward) -> None:
    single = make_forward((1, 1))
    assert not list(measure_without_sinks(single, find_sinks(single), {}))
    nobody = target_boxes(np.zeros((0, 4)), np.arange(0), ())
    found = measured(forward_of(make_forward, with_sink(random_rows(CELLS, CELLS))), nobody)
    assert {name for name in found if name.endswith("_without_sinks")} == {
        "entropy_without_sinks", "distance_without_sinks", "sink_share_without_sinks",
    }  # fmt: skip
