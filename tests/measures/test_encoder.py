import dataclasses

import numpy as np
import pytest

from generator.inference.forward_pass import ForwardPass
from generator.measures import attention_rows as module
from generator.measures.attention_rows import measured_rows
from generator.measures.distance import cell_centres, distances_between
from generator.measures.encoder import cells_of_centres, measure_encoder
from generator.measures.measurement import Measurement
from generator.measures.target_boxes import TargetBoxes, target_boxes
from tests.conftest import MakeForward
from tests.grids import even_grid
from tests.measures.planting import one_hot, planted, random_rows

GRID = (3, 4)
LEFT, RIGHT = [0.0, 0.0, 0.25, 1 / 3], [0.75, 2 / 3, 1.0, 1.0]  # the cells 0 and 11
BOXES = target_boxes(np.array([LEFT, RIGHT]), np.arange(2), ("cat", "cat"))


def plant(make_forward: MakeForward, rows: np.ndarray) -> ForwardPass:
    return dataclasses.replace(make_forward(GRID), encoder_self=planted(rows))


def by_name(
    forward: ForwardPass, boxes: TargetBoxes = BOXES
) -> dict[tuple[str, int, int | None], Measurement]:
    return {(m.measure, m.layer, m.head): m for m in measure_encoder(forward, {"": boxes})}


def test_planted_layers_give_the_planted_numbers(make_forward: MakeForward) -> None:
    uniform, identity = np.full((12, 12), 1 / 12), np.eye(12)
    forward = plant(make_forward, np.array([[uniform, uniform], [uniform, identity]]))
    measured = by_name(forward)
    assert measured["entropy", 0, None].value == pytest.approx(1)
    assert measured["entropy", 1, 1].value == pytest.approx(0, abs=1e-9)
    assert measured["distance_cells", 1, 1].value == pytest.approx(0, abs=1e-9)
    far = measured["distance", 0, 0]
    assert far.value == pytest.approx(far.control("uniform"))
    assert far.value * 5 == pytest.approx(measured["distance_cells", 0, 0].value)  # 3, 4, 5
    assert measured["head_diversity", 0, None].value == pytest.approx(0, abs=1e-9)
    assert measured["head_diversity", 1, 0].value == measured["head_diversity", 1, 1].value > 0.5
    assert measured["own_lift", 1, 1].value == pytest.approx(12)
    assert measured["own_lift", 1, 1].control("other_boxes") == pytest.approx(0, abs=1e-9)
    assert measured["own_lift", 0, None].value == pytest.approx(1)
    assert measured["separation", 1, 1].value == pytest.approx(1)
    assert measured["separation", 0, None].value == pytest.approx(0, abs=1e-6)
    assert measured["entropy", 0, None].count == 12
    assert measured["separation", 0, None].count == measured["own_lift", 0, None].count == 2


def test_locality_alone_is_not_separation(make_forward: MakeForward) -> None:
    """A map by distance alone has the same lift as its control."""
    centres = cell_centres(even_grid(*GRID))
    rows = np.exp(-2 * np.rint(distances_between(centres, centres)))
    rows /= rows.sum(axis=1, keepdims=True)
    measured = by_name(plant(make_forward, rows[None, None]))
    own = measured["own_lift", 0, None]
    assert own.value > 5
    assert own.control("distance_only") == pytest.approx(own.value, rel=0.15)
    assert ("head_diversity", 0, None) not in measured  # a single head


def test_an_attention_that_knows_instances_beats_distance(make_forward: MakeForward) -> None:
    """Each half of the cells looks at the cell of its own corner, near or far."""
    corners = one_hot([0] * 6 + [11] * 6, 12)
    own = by_name(plant(make_forward, corners[None, None]))["own_lift", 0, None]
    distance_only = own.control("distance_only")
    assert own.value == pytest.approx(12)
    assert distance_only is not None
    assert distance_only < 6


def test_only_points_with_other_boxes_are_compared(make_forward: MakeForward) -> None:
    forward = plant(make_forward, random_rows(1, 2, 12, 12))
    boxes = target_boxes(np.array([LEFT, RIGHT, [0.25, 0, 0.5, 0.9]]), np.arange(3),
                     ("cat", "cat", "dog"))  # fmt: skip
    measured = by_name(forward, boxes)
    assert measured["own_lift", 0, None].count == 3
    assert measured["own_lift_same_class", 0, None].count == 2
    assert measured["separation_same_class", 0, 1].count == 2
    alone = by_name(forward, target_boxes(np.array([LEFT]), np.arange(1), ("cat",)))
    assert alone["own_lift", 0, None].control("other_boxes") is None
    assert not {name for name, _, _ in alone} & {"separation", "own_lift_same_class"}
    nobody = by_name(forward, target_boxes(np.zeros((0, 4)), np.arange(0), ()))
    names = {name for name, _, _ in nobody}
    assert names == {"entropy", "distance", "distance_cells", "head_diversity"}


def test_centres_fall_into_cells_of_a_grid_that_is_not_square() -> None:
    assert cells_of_centres(BOXES, even_grid(*GRID)).tolist() == [0, 11]


def test_large_grids_are_measured_at_rows_spread_evenly(monkeypatch: pytest.MonkeyPatch) -> None:
    assert measured_rows(850).tolist() == list(range(850))
    rows = measured_rows(4200)
    assert len(rows) == len(set(rows.tolist())) == 1024
    assert set(np.diff(rows).tolist()) == {4, 5}
    assert (rows.min(), rows.max()) == (2, 4197)


def test_rows_left_out_change_little(
    make_forward: MakeForward, monkeypatch: pytest.MonkeyPatch
) -> None:
    forward = make_forward((12, 17), layers=1)
    full = by_name(forward)
    monkeypatch.setattr(module, "MOST_ROWS", 60)
    some = by_name(forward)
    assert some["entropy", 0, None].count == 60
    for name in ("entropy", "distance", "head_diversity"):
        assert some[name, 0, None].value == pytest.approx(full[name, 0, None].value, rel=0.05)
