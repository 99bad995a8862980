"""The JSON of `detect`, and the document that describes it."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from generator.analysis.detections import FurtherClass
from generator.outputs.tried.data import error_data, image_data, json_of
from generator.outputs.tried.text import text_of
from generator.outputs.tried.tried_image import TriedImage
from tests.invented import invented_card

DOCUMENT = (Path(__file__).parents[3] / "docs/detect.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def answer(tried: TriedImage) -> dict[str, Any]:
    images = [image_data(tried), error_data(Path("b.jpg"), "b.jpg: there is no such file")]
    text = json_of(invented_card(), 0.9, "0" * 64, images)
    assert text == json_of(invented_card(), 0.9, "0" * 64, images)
    value: dict[str, Any] = json.loads(text)
    return value


def described(first: str) -> set[str]:
    """The keys of the table that has a key."""
    table = next(
        one for one in re.findall(r"(?:^\|.*\n)+", DOCUMENT, re.MULTILINE) if f"`{first}`" in one
    )
    heads = re.findall(r"^\| (`[^|]*`) \|", table, re.MULTILINE)
    return {name for head in heads for name in re.findall("`([^`]+)`", head)}


def test_the_document_describes_every_key_and_no_other(answer: dict[str, Any]) -> None:
    assert set(answer) == described("schema")
    whole, failed = answer["images"]
    assert set(whole) == described("detections")
    assert set(failed) == {"image", "error"}
    for part in (whole["shapes"], whole["detections"][0], whole["points"][0]):
        assert {key for key in part if f"`{key}`" not in DOCUMENT} == set()
    assert {key for key in whole["points"][0]["row"] if f"`{key}`" not in DOCUMENT} == set()


def test_numbers_are_those_of_the_forward_pass(answer: dict[str, Any], tried: TriedImage) -> None:
    image, found = answer["images"][0], tried.analysis.detections
    assert [one["query"] for one in image["detections"]] == found.queries.tolist()
    assert image["detections"][0]["box_xyxy"] == pytest.approx(found.boxes_xyxy[0], abs=0.01)
    assert image["printed"]["Encoder attention"] == [48, 48]
    first = image["points"][0]
    assert (first["xy"], first["pixel_xy"], first["cell"]) == ([0.1, 0.2], [25, 38], [1, 0])
    assert first["row"]["sum"] == pytest.approx(1, abs=1e-5)
    assert first["column"]["sum"] == pytest.approx(
        sum(map(sum, first["column"]["weights"])), abs=1e-4
    )
    row, column = first["row"]["max_cell"]
    assert first["row"]["weights"][row][column] == first["row"]["max"]
    assert {len(one) for one in image["measures"]} == {len(answer["measure_columns"])}
    assert len(image["measures"]) == len(tried.measurements)


def test_a_query_with_two_classes_is_listed_with_each(tried: TriedImage) -> None:
    found = tried.analysis.detections
    query = int(found.queries[1])
    found = replace(found, further=(FurtherClass(query, 9, "boat", 0.90125),))
    two = replace(tried, analysis=replace(tried.analysis, detections=found))
    rows = image_data(two)["detections"]
    assert [(one["query"], one["label"]) for one in rows[1:]] == [
        (query, found.labels[1]),
        (query, "boat"),
    ]
    assert rows[1]["box_xyxy"] == rows[2]["box_xyxy"]
    (line,) = (one for one in text_of(two).splitlines() if "also" in one)
    assert line.endswith(", also boat 0.901")
