"""The detections of a build and the status of each entry, for other programs.

In: results and statuses. Out: `predictions.json`, which pycocotools reads, `results.json`, which it
evaluates, and `report.json`.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from generator.detr.zoo import ModelCard
from generator.files.write import write_json
from generator.outputs.categories import Categories, categories_of
from generator.pages.contents import EntryStatus, ImageResult, MeasuredImage
from generator.project.annotation_files import CocoImage
from generator.project.gallery import GalleryImage

logger = logging.getLogger("generator")

Found = ImageResult | MeasuredImage


def write_predictions(
    path: Path, results: Sequence[Found], cards: Sequence[ModelCard] = ()
) -> None:
    """Writes every detection in COCO's format.

    Args:
        cards: of the models; each one's categories are in the file (`outputs.categories`).

    In addition to COCO's own keys, an image has its `slug`, `title`, `model` and `threshold`,
    and an annotation its `score` and `query`. Boxes are [x, y, width, height] in pixels. A query
    with several classes above the threshold is listed with each.
    """
    categories = categories_of(cards)
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
        for pair in detections.pairs():
            x0, y0, x1, y1 = pair.box_xyxy
            box = [round(value, 2) for value in (x0, y0, x1 - x0, y1 - y0)]
            annotations.append(
                {
                    "id": len(annotations) + 1,
                    "image_id": image_id,
                    "category_id": categories.id_of(entry.model, pair.category_id),
                    "bbox": box,
                    "area": round(box[2] * box[3], 2),
                    "iscrowd": 0,
                    "score": round(pair.score, 6),
                    "query": pair.query,
                }
            )
    value = {"images": images, "categories": categories.rows, "annotations": annotations}
    write_json(path, value)


def write_results(path: Path, results: Sequence[Found], cards: Sequence[ModelCard] = ()) -> None:
    """Writes every detection as a bare list, as COCO's results are.

    Where a COCO file of annotations is named, image ids, category ids and pixels are that file's,
    so that the list can be evaluated against it; an image that it does not have is left out, and
    one that was shown before. Else ids are those of `predictions.json`. If several files are
    named, the one of the most images counts.
    """
    files = Counter(one.entry.annotations for one in results if one.entry.coco is not None)
    chosen = max(files, key=lambda file: files[file], default=None)
    rows: list[dict[str, Any]] = []
    categories = categories_of(cards)
    seen: set[int | str] = set()
    for image_id, result in enumerate(results, start=1):
        coco = result.entry.coco
        if chosen is None:
            rows += _results(result, image_id, None, categories)
        elif coco is None or result.entry.annotations != chosen or coco.image_id in seen:
            logger.info(
                "%s: is not in %s, which has the ids of %s",
                result.entry.slug,
                path.name,
                chosen.name,
            )
        else:
            seen.add(coco.image_id)
            rows += _results(result, coco.image_id, coco, categories)
    write_json(path, rows)


def _results(
    result: Found, image_id: int | str, coco: CocoImage | None, categories: Categories
) -> Iterator[dict[str, Any]]:
    """An image's detections; those of classes that the annotations lack are left out."""
    found = result.detections
    height, width = found.size_hw
    scale = (1.0, 1.0) if coco is None else (coco.size_wh[0] / width, coco.size_wh[1] / height)
    ids = None if coco is None else dict(coco.category_ids)
    for pair in found.pairs():
        x0, y0, x1, y1 = pair.box_xyxy
        number = categories.id_of(result.entry.model, pair.category_id)
        category_id = number if ids is None else ids.get(pair.label)
        if category_id is not None:
            sides = (x0 * scale[0], y0 * scale[1], (x1 - x0) * scale[0], (y1 - y0) * scale[1])
            yield {
                "image_id": image_id,
                "category_id": category_id,
                "bbox": [round(side, 2) for side in sides],
                "score": round(pair.score, 6),
            }


def _file_name(entry: GalleryImage) -> str:
    """The name of the original: sizes and boxes are in its pixels, not those of the copy."""
    return entry.file.name if entry.file else PurePosixPath(urlsplit(entry.url or "").path).name


def write_report(path: Path, statuses: Sequence[EntryStatus]) -> None:
    """Writes the status of each entry: `built`, `left_out` or `failed`, and why."""
    write_json(path, {"entries": [asdict(status) for status in statuses]})
