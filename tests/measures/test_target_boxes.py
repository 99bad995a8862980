import dataclasses

import numpy as np
import pytest

from generator.analysis.detections import detect
from generator.measures.target_boxes import (
    detected_boxes,
    query_boxes,
    target_boxes,
    unmatched_boxes,
)
from tests.conftest import MakeForward


def test_boxes_are_cut_off_and_those_without_area_dropped() -> None:
    boxes = np.array([[-0.5, 0.2, 0.5, 0.8], [1.1, 0.1, 1.4, 0.2], [0.2, 0.2, 0.2, 0.9]])
    asked = target_boxes(boxes, np.array([4, 7, 9]), ("cat", "dog", "cat"))
    assert asked.boxes_xyxy.tolist() == [[0, 0.2, 0.5, 0.8]]
    assert (asked.queries.tolist(), asked.labels, len(asked)) == ([4], ("cat",), 1)
    np.testing.assert_allclose(asked.centres_xy, [[0.25, 0.5]])


def test_objects_without_a_query_are_dropped() -> None:
    boxes = np.tile([0, 0, 1, 1], (2, 1))
    asked = target_boxes(boxes, np.array([-1, 3]), ("cat", "dog"))
    assert (asked.queries.tolist(), asked.labels) == ([3], ("dog",))


def test_same_class() -> None:
    asked = target_boxes(np.tile([0, 0, 1, 1], (3, 1)), np.arange(3), ("cat", "dog", "cat"))
    assert asked.same_class.tolist() == [[1, 0, 1], [0, 1, 0], [1, 0, 1]]
    nobody = target_boxes(np.zeros((0, 4)), np.arange(0), ())
    assert nobody.same_class.shape == (0, 0)
    assert len(nobody) == 0


def test_lengths_have_to_agree() -> None:
    with pytest.raises(ValueError, match="1 boxes, 2 queries and 1 labels"):
        target_boxes(np.array([[0, 0, 1, 1]]), np.arange(2), ("cat",))


def test_detections_in_pixels_become_fractions(make_forward: MakeForward) -> None:
    forward = make_forward((3, 4), (96, 128), detections=3)
    detections = detect(forward, 0.9)
    found = detected_boxes(detections)
    height_width = detections.boxes_xyxy / [128, 96, 128, 96]
    np.testing.assert_allclose(found.boxes_xyxy, height_width)
    np.testing.assert_allclose(found.boxes_xyxy, query_boxes(forward)[found.queries], atol=1e-6)
    assert found.labels == detections.labels


def test_all_other_queries_are_unmatched(make_forward: MakeForward) -> None:
    forward = make_forward(detections=3, queries=20)
    boxes = forward.boxes_cxcywh.copy()
    boxes[-1, 1, 2] = 0  # no width
    forward = dataclasses.replace(forward, boxes_cxcywh=boxes)
    detections = detect(forward, 0.9)
    rest = unmatched_boxes(forward, detections)
    assert len(rest) == 16
    assert set(rest.queries) | set(detections.queries) | {1} == set(range(20))
    assert not set(rest.queries) & set(detections.queries)
