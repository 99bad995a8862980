"""Ids and names on a picture: beside their boxes, and names only where they have room."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from generator.analysis.detections import detect
from generator.figures.image.box_marks import anchor_of, marks_of, named_marks_of
from tests.conftest import MakeForward


def test_a_mark_stands_at_the_edge_of_its_box(make_forward: MakeForward) -> None:
    found = detect(make_forward(size_hw=(480, 640), detections=1), 0.9)
    for box in ([200.0, 200, 400, 300], [0, 0, 640, 480], [500, 400, 640, 480]):
        one = dataclasses.replace(found, boxes_xyxy=np.array([box]))
        (mark,) = marks_of(one)
        x, y = mark.place_xy[0] * 640, mark.place_xy[1] * 480
        assert min(abs(x - box[0]), abs(x - box[2])) < 2
        assert min(abs(y - box[1]), abs(y - box[3])) < 2
        assert set(mark.anchor_xy) <= {0.0, 1.0}


@pytest.mark.parametrize(
    ("chip", "box", "anchor"),
    [((90, 100), (100, 200), (100, 1)), ((100, 110), (100, 200), (100, 0)),
     ((190, 200), (100, 200), (200, 1)), ((200, 210), (100, 200), (200, 0))],
)  # fmt: skip
def test_the_end_that_touches_the_box_stays(
    chip: tuple[int, int], box: tuple[int, int], anchor: tuple[int, int]
) -> None:
    assert anchor_of(np.array(chip, float), np.array(box, float)) == anchor


def test_names_are_for_wide_screens_and_ids_for_narrow_ones(make_forward: MakeForward) -> None:
    found = detect(make_forward(size_hw=(480, 640), detections=2), 0.9)
    boxes = np.array([[10.0, 60, 200, 200], [300, 200, 600, 400]])
    found = dataclasses.replace(found, boxes_xyxy=boxes)
    marks = named_marks_of(found)
    wide = [one.text for one in marks if one.screens == "wide"]
    narrow = [(one.text, one.label) for one in marks if one.screens == "narrow"]
    assert wide == ["cat 99 %", "dog 91 %"]
    assert narrow == [("0", "cat 99 %"), ("10", "dog 91 %")]


def test_where_names_would_hide_too_much_ids_are_for_all(make_forward: MakeForward) -> None:
    found = detect(make_forward(size_hw=(480, 640), detections=60, queries=60), 0.9)
    boxes = np.tile([100.0, 100, 140, 140], (60, 1))
    marks = named_marks_of(dataclasses.replace(found, boxes_xyxy=boxes))
    assert {one.screens for one in marks} == {""}
    assert len(marks) == 60
