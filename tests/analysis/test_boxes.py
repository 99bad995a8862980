"""Boxes against torchvision, and by hand where torchvision has no such operation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torchvision.ops import batched_nms, box_area, box_convert, generalized_box_iou
from torchvision.ops import box_iou as their_iou

from generator.analysis.boxes import (
    areas,
    box_iou,
    cut_off,
    cxcywh_to_xyxy,
    generalised_iou,
    intersections,
    pixel_boxes,
    removed_by_nms,
    to_fractions,
    to_pixels,
    xywh_to_xyxy,
    xyxy_to_cxcywh,
)

Operation = Callable[..., Any]


def random_boxes(n: int, seed: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    corner = random.uniform(0, 0.6, (n, 2))
    return np.concatenate([corner, corner + random.uniform(0.1, 0.4, (n, 2))], axis=1)


@pytest.mark.parametrize(
    ("convert", "names"),
    [
        (cxcywh_to_xyxy, ("cxcywh", "xyxy")),
        (xyxy_to_cxcywh, ("xyxy", "cxcywh")),
        (xywh_to_xyxy, ("xywh", "xyxy")),
    ],
)
def test_conversions_agree_with_torchvision(convert: Operation, names: tuple[str, str]) -> None:
    boxes = random_boxes(30, 0)
    theirs = box_convert(torch.from_numpy(boxes), *names).numpy()
    np.testing.assert_allclose(convert(boxes), theirs, rtol=0, atol=1e-15)
    stacked = convert(boxes.reshape(5, 6, 4))
    np.testing.assert_array_equal(stacked.reshape(-1, 4), convert(boxes))


def test_centre_and_size_become_corners_and_back() -> None:
    centre, corners = np.array([[[10.0, 20.0, 4.0, 6.0]]]), [[[8, 17, 12, 23]]]
    np.testing.assert_array_equal(cxcywh_to_xyxy(centre), corners)
    np.testing.assert_array_equal(xyxy_to_cxcywh(np.array(corners)), centre)
    np.testing.assert_array_equal(xywh_to_xyxy(np.array([[8, 17, 4, 6]])), corners[0])


def test_computation_is_in_double_precision() -> None:
    third = np.array([[1 / 3, 1 / 3, 1 / 3, 1 / 3]], np.float32)
    exact = third.astype(np.float64)
    for convert in (cxcywh_to_xyxy, xyxy_to_cxcywh, xywh_to_xyxy, cut_off, areas):
        np.testing.assert_array_equal(convert(third), convert(exact))
        assert convert(third).dtype == np.float64


def test_fractions_and_pixels_keep_x_and_y_apart() -> None:
    boxes = np.array([[0.5, 0.25, 0.75, 1.0]])
    pixels = to_pixels(boxes, (100, 400))
    np.testing.assert_array_equal(pixels, [[200, 25, 300, 100]])
    np.testing.assert_array_equal(to_fractions(pixels, (100, 400)), boxes)
    np.testing.assert_array_equal(
        pixel_boxes(np.array([[0.5, 0.25, 0.5, 0.1], [0, 1, 0.5, 0.5]]), (100, 400)),
        [[100, 20, 300, 30], [0, 75, 100, 100]],
    )


def test_what_sticks_out_is_cut_off() -> None:
    boxes = np.array([[-0.5, 0.5, 0.5, 1.5], [2, 2, 3, 3]])
    np.testing.assert_array_equal(cut_off(boxes), [[0, 0.5, 0.5, 1], [1, 1, 1, 1]])
    np.testing.assert_array_equal(cut_off(boxes, (3, 2)), [[0, 0.5, 0.5, 1.5], [2, 2, 2, 3]])
    np.testing.assert_array_equal(cut_off(np.zeros((0, 4))), np.zeros((0, 4)))


def test_areas_agree_with_torchvision() -> None:
    boxes = random_boxes(30, 1)
    np.testing.assert_array_equal(areas(boxes), box_area(torch.from_numpy(boxes)).numpy())
    assert areas(np.array([3.0, 3, 1, 1])) == 0  # it ends before it begins


def test_overlap_of_known_boxes() -> None:
    first = np.array([[0.0, 0, 2, 2], [5, 5, 5, 5]])
    second = np.array([[0.0, 0, 2, 2], [1, 1, 3, 3], [2, 0, 4, 2], [5, 5, 5, 5]])
    np.testing.assert_array_equal(intersections(first, second), [[4, 1, 0, 0], [0, 0, 0, 0]])
    wanted = np.array([[1, 1 / 7, 0, 0], [0, 0, 0, 0]])
    np.testing.assert_allclose(box_iou(first, second), wanted)


@pytest.mark.parametrize(
    ("ours", "theirs"), [(box_iou, their_iou), (generalised_iou, generalized_box_iou)]
)
def test_overlap_agrees_with_torchvision(ours: Operation, theirs: Operation) -> None:
    first, second = random_boxes(30, 0), random_boxes(20, 1)
    wanted = theirs(torch.from_numpy(first), torch.from_numpy(second)).numpy()
    np.testing.assert_allclose(ours(first, second), wanted, rtol=0, atol=1e-12)
    assert ours(first[:0], second).shape == (0, 20)


def test_giou_of_known_boxes() -> None:
    boxes = np.array([[0.0, 0, 1, 1], [2, 0, 3, 1], [0, 0, 2, 1], [5, 5, 5, 5]])
    values = generalised_iou(boxes, boxes[:1])[:, 0]
    assert values[:3] == pytest.approx([1, -1 / 3, 0.5])
    assert -1 <= values[3] < -0.9  # a point far away


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
