import numpy as np
import pytest

from generator.training.metrics import Predictions, average_precision, precision_recall
from generator.training.scenes import Scene


def scene(*objects: tuple[int, tuple[float, float, float, float]]) -> Scene:
    return Scene(
        np.zeros((224, 224, 3), np.uint8),
        np.array([label for label, _ in objects], np.int64),
        np.array([box for _, box in objects], np.float32).reshape(-1, 4),
    )


def predictions(*found: tuple[float, int, tuple[float, float, float, float]]) -> Predictions:
    return Predictions(
        np.array([score for score, _, _ in found], np.float32),
        np.array([label for _, label, _ in found], np.int64),
        np.array([box for _, _, box in found], np.float32).reshape(-1, 4),
    )


LEFT, RIGHT = (10.0, 10.0, 60.0, 60.0), (100.0, 100.0, 160.0, 180.0)


def test_perfect_predictions_have_perfect_numbers() -> None:
    scenes = [scene((0, LEFT), (3, RIGHT)), scene((3, LEFT))]
    found = [predictions((0.95, 0, LEFT), (0.99, 3, RIGHT)), predictions((0.93, 3, LEFT))]
    assert precision_recall(scenes, found, 0.9) == {"precision": 1.0, "recall": 1.0}
    result = average_precision(scenes, found, ["person", "bicycle", "car", "motorcycle"])
    assert result["AP"] == pytest.approx(1.0)
    assert result["by_class"]["person"] == {"AP": pytest.approx(1.0), "objects": 1}


def test_duplicates_wrong_classes_and_misses_count() -> None:
    scenes = [scene((0, LEFT), (3, RIGHT))]
    found = [predictions((0.95, 0, LEFT), (0.94, 0, LEFT), (0.93, 1, RIGHT), (0.5, 3, RIGHT))]
    measured = precision_recall(scenes, found, 0.9)
    assert measured == {"precision": pytest.approx(1 / 3), "recall": 0.5}
    assert precision_recall(scenes, found, 0.4)["recall"] == 1.0


def test_nothing_kept_has_no_precision() -> None:
    measured = precision_recall([scene((0, LEFT))], [predictions((0.1, 0, LEFT))], 0.9)
    assert measured == {"precision": None, "recall": 0.0}
