import numpy as np
import pytest

from generator.analysis.detections import detect
from generator.analysis.grid import Grid
from generator.inference.causal_tests import (
    BOX_PART,
    EQUAL_MASS,
    ORDERS,
    OTHER_BOX,
    OWN_BOX,
    RANDOM_CELLS,
    ROLLOUT,
    SINKS,
    CausalPlan,
)
from generator.inference.forward_pass import ForwardPass
from generator.measures.attention_rows import attention_weights
from generator.measures.causal.plan import DRAWS, MOST, mass_of_points, plan_of
from generator.measures.localisation import box_coverage
from generator.measures.target_boxes import detected_boxes
from tests.conftest import MakeForward
from tests.grids import even_grid
from tests.sampled import with_one_stack, with_points

GRID = (12, 16)


def masks_of(plan: CausalPlan, kind: str) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """(draws, n, N)."""
    return plan.knock_outs[[one == kind for one in plan.kinds]]


@pytest.fixture
def forward(make_forward: MakeForward) -> ForwardPass:
    return make_forward(GRID, detections=4)


def test_the_own_box_is_every_cell_that_it_touches(forward: ForwardPass) -> None:
    plan = plan_of(forward, 0.9)
    boxes = detected_boxes(detect(forward, 0.9))
    touched = box_coverage(boxes.boxes_xyxy, even_grid(*GRID)).reshape(4, -1) > 1e-6
    np.testing.assert_array_equal(masks_of(plan, OWN_BOX)[0], touched)
    assert plan.queries.tolist() == boxes.queries.tolist()
    assert all(touched[row, cell] for row, cell in enumerate(plan.middles))


def test_what_is_taken_instead_lies_outside_and_is_as_much(forward: ForwardPass) -> None:
    plan = plan_of(forward, 0.9)
    own = masks_of(plan, OWN_BOX)[0]
    room = np.minimum(own.sum(1), (~own).sum(1))
    for kind in (RANDOM_CELLS, SINKS):
        for drawn in masks_of(plan, kind):
            assert not (drawn & own).any()
            np.testing.assert_array_equal(drawn.sum(1), room)
    draws = masks_of(plan, RANDOM_CELLS)
    assert len(draws) == DRAWS
    assert (draws[0] != draws[1]).any()
    others = masks_of(plan, OTHER_BOX)[0]
    np.testing.assert_array_equal(others, np.roll(own, -1, axis=0) & ~own)


def test_equal_attention_is_taken_inside_and_outside(forward: ForwardPass) -> None:
    plan = plan_of(forward, 0.9)
    own, inside, outside = (masks_of(plan, kind)[0] for kind in (OWN_BOX, BOX_PART, EQUAL_MASS))
    maps = np.mean([attention_weights(forward.decoder_cross, one, plan.queries).mean(0)
                    for one in range(2)], axis=0)  # fmt: skip
    assert not (inside & ~own).any()
    assert not (outside & own).any()
    first, second = ((maps * mask).sum(1) for mask in (inside, outside))
    whole = np.where(own, maps, 0).sum(1)
    np.testing.assert_allclose(np.maximum(first, second), np.minimum(whole, 1 - whole))
    np.testing.assert_allclose(first, second, atol=0.005)


def test_orders_hold_every_cell_once(forward: ForwardPass) -> None:
    plan = plan_of(forward, 0.9)
    assert len(plan.orders) == len(ORDERS) - 1
    np.testing.assert_array_equal(
        np.sort(plan.orders, axis=-1), np.broadcast_to(np.arange(192), plan.orders.shape)
    )
    np.testing.assert_array_equal(plan.orders[2][:, 0] // 16, plan.middles // 16)
    assert plan.counts[0] == 0
    assert plan.counts[-1] == 192


def test_the_same_plan_twice_and_never_too_many(make_forward: MakeForward) -> None:
    forward = make_forward(GRID, detections=9)
    first, second = plan_of(forward, 0.9), plan_of(forward, 0.9)
    assert len(first.queries) == MOST
    np.testing.assert_array_equal(first.knock_outs, second.knock_outs)
    np.testing.assert_array_equal(first.orders, second.orders)


@pytest.mark.parametrize("detections", [0, 1])
def test_nothing_found_and_one(make_forward: MakeForward, detections: int) -> None:
    plan = plan_of(make_forward(GRID, detections=detections), 0.9)
    assert plan.knock_outs.shape == (len(plan.kinds), detections, 192)
    assert not masks_of(plan, OTHER_BOX).any()  # there is no other


def test_a_box_that_covers_everything_has_nothing_outside(make_forward: MakeForward) -> None:
    forward = make_forward(GRID, detections=1)
    forward.boxes_cxcywh[-1, :] = (0.5, 0.5, 1, 1)
    plan = plan_of(forward, 0.9)
    assert masks_of(plan, OWN_BOX).all()
    for kind in (RANDOM_CELLS, OTHER_BOX, SINKS, EQUAL_MASS):
        assert not masks_of(plan, kind).any()


@pytest.mark.slow
def test_points_weigh_in_the_cell_whose_centre_is_nearest(forward: ForwardPass) -> None:
    sampled, grid = with_points(forward), Grid.of(forward)
    points = sampled.points["decoder_cross"]
    points.places[0, 3, 0, 0] = [(-0.1, 0.5), (0.5, 1.2), (0.45, 0.45)]  # two read zeros
    expected = np.zeros((points.weights.shape[1], grid.hw[0] * grid.hw[1]))
    for place in np.ndindex(points.weights.shape):
        x, y = points.places[place].astype(np.float64)
        if 0 <= x <= 1 and 0 <= y <= 1:
            column, row = abs(grid.centres_x - x).argmin(), abs(grid.centres_y - y).argmin()
            expected[place[1], row * grid.hw[1] + column] += points.weights[place]
    found = mass_of_points(sampled)
    np.testing.assert_allclose(found, expected / (len(points) * points.heads), atol=1e-9)
    assert found[3].sum() < 1 - 1e-4
    assert found[4].sum() == pytest.approx(1, abs=1e-6)


@pytest.mark.slow
def test_sampled_attention_has_no_orders_and_no_sinks(forward: ForwardPass) -> None:
    plan = plan_of(with_points(forward), 0.9)
    assert (plan.orders == -1).all()
    assert not masks_of(plan, SINKS).any()
    assert masks_of(plan, OWN_BOX).any()
    assert masks_of(plan, EQUAL_MASS).any()
    of_stack = plan_of(with_one_stack(forward), 0.9)
    there = (of_stack.orders >= 0).all(axis=(1, 2)).tolist()
    assert there == [name != ROLLOUT for name in ORDERS[:-1]]
    assert masks_of(of_stack, SINKS).any()
