from __future__ import annotations

import numpy as np
import pytest

from generator.analysis.ground_truth import category_problems, ground_truth
from generator.detr.coco import COCO_NAMES
from generator.errors import ObjectsError
from generator.project.annotation_files import ReadAnnotation
from generator.project.annotations import Annotation

NAMES = ("cat", "dog", "teddy bear")
SIZE_HW = (100, 200)


def one(category: str = "cat", bbox: tuple[float, float, float, float] = (20, 10, 40, 30)):  # type: ignore[no-untyped-def]
    return Annotation(category=category, bbox=bbox)


def test_classes_and_boxes_are_the_models() -> None:
    truth = ground_truth([one("teddy bear"), one("cat", (0, 0, 200, 100))], NAMES, SIZE_HW)
    assert truth.classes.tolist() == [2, 0]
    assert truth.labels == ("teddy bear", "cat")
    np.testing.assert_allclose(truth.boxes_xyxy, [[20, 10, 60, 40], [0, 0, 200, 100]])
    np.testing.assert_allclose(truth.boxes_cxcywh, [[0.2, 0.25, 0.2, 0.3], [0.5, 0.5, 1, 1]])
    assert truth.unknown == ()


def test_boxes_are_cut_at_the_border() -> None:
    truth = ground_truth([one("cat", (-10, 90, 30, 30))], NAMES, SIZE_HW)
    np.testing.assert_allclose(truth.boxes_xyxy, [[0, 90, 20, 100]])


def test_what_the_model_has_no_class_for_is_left_out() -> None:
    truth = ground_truth([one("bus"), one("dog"), one("bus")], NAMES, SIZE_HW)
    assert truth.labels == ("dog",)
    assert truth.unknown == ("bus", "bus")


def test_annotated_as_empty() -> None:
    truth = ground_truth([], NAMES, SIZE_HW)
    assert len(truth) == 0
    assert truth.boxes_xyxy.shape == truth.boxes_cxcywh.shape == (0, 4)


@pytest.mark.parametrize(
    "bbox", [(200, 0, 10, 10), (0, 100, 10, 10), (-30, 0, 30, 10), (0, -9, 5, 8)]
)
def test_a_box_outside_the_image_is_refused(bbox: tuple[float, float, float, float]) -> None:
    with pytest.raises(ObjectsError) as caught:
        ground_truth([one(), one("dog", bbox)], NAMES, SIZE_HW)
    box = ", ".join(f"{side:g}" for side in bbox)
    assert str(caught.value) == (
        f"object 2 (dog): its box [{box}] lies outside the image, which is 200 x 100; give left, "
        "top, width and height in its pixels"
    )


@pytest.mark.parametrize(
    ("category", "offer"),
    [("elefant", "; did you mean `elephant`?"), ("teddy_bear", "; did you mean `teddy bear`?"),
     ("N/A", ""), ("house", "; did you mean `mouse`?")],
)  # fmt: skip
def test_a_category_that_no_model_has_is_refused(category: str, offer: str) -> None:
    for names in (NAMES, COCO_NAMES):
        with pytest.raises(ObjectsError) as caught:
            ground_truth([one(category)], names, SIZE_HW)
        assert str(caught.value) == f"object 1: there is no category `{category}`{offer}"


def test_all_problems_are_reported_at_once() -> None:
    with pytest.raises(ObjectsError, match=r"object 1: .*; object 2 \(cat\): its box"):
        ground_truth([one("zzz"), one("cat", (500, 0, 1, 1))], NAMES, SIZE_HW)


def read(category: str, bbox: tuple[float, float, float, float], size_wh: tuple[float, float]):  # type: ignore[no-untyped-def]
    return ReadAnnotation(category=category, bbox=bbox, size_wh=size_wh)


def test_a_crowd_is_left_out_and_told() -> None:
    crowd = Annotation(category="dog", bbox=(0, 0, 9, 9), iscrowd=True)
    other = Annotation(category="bus", bbox=(0, 0, 9, 9), iscrowd=True)
    truth = ground_truth([one("cat"), crowd, other], NAMES, SIZE_HW)
    assert (truth.labels, truth.crowds, truth.unknown) == (("cat",), ("dog", "bus"), ())


def test_boxes_of_files_are_brought_to_the_size_of_the_image() -> None:
    objects = [read("cat", (0.1, 0.1, 0.2, 0.3), (1, 1)), read("dog", (40, 20, 80, 60), (400, 200))]
    truth = ground_truth(objects, NAMES, SIZE_HW)
    np.testing.assert_allclose(truth.boxes_xyxy, [[20, 10, 60, 40], [20, 10, 60, 40]])


def test_boxes_that_were_drawn_in_another_image_are_refused_once() -> None:
    objects = [read("cat", (0, 0, 9, 9), (100, 200)), read("dog", (0, 0, 9, 9), (100, 200))]
    with pytest.raises(ObjectsError) as caught:
        ground_truth(objects, NAMES, SIZE_HW)
    assert str(caught.value) == (
        "its boxes were drawn in an image of 100 x 200, and this one is 200 x 100; name the image "
        "that was annotated"
    )


def test_a_category_of_a_file_may_be_of_another_data_set() -> None:
    aeroplane = read("aeroplane", (0, 0, 9, 9), (200, 100))
    assert category_problems([aeroplane], NAMES) == []
    assert ground_truth([aeroplane], NAMES, SIZE_HW).unknown == ("aeroplane",)
