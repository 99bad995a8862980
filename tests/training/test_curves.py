"""Curves and calibration, on scenes and predictions made by hand."""

from __future__ import annotations

import numpy as np
import pytest

from generator.training.curves import calibration, share_found
from generator.training.metrics import Predictions, found_and_right
from generator.training.scenes import Scene

BOX = (10.0, 10.0, 60.0, 60.0)


def scene(*objects: tuple[int, float, float, float]) -> Scene:
    """Objects side by side: class, side, degrees, visible share."""
    boxes = [(x := 100.0 * n, 10.0, x + 50, 60.0) for n in range(len(objects))]
    labels, sides, degrees, visible = zip(*objects, strict=True)
    return Scene(
        np.zeros((224, 224, 3), np.uint8),
        np.array(labels, np.int64),
        np.array(boxes, np.float32),
        *(np.array(one, np.float32) for one in (sides, degrees, visible)),
    )


def says(*found: tuple[float, int, int]) -> Predictions:
    """Predictions by hand: score, class, and the number of the object whose box it has."""
    return Predictions(
        np.array([score for score, _, _ in found], np.float32),
        np.array([label for _, label, _ in found], np.int64),
        np.array([(100.0 * n, 10.0, 100.0 * n + 50, 60.0) for *_, n in found], np.float32),
    )


def test_the_best_prediction_takes_an_object_and_the_next_is_wrong() -> None:
    one = scene((0, 0.3, 0, 1), (1, 0.3, 0, 1))
    found, right = found_and_right([one], [says((0.7, 0, 0), (0.9, 0, 0), (0.8, 2, 1))], 0.5)
    assert found[0].tolist() == [True, False]
    assert right[0].tolist() == [False, True, False]


def test_each_curve_changes_one_thing() -> None:
    one = scene((0, 0.1, 0, 1), (1, 0.3, 50, 1), (2, 0.3, 0, 0.45), (3, 0.3, 5, 1), (4, 0.1, 50, 1))
    curves = share_found([one], [says((0.9, 1, 1), (0.9, 3, 3))], 0.5)

    def row(name: str, value: float) -> dict[str, float]:
        [found] = [r for r in curves[name] if r["low"] <= value < r["high"]]
        return found

    assert row("side", 0.1) == {"low": 0.08, "high": 0.11, "objects": 1, "found": 0.0}
    assert row("side", 0.3)["found"] == 1.0  # the upright and whole one alone
    assert row("side", 0.3)["objects"] == 1
    assert (row("degrees", 50)["objects"], row("degrees", 50)["found"]) == (1, 1.0)
    assert (row("visible", 0.45)["objects"], row("visible", 0.45)["found"]) == (1, 0.0)
    assert row("side", 0.7)["found"] is None


def test_a_score_that_says_the_share_of_right_ones_has_no_error() -> None:
    scenes = [scene((0, 0.3, 0, 1))] * 4
    honest = [says((0.75, 0, 0))] * 3 + [says((0.75, 1, 0))]
    found = calibration(scenes, honest)
    assert found["expected_calibration_error"] == pytest.approx(0.0, abs=1e-6)
    sure = [says((0.95, 0, 0))] * 2 + [says((0.95, 1, 0))] * 2
    found = calibration(scenes, sure)
    assert found["expected_calibration_error"] == pytest.approx(0.45)
    assert found["bins"][-1]["predictions"] == 4
    assert found["bins"][-1]["right"] == 0.5
    assert calibration(scenes, [says((0.05, 0, 0))] * 4)["expected_calibration_error"] is None
