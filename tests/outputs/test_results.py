"""`results.json` through pycocotools' own evaluation, beside ours."""

from __future__ import annotations

import contextlib
import io
import json
import logging
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import pytest
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from generator.analysis.average_precision import Objects, coco_precision, mean_precision
from generator.analysis.detections import Detections
from generator.outputs.data_files import write_predictions, write_results
from generator.pages.contents import ImageResult
from generator.project.coco_file import read_coco
from tests.invented import invented_result

NAMES = ("cat", "dog", "bus")
MODELS_IDS = (17, 18, 6)  # as COCO has them
FILES_IDS = (5, 1, 9)  # as the file of annotations has them
SIZE_HW = (96, 128)


class Case:
    """Images with objects, and detections that are about right."""

    def __init__(self, images: int = 12) -> None:
        rng = np.random.default_rng(7)
        self.truth: list[tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]] = []
        self.results: list[ImageResult] = []
        for number in range(images):
            count = int(rng.integers(1, 6))
            corners, sides = rng.uniform(5, 60, (count, 2)), rng.uniform(15, 35, (count, 2))
            boxes, classes = np.hstack([corners, corners + sides]), rng.integers(0, 2, count)
            self.truth.append((classes, boxes))
            wrong = rng.random(count) < 0.2
            found = np.where(wrong, 1 - classes, classes)
            result = invented_result(f"image-{number}")
            self.results.append(
                replace(
                    result,
                    detections=detections(found, boxes + rng.normal(0, 1.5, boxes.shape), rng),
                )
            )

    def annotations(self, folder: Path, scale: float = 1.0) -> Path:
        """A file of COCO's format, of images `scale` times as large; its ids are its own."""
        boxes = [
            {
                "image_id": 1000 - number, "category_id": FILES_IDS[label], "iscrowd": 0,
                "bbox": [scale * one for one in (x0, y0, x1 - x0, y1 - y0)],
                "area": scale**2 * (x1 - x0) * (y1 - y0),
            }
            for number, (classes, rows) in enumerate(self.truth)
            for label, (x0, y0, x1, y1) in zip(classes.tolist(), rows.tolist(), strict=True)
        ]  # fmt: skip
        value = {
            "images": [
                {"id": 1000 - number, "file_name": f"image-{number}.png",
                 "width": scale * SIZE_HW[1], "height": scale * SIZE_HW[0]}
                for number in range(len(self.truth))
            ],
            "annotations": [{"id": number, **one} for number, one in enumerate(boxes, start=1)],
            "categories": [
                {"id": one, "name": name} for one, name in zip(FILES_IDS, NAMES, strict=True)
            ],
        }  # fmt: skip
        path = folder / "instances.json"
        path.write_text(json.dumps(value))
        return path

    def annotated(self, path: Path) -> list[ImageResult]:
        """The results, whose entries know the ids of the file."""
        return [with_ids(result, path) for result in self.results]

    def own_precision(self) -> float | None:
        """The AP by `analysis.average_precision`."""
        truth = [Objects(classes, boxes) for classes, boxes in self.truth]
        found = [one.detections for one in self.results]
        index = {name: number for number, name in enumerate(NAMES)}
        predicted = [
            Objects(np.array([index[label] for label in one.labels]), one.boxes_xyxy, one.scores)
            for one in found
        ]
        return mean_precision(coco_precision(truth, predicted, len(NAMES)))


def detections(classes: Any, boxes: Any, rng: np.random.Generator) -> Detections:
    count = len(classes)
    return Detections(
        queries=np.arange(count),
        category_ids=np.array([MODELS_IDS[one] for one in classes]),
        labels=tuple(NAMES[one] for one in classes),
        scores=np.sort(rng.uniform(0.9, 1, count))[::-1],
        boxes_xyxy=boxes,
        size_hw=SIZE_HW,
        threshold=0.9,
    )


def with_ids(result: ImageResult, path: Path) -> ImageResult:
    file = result.entry.file
    assert file is not None
    found = read_coco(path).find(PurePosixPath(file.as_posix()))
    assert found is not None
    entry = replace(result.entry, annotations=path, coco=found.coco, objects=found.objects)
    return replace(result, entry=entry)


def evaluated(truth: Path, results: Path) -> float:
    """The AP that pycocotools gives."""
    with contextlib.redirect_stdout(io.StringIO()):
        known = COCO(str(truth))
        evaluation = COCOeval(known, known.loadRes(str(results)), "bbox")
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    return float(evaluation.stats[0])


@pytest.fixture
def case() -> Case:
    return Case()


@pytest.mark.slow
@pytest.mark.parametrize("scale", [1.0, 2.5])
def test_pycocotools_and_we_agree_on_a_file_of_annotations(
    case: Case, tmp_path: Path, scale: float
) -> None:
    truth = case.annotations(tmp_path, scale)
    write_results(tmp_path / "results.json", case.annotated(truth))
    own = case.own_precision()
    assert own is not None
    assert 0.2 < own < 0.9
    assert evaluated(truth, tmp_path / "results.json") == pytest.approx(own, abs=1e-6)


def test_without_annotations_ids_are_those_of_the_predictions(case: Case, tmp_path: Path) -> None:
    write_predictions(tmp_path / "predictions.json", case.results)
    write_results(tmp_path / "results.json", case.results)
    assert evaluated(tmp_path / "predictions.json", tmp_path / "results.json") == 1.0


def rows_of(folder: Path, results: Sequence[ImageResult]) -> Any:
    write_results(folder / "results.json", results)
    return json.loads((folder / "results.json").read_text())


def test_what_the_annotations_do_not_have_is_left_out(
    case: Case, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    first, second, third = case.results[:3]
    truth = case.annotations(tmp_path)
    found = first.detections
    bus = replace(found, labels=("tv", *found.labels[1:]))  # the file has no such category
    known = with_ids(replace(first, detections=bus), truth)
    other = with_ids(third, truth)
    other = replace(other, entry=replace(other.entry, annotations=tmp_path / "other.json"))
    with caplog.at_level(logging.INFO, "generator"):
        rows = rows_of(tmp_path, [known, known, second, other])
    assert [row["image_id"] for row in rows] == [1000] * (len(found) - 1)
    assert {row["category_id"] for row in rows} <= set(FILES_IDS)
    assert [one.split(":")[0] for one in caplog.messages] == ["image-0", "image-1", "image-2"]
    assert caplog.messages[1].endswith(
        "is not in results.json, which has the ids of instances.json"
    )


def test_nothing_found_is_an_empty_list(tmp_path: Path) -> None:
    assert rows_of(tmp_path, [invented_result("empty", 0)]) == []
    assert rows_of(tmp_path, []) == []
