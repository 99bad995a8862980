"""A tried picture: a random forward pass with two detections and two points."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from generator.analysis.entry_analysis import analyse
from generator.measures.image import measure_entry
from generator.outputs.tried.tried_image import TriedImage
from tests.conftest import MakeForward
from tests.invented import invented_card

Make = Callable[[int], TriedImage]


@pytest.fixture(scope="package")
def make_tried(make_forward: MakeForward) -> Make:
    """Returns a function that makes a tried picture with so many detections."""

    def make(detections: int) -> TriedImage:
        forward = make_forward(detections=detections, grid_hw=(6, 8), size_hw=(192, 256))
        pixels = np.full((192, 256, 3), 200, np.uint8)
        analysis = analyse(pixels, forward, 0.9, ((0.1, 0.2), (0.9, 0.8)))
        measured = measure_entry(analysis, "a", "detr_emoji")
        card = invented_card()
        return TriedImage(
            image=Path("my photo.jpg"),
            card=card,
            analysis=analysis,
            measurements=measured.measurements,
            folder=Path("out/my photo"),
            figures={"decoder": Path("out/my photo/decoder.png")},
        )

    return make


@pytest.fixture(scope="package")
def tried(make_tried: Make) -> TriedImage:
    return make_tried(2)
