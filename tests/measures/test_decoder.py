import dataclasses
from typing import Any

import numpy as np
import pytest

from generator.analysis.boxes import cxcywh_to_xyxy
from generator.inference.forward_pass import ForwardPass
from generator.measures.decoder import Targets, measure_among_queries, measure_cross
from generator.measures.measurement import Measurement
from generator.measures.target_boxes import target_boxes
from tests.conftest import MakeForward
from tests.measures.planting import one_hot, planted, random_rows

GRID = (3, 4)
CORNERS = np.array([[0.125, 1 / 6, 0.25, 1 / 3], [0.875, 5 / 6, 0.25, 1 / 3],
                    [0.375, 1 / 6, 0.25, 1 / 3]])  # fmt: skip
"""The boxes of the cells 0, 11 and 1, as centre and size."""


def plant(make_forward: MakeForward, **attention: np.ndarray) -> ForwardPass:
    """Three queries, each with a box of one cell."""
    forward = make_forward(GRID, detections=0, queries=3, layers=1)
    boxes = CORNERS[None].astype(np.float32)
    pairs: dict[str, Any] = {name: planted(rows) for name, rows in attention.items()}
    return dataclasses.replace(forward, boxes_cxcywh=boxes, **pairs)


def targets_of(kept: list[int]) -> Targets:
    rest = [query for query in range(3) if query not in kept]
    boxes = cxcywh_to_xyxy(CORNERS)
    found, others = (
        target_boxes(boxes[chosen], np.array(chosen, dtype=np.int64), ("cat",) * len(chosen))
        for chosen in (kept, rest)
    )
    return Targets(found, others)


def cross(forward: ForwardPass, targets: Targets) -> dict[tuple[str, int | None], Measurement]:
    return {(m.measure, m.head): m for m in measure_cross(forward, targets)}


def among(forward: ForwardPass, targets: Targets) -> dict[tuple[str, int | None], Measurement]:
    return {(m.measure, m.head): m for m in measure_among_queries(forward, targets)}


def test_queries_that_look_into_their_boxes(make_forward: MakeForward) -> None:
    rows = one_hot([0, 11, 5], 12)[None, None]
    measured = cross(plant(make_forward, decoder_cross=rows), targets_of([0, 1]))
    wanted = {"mass": (1, 1 / 12, 0, 0), "lift": (12, 1, 0, 0), "pointing": (1, 1 / 12, 0, 0)}
    for name, (value, uniform, shuffled, unmatched) in wanted.items():
        one = measured[name, None]
        assert one.count == 2
        assert one.value == pytest.approx(value)
        assert one.control("uniform") == pytest.approx(uniform)
        assert one.control("shuffled") == pytest.approx(shuffled, abs=1e-9)
        assert one.control("unmatched") == pytest.approx(unmatched, abs=1e-9)
    near = measured["distance_cells", None]
    assert near.value == pytest.approx(0, abs=1e-6)
    assert near.control("shuffled") == pytest.approx(np.hypot(3, 2))
    assert near.control("unmatched") == pytest.approx(1)  # from cell 1 to cell 5
    assert ("extremity", None) not in measured  # the boxes have only one cell


def test_shuffled_is_the_mean_over_all_other_boxes(make_forward: MakeForward) -> None:
    rows = random_rows(1, 2, 3, 12)
    measured = cross(plant(make_forward, decoder_cross=rows), targets_of([0, 1, 2]))
    own = [0, 11, 1]
    for head in range(2):
        one = measured["mass", head]
        other = [rows[0, head, i, own[j]] for i in range(3) for j in range(3) if i != j]
        assert one.value == pytest.approx(np.mean([rows[0, head, i, own[i]] for i in range(3)]))
        assert one.control("shuffled") == pytest.approx(np.mean(other))
        assert one.control("unmatched") is None


def test_uniform_queries_are_like_every_control(make_forward: MakeForward) -> None:
    rows = np.full((1, 2, 3, 12), 1 / 12)
    measured = cross(plant(make_forward, decoder_cross=rows), targets_of([0, 2]))
    assert measured["entropy", None].value == pytest.approx(1)
    for name in ("mass", "lift", "pointing", "distance", "distance_cells"):
        one = measured[name, 1]
        assert one.value == pytest.approx(one.control("uniform"))
    lift = measured["lift", None]
    assert [name for name, _ in lift.controls] == [
        "ceiling", "shuffled", "uniform", "unmatched",
    ]  # fmt: skip
    assert [value for _, value in lift.controls] == pytest.approx([12, 1, 1, 1])


def test_edges_are_seen_in_boxes_that_are_large_enough(make_forward: MakeForward) -> None:
    edge = one_hot([0], 12)[None, None].repeat(3, axis=2)
    forward = plant(make_forward, decoder_cross=edge)
    whole = target_boxes(np.array([[0.0, 0.0, 1.0, 1.0]]), np.array([0]), ("cat",))
    one = cross(forward, Targets(whole, targets_of([0]).unmatched))["extremity", None]
    assert one.value > 1.5
    assert dict(one.controls) == {"uniform": 1.0}  # the other queries' boxes are too small


def test_true_boxes_are_measured_as_well_as_the_models_own(make_forward: MakeForward) -> None:
    rows = one_hot([0, 11, 5], 12)[None, None]
    true = target_boxes(np.array([[0.25, 1 / 3, 0.5, 2 / 3]]), np.array([2]), ("dog",))  # cell 5
    who = dataclasses.replace(targets_of([0, 1]), true=true)
    measured = cross(plant(make_forward, decoder_cross=rows), who)
    assert measured["lift_true", None].value == pytest.approx(12)
    assert measured["lift_true", None].control("shuffled") is None  # a single box
    assert measured["lift", None].value == pytest.approx(12)


def test_without_detections_nothing_is_measured(make_forward: MakeForward) -> None:
    forward = plant(make_forward, decoder_cross=random_rows(1, 2, 3, 12))
    assert cross(forward, targets_of([])) == {}
    assert among(forward, targets_of([])) == {}


def test_planted_self_attention(make_forward: MakeForward) -> None:
    """Query 0 looks at query 2, one cell away; 1 half at itself, half at 2; 2 at 1."""
    rows = np.array([[0, 0, 1], [0, 0.5, 0.5], [0, 1, 0]])[None, None]
    measured = among(plant(make_forward, decoder_self=rows), targets_of([0, 1]))
    reach = measured["distance_cells", None]
    assert reach.count == 2
    assert reach.value == pytest.approx(0.5 + np.hypot(2, 2) / 4)
    assert reach.control("unmatched") == pytest.approx(np.hypot(2, 2))
    assert measured["lift_on_itself", None].value == pytest.approx(0.75)
    assert measured["entropy", None].control("uniform") == 1
    kept = measured["lift_on_kept", None]
    assert kept.count == 2
    assert kept.value == pytest.approx(0, abs=1e-9)
    assert kept.control("unmatched") == pytest.approx(1)
    assert ("lift_on_overlapping", None) not in measured  # no boxes overlap


def test_uniform_self_attention_lifts_nothing(make_forward: MakeForward) -> None:
    forward = plant(make_forward, decoder_self=np.full((1, 2, 3, 3), 1 / 3))
    for (name, _), one in among(forward, targets_of([0, 1])).items():
        if name.startswith("lift") or name == "entropy":
            assert one.value == pytest.approx(1)
        if name.startswith("distance"):
            assert one.value == pytest.approx(one.control("uniform"))
