"""What sampled points are measured to be, where it is known because the points were placed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from generator.analysis.detections import detect
from generator.analysis.grid import Grid
from generator.measures.decoder import Targets
from generator.measures.measurement import Measurement
from generator.measures.points import mass_in_boxes, measure_points, spread_of
from generator.measures.target_boxes import detected_boxes, target_boxes, unmatched_boxes
from tests.conftest import MakeForward
from tests.sampled import with_points


def measured(make_forward: MakeForward, places: str) -> dict[str, Measurement]:
    """The last layer's numbers, all points being in the middle of boxes, or far from them."""
    forward = with_points(make_forward(detections=3))
    found = detect(forward, 0.9)
    points = forward.points["decoder_cross"]
    boxes = forward.boxes_cxcywh[-1]
    where = boxes[:, :2] if places == "centre" else np.full((len(boxes), 2), -0.5, np.float32)
    at = np.broadcast_to(where[None, :, None, None, None], points.places.shape).copy()
    moved = replace(forward, points={"decoder_cross": replace(points, places=at)})
    targets = Targets(detected_boxes(found), unmatched_boxes(forward, found))
    ones = measure_points(moved, targets)
    return {one.measure: one for one in ones if one.layer == 1 and one.head is None}


def test_points_in_the_middle_of_boxes(make_forward: MakeForward) -> None:
    ones = measured(make_forward, "centre")
    assert set(ones) == {"mass", "lift", "distance", "spread"}
    assert ones["mass"].value == pytest.approx(1)
    assert ones["mass"].control("unmatched") == pytest.approx(1)
    assert ones["lift"].value == pytest.approx(ones["lift"].control("ceiling"))
    assert ones["spread"].value == pytest.approx(0, abs=1e-6)
    even = ones["spread"].control("uniform")
    assert even == pytest.approx(1 / np.sqrt(12), rel=1e-3)
    assert ones["distance"].value < 0.05 < (ones["distance"].control("uniform") or 0)


def test_points_outside_the_image_are_in_no_box(make_forward: MakeForward) -> None:
    ones = measured(make_forward, "outside")
    assert ones["mass"].value == 0
    assert ones["distance"].value > 0.5


def test_mass_counts_each_point_with_its_weight() -> None:
    grid = Grid((4, 4), (128, 128), 32, 15.5)
    places = np.array([[[[0.1, 0.1], [0.9, 0.9]]]]) * grid.size_wh  # (1, 1, 2, 2)
    weights = np.array([[[0.25, 0.75]]])
    boxes = target_boxes(
        np.array([[0.0, 0.0, 0.5, 0.5], [0.5, 0.5, 1.0, 1.0]]), np.array([0, 1]), ("a", "b")
    )
    np.testing.assert_allclose(mass_in_boxes(places, weights, boxes, grid), [[[0.25, 0.75]]])


def test_spread_of_all_heads_holds_what_lies_between_them() -> None:
    places = np.array([[[[0.0, 0.0], [0.0, 2.0]], [[4.0, 0.0], [4.0, 2.0]]]])  # (1, 2, 2, 2)
    together, first, second = spread_of(places, np.full((2, 1, 2), 0.5))[:, 0]
    assert first == second == pytest.approx(1)
    assert together == pytest.approx(np.sqrt(1 + 4))
