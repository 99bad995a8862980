"""The detections of a build and the status of each entry, for other programs.

In: results and statuses. Out: `predictions.json`, which pycocotools reads, and
`report.json`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from generator.detr.coco import COCO_NAMES, HOLE
from generator.files.write import write_json
from generator.pages.contents import EntryStatus, ImageResult
from generator.project.gallery import GalleryImage


def write_predictions(path: Path, results: Sequence[ImageResult]) -> None:
    """Writes every detection in COCO's format.

    In addition to COCO's own keys, an image has its `slug`, `title`, `model` and `threshold`,
    and an annotation its `score` and `query`. Boxes are [x, y, width, height] in pixels.
    """
    images: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    for image_id, result in enumerate(results, start=1):
        entry, detections = result.entry, result.detections
        height, width = detections.size_hw
        images.append(
            {
                "id": image_id,
                "file_name": _file_name(entry),
                "width": width,
                "height": height,
                "slug": entry.slug,
                "title": entry.title,
                "model": entry.model,
                "threshold": entry.threshold,
            }
        )
        rows = zip(
            detections.queries.tolist(),
            detections.category_ids.tolist(),
            detections.scores.tolist(),
            detections.boxes_xyxy.tolist(),
            strict=True,
        )
        for query, category_id, score, (x0, y0, x1, y1) in rows:
            box = [round(value, 2) for value in (x0, y0, x1 - x0, y1 - y0)]
            annotations.append(
                {
                    "id": len(annotations) + 1,
                    "image_id": image_id,
                    "category_id": category_id,
                    "bbox": box,
                    "area": round(box[2] * box[3], 2),
                    "iscrowd": 0,
                    "score": round(score, 6),
                    "query": query,
                }
            )
    categories = [
        {"id": category_id, "name": name}
        for category_id, name in enumerate(COCO_NAMES)
        if name != HOLE
    ]
    write_json(path, {"images": images, "categories": categories, "annotations": annotations})


def _file_name(entry: GalleryImage) -> str:
    """The name of the original: sizes and boxes are in its pixels, not those of the copy."""
    return entry.file.name if entry.file else PurePosixPath(urlsplit(entry.url or "").path).name


def write_report(path: Path, statuses: Sequence[EntryStatus]) -> None:
    """Writes the status of each entry: `built`, `left_out` or `failed`, and why."""
    write_json(path, {"entries": [asdict(status) for status in statuses]})
