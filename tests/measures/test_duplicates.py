import dataclasses

import numpy as np
import pytest
import torch
from torchvision.ops import batched_nms
from torchvision.ops import box_iou as their_iou

from generator.measures.duplicates import box_iou, duplicates_by_layer, removed_by_nms
from tests.conftest import MakeForward


def random_boxes(n: int, seed: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    corner = random.uniform(0, 0.6, (n, 2))
    return np.concatenate([corner, corner + random.uniform(0.1, 0.4, (n, 2))], axis=1)


def test_overlap_of_known_boxes() -> None:
    first = np.array([[0.0, 0, 2, 2], [5, 5, 5, 5]])
    second = np.array([[0.0, 0, 2, 2], [1, 1, 3, 3], [2, 0, 4, 2], [5, 5, 5, 5]])
    wanted = np.array([[1, 1 / 7, 0, 0], [0, 0, 0, 0]])
    np.testing.assert_allclose(box_iou(first, second), wanted)


def test_overlap_agrees_with_torchvision() -> None:
    first, second = random_boxes(30, 0), random_boxes(20, 1)
    theirs = their_iou(torch.from_numpy(first), torch.from_numpy(second)).numpy()
    np.testing.assert_allclose(box_iou(first, second), theirs, atol=1e-12)


@pytest.mark.parametrize("iou", [0.2, 0.5])
def test_suppression_agrees_with_torchvision(iou: float) -> None:
    boxes = random_boxes(80, 2)
    classes = np.random.default_rng(3).integers(0, 3, 80)
    scores = torch.linspace(1, 0.1, 80)
    kept = batched_nms(torch.from_numpy(boxes).float(), scores, torch.from_numpy(classes), iou)
    removed = removed_by_nms(boxes, classes, iou)
    assert sorted(kept.tolist()) == np.flatnonzero(~removed).tolist()
    assert 0 < removed.sum() < 80


def test_other_classes_and_removed_boxes_remove_nothing() -> None:
    boxes = np.array([[0, 0, 10, 10], [0, 0, 10, 6], [0, 0, 10, 3.5]])  # a chain of overlaps
    assert removed_by_nms(boxes, np.array([1, 1, 1])).tolist() == [False, True, False]
    assert removed_by_nms(boxes, np.array([1, 2, 1])).tolist() == [False, False, False]
    assert removed_by_nms(boxes[:0], np.array([], dtype=np.int64)).tolist() == []


def test_duplicates_are_counted_layer_by_layer(make_forward: MakeForward) -> None:
    forward = make_forward(detections=4, layers=3, names=("cat",))
    logits, boxes = forward.logits.copy(), forward.boxes_cxcywh.copy()
    logits[1] = logits[2]  # the same four detections after layer 1, none after layer 0
    found = np.flatnonzero(logits[2, :, 0] > np.log(0.9))
    boxes[1, found] = boxes[1, found[0]]  # one box four times
    boxes[2, found] = [[x, 0.5, 0.1, 0.1] for x in (0.1, 0.3, 0.5, 0.7)]
    changed = dataclasses.replace(forward, logits=logits, boxes_cxcywh=boxes)
    assert duplicates_by_layer(changed, 0.9).tolist() == [[0, 0], [4, 3], [4, 0]]
