import dataclasses

import numpy as np
import pytest

from generator.inference.forward_pass import ForwardPass
from generator.measures.measurement import Measurement
from generator.measures.most_read import find_sinks
from generator.measures.sinks import measure_sinks
from generator.measures.target_boxes import TargetBoxes, target_boxes
from tests.conftest import MakeForward
from tests.measures.planting import planted, random_rows

GRID, CELLS = (5, 8), 40  # two of them are the most read, 22 lie on the border
CORNER, INSIDE = 32, 12  # bottom left; second row, fifth column
NOTHING = target_boxes(np.zeros((0, 4)), np.arange(0), ())
BOX = target_boxes(np.array([[0.5, 0.2, 0.625, 0.4]]), np.arange(1), ("cat",))  # the cell INSIDE


def sinking(make_forward: MakeForward, to_corner: float, inside: float = 0.0) -> ForwardPass:
    """Every row gives so much to the corner and a cell inside, and the rest evenly to all."""
    rows = np.full((CELLS, CELLS), (1 - to_corner - inside) / CELLS)
    rows[:, CORNER] += to_corner
    rows[:, INSIDE] += inside
    return dataclasses.replace(make_forward(GRID), encoder_self=planted(rows[None, None]))


def by_name(forward: ForwardPass, boxes: TargetBoxes = NOTHING) -> dict[str, Measurement]:
    ones = measure_sinks(forward, find_sinks(forward), {"": boxes})
    return {one.measure: one for one in ones if one.head is None}


def test_planted_sinks_have_the_planted_share(make_forward: MakeForward) -> None:
    measured = by_name(sinking(make_forward, 0.5, 0.1))
    share, peak = measured["sink_share"], measured["sink_peak"]
    assert share.value == pytest.approx(0.5 + 0.1 + 0.4 * 2 / CELLS)
    assert share.count == CELLS
    assert share.control("any_cells") == pytest.approx(2 / CELLS)
    assert peak.value == pytest.approx(CELLS * (0.5 + 0.4 / CELLS))
    assert measured["sink_brightest"].value == pytest.approx(1)
    assert measured["sink_brightest"].control("any_cells") == pytest.approx(2 / CELLS)
    border = measured["sink_on_border"]
    assert (border.value, border.count) == (0.5, 2)
    assert border.control("any_cells") == pytest.approx(22 / CELLS)


def test_rows_that_agree_are_told_from_rows_that_are_merely_sharp(
    make_forward: MakeForward,
) -> None:
    """Each row has one large weight: in the corner for all, or each at a place of its own."""
    sharp = by_name(sinking(make_forward, 0.5))
    share = sharp["sink_share"]
    shuffled = share.control("shuffled_rows")
    assert shuffled is not None
    assert 0.05 < shuffled < share.value / 2
    rows = np.full((CELLS, CELLS), 0.5 / CELLS) + 0.5 * np.eye(CELLS)
    forward = dataclasses.replace(make_forward(GRID), encoder_self=planted(rows[None, None]))
    alone = by_name(forward)["sink_share"]
    assert alone.value == pytest.approx(2 / CELLS)
    assert (alone.control("shuffled_rows") or 0) > alone.value


def test_even_rows_have_no_sinks(make_forward: MakeForward) -> None:
    measured = by_name(sinking(make_forward, 0.0))
    for name, control in (("sink_share", "shuffled_rows"), ("sink_peak", "shuffled_rows")):
        one = measured[name]
        assert one.value == pytest.approx(one.control(control))
    assert measured["sink_brightest"].value < 1


def test_sinks_are_told_from_cells_of_objects(make_forward: MakeForward) -> None:
    forward = sinking(make_forward, 0.5, 0.1)
    one = by_name(forward, BOX)["sink_in_boxes"]
    assert one.value == 0.5
    assert one.control("any_cells") == pytest.approx(1 / CELLS)
    assert "sink_in_boxes" not in by_name(forward)


def test_each_head_has_its_own_sinks(make_forward: MakeForward) -> None:
    rows = np.full((1, 2, CELLS, CELLS), 0.2 / CELLS)
    rows[0, 0, :, CORNER] += 0.8
    rows[0, 1, :, INSIDE] += 0.8
    forward = dataclasses.replace(make_forward(GRID), encoder_self=planted(rows))
    ones = measure_sinks(forward, find_sinks(forward), {})
    border = {one.head: one.value for one in ones if one.measure == "sink_on_border"}
    # The second sink of a single head is the first of its other cells, which are all the same.
    assert border == {None: 0.5, 0: 1.0, 1: 0.5}


def test_shuffled_rows_are_the_same_each_time(make_forward: MakeForward) -> None:
    pair = planted(random_rows(2, 2, CELLS, CELLS))
    forward = dataclasses.replace(make_forward(GRID), encoder_self=pair)
    assert by_name(forward) == by_name(forward)
