"""What `detect --json` writes, one object for all pictures; docs/detect.md describes each key.

In: `TriedImage`s, and what went wrong with others. Out: values of JSON's own types. Coordinates
and weights are rounded as in `measures.json`, so that the same picture gives the same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from generator.detr.zoo import ModelCard
from generator.outputs.measures_files import COLUMNS, measure_row, rounded
from generator.outputs.tried.tried_image import Looks, TriedImage
from generator.pages.image_rows import point_rows

SCHEMA = 1
"""Grows when a key is taken away, or means something else."""


def json_of(
    card: ModelCard,
    threshold: float,
    weights_sha256: str,
    images: Sequence[Mapping[str, Any]],
    precision: str = "float32",
) -> str:
    """The text of the whole answer.

    Args:
        images: from `image_data` and `error_data`, in the order of the command line.
    """
    value = {
        "schema": SCHEMA,
        "model": card.name,
        "weights_sha256": weights_sha256,
        "precision": precision,
        "notes": card.notes,
        "threshold": threshold,
        "measure_columns": COLUMNS,
        "images": list(images),
    }
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def error_data(image: Path, error: str) -> dict[str, Any]:
    """A picture of which nothing is known."""
    return {"image": str(image), "error": error}


def image_data(tried: TriedImage) -> dict[str, Any]:
    """A picture that the model ran over."""
    shapes = tried.shapes
    return {
        "image": str(tried.image),
        "shapes": asdict(shapes) | {"tokens": shapes.tokens},
        "printed": {words: list(numbers) for words, numbers in shapes.printed},
        "detections": _detections(tried),
        "points": _points(tried),
        "measures": [measure_row(one) for one in tried.measurements],
        "figures": {name: str(path) for name, path in tried.figures.items()},
        "report": {name: str(path) for name, path in tried.report.items()},
    }


def _detections(tried: TriedImage) -> list[dict[str, Any]]:
    return [
        {
            "query": pair.query,
            "category_id": pair.category_id,
            "label": pair.label,
            "score": rounded(pair.score),
            "box_xyxy": [round(side, 2) for side in pair.box_xyxy],
        }
        for pair in tried.analysis.detections.pairs()
    ]


def _points(tried: TriedImage) -> list[dict[str, Any]]:
    points = tried.analysis.points
    rows = point_rows(points, tried.shapes)
    return [
        {
            "number": row["number"],
            "xy": [rounded(side) for side in point],
            "pixel_xy": list(row["pixel_xy"]),
            "cell": [row["row"], row["column"]],
            "row": _looks(to),
            "column": _looks(by),
        }
        for point, row, (to, by) in zip(points, rows, tried.looks(), strict=True)
    ]


def _looks(looks: Looks) -> dict[str, Any]:
    return {
        "sum": rounded(looks.total),
        "max": rounded(looks.most),
        "max_cell": list(looks.most_at),
        "weights": [[rounded(weight) for weight in row] for row in looks.weights.tolist()],
    }
