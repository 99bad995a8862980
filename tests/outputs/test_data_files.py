import contextlib
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest

from generator.analysis.detections import FurtherClass
from generator.outputs.data_files import write_predictions, write_report, write_results
from generator.pages.contents import EntryStatus, ImageResult
from tests.invented import invented_result


def test_predictions_load_in_pycocotools(tmp_path: Path) -> None:
    coco = pytest.importorskip("pycocotools.coco")
    results = [invented_result("cats", 2), invented_result("empty", 0)]
    write_predictions(tmp_path / "predictions.json", results)
    with contextlib.redirect_stdout(io.StringIO()):
        loaded = coco.COCO(str(tmp_path / "predictions.json"))
    assert len(loaded.getImgIds()) == 2
    assert len(loaded.getAnnIds(imgIds=[1])) == 2
    assert loaded.getAnnIds(imgIds=[2]) == []
    assert loaded.loadCats([17])[0]["name"] == "cat"


def test_a_box_is_left_top_width_height(tmp_path: Path) -> None:
    result = invented_result("cats", 1)
    write_predictions(tmp_path / "p.json", [result])
    saved = json.loads((tmp_path / "p.json").read_text())
    (annotation,) = saved["annotations"]
    x0, y0, x1, y1 = result.detections.boxes_xyxy[0]
    assert annotation["bbox"] == pytest.approx([x0, y0, x1 - x0, y1 - y0], abs=0.01)
    assert annotation["query"] == result.detections.queries[0]
    assert annotation["score"] == pytest.approx(result.detections.scores[0], abs=1e-5)


def test_a_query_with_two_classes_is_listed_with_each(tmp_path: Path) -> None:
    results = [with_further(invented_result("cats", 2)), invented_result("dogs", 1)]
    write_predictions(tmp_path / "p.json", results)
    rows = json.loads((tmp_path / "p.json").read_text())["annotations"]
    assert [(one["query"], one["category_id"]) for one in rows[:3]] == [(0, 1), (7, 1), (7, 18)]
    assert rows[1]["bbox"] == rows[2]["bbox"]
    assert rows[2]["score"] == 0.905
    assert [one["id"] for one in rows] == [1, 2, 3, 4]
    write_results(tmp_path / "r.json", results)
    assert [one["category_id"] for one in json.loads((tmp_path / "r.json").read_text())] == [
        one["category_id"] for one in rows
    ]


def with_further(result: ImageResult) -> ImageResult:
    """Query 7 is a dog as well."""
    more = (FurtherClass(7, 18, "dog", 0.905),)
    return replace(result, detections=replace(result.detections, further=more))


def test_report_says_why(tmp_path: Path) -> None:
    statuses = [EntryStatus("a", "A", "built"), EntryStatus("b", "B", "left_out", "no network")]
    write_report(tmp_path / "report.json", statuses)
    saved = json.loads((tmp_path / "report.json").read_text())
    assert saved["entries"][1] == {
        "slug": "b", "title": "B", "status": "left_out", "reason": "no network",
    }  # fmt: skip
