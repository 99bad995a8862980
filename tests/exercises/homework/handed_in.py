"""A handed-in notebook, as small as can be: what its cells printed, and tiny figures."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Mapping
from typing import Any

from PIL import Image

_STREAM = io.BytesIO()
Image.new("RGB", (4, 3), "white").save(_STREAM, "PNG")
PNG = base64.b64encode(_STREAM.getvalue()).decode("ascii")
PRINTED = {
    "q2-picture": "Picture: 400 x 300 pixels, 0123456789abcdef\n",
    "q2-model": "Input: 304 x 224 pixels, detr_small\n",
    "q2-forward": "Feature map: [1, 128, 14, 19]\nEncoder attention: [266, 266]\n"
    "Reshaped self-attention: [14, 19, 14, 19]\nDecoder attention: [20, 266]\n",
    "q2-detections": "Query 12: elephant 0.999, box 1, 2, 3, 4\n"
    "Query 6: teddy bear 0.950, box 1, 2, 3, 4\n",
    "q2-decoder": "Cells: 14 x 19, stride 16, first 2.0\n"
    "Map of query 12: brightest at row 8, column 5; sums to 1.000\n"
    "Map of query 6: brightest at row 7, column 13; sums to 1.000\n",
    "q2-encoder": "".join(
        f"Point {number} ({x:.3f}, {y:.3f}): cell row {row}, column {column}; "
        f"its row sums to 1.000, its column to {total}\n"
        for number, (x, y, row, column, total) in enumerate(
            [
                (0.188, 0.25, 3, 3, 0.449),
                (0.375, 0.35, 5, 7, 0.166),
                (0.563, 0.25, 3, 11, 0.19),
                (0.75, 0.55, 8, 14, 1.2),
            ],
            start=1,
        )
    ),
    "q3-measures": "measure          yours  control\n"
    + "".join(f"entropy, encoder {number}    0.707  1.000 (uniform)\n" for number in range(6)),
}
FIGURES = ("q2-detections", "q2-decoder", "q2-encoder")


def code(name: str, source: str, printed: str = "", figures: int = 0) -> dict[str, Any]:
    outputs: list[dict[str, Any]] = []
    if printed:
        outputs.append({"output_type": "stream", "name": "stdout", "text": printed})
    outputs += [{"output_type": "display_data", "data": {"image/png": PNG}}] * figures
    return {
        "cell_type": "code",
        "id": name,
        "metadata": {"tags": [name]},
        "execution_count": 1,
        "source": f"# part: {name}\n{source}",
        "outputs": outputs,
    }


def text(name: str, source: str) -> dict[str, Any]:
    source = f"<!-- part: {name} -->\n{source}"
    return {"cell_type": "markdown", "id": name, "metadata": {"tags": [name]}, "source": source}


def cells_of(printed: Mapping[str, str] = PRINTED) -> list[dict[str, Any]]:
    cells = [code("name", 'NAME = "Ada"\nSTUDENT = "s1"')]
    for name, words in printed.items():
        cells.append(code(name, 'PICTURE = "mine.jpg"', words, figures=int(name in FIGURES)))
    for number in (1, 2, 3):
        cells += [text(f"q2-{number}", "The prompt."), text(f"q2-{number}-answer", "I see *it*.")]
    for number in (1, 2, 3, 4):
        cells += [text(f"q3-{number}", "The prompt."), text(f"q3-{number}-answer", "Because.")]
    return cells


def notebook_of(printed: Mapping[str, str] = PRINTED) -> bytes:
    return as_notebook(cells_of(printed))


def as_notebook(cells: list[Any]) -> bytes:
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()
