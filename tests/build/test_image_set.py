"""One entry's pictures, with the objects that its author says are in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from generator.analysis.detections import detect
from generator.build.image_set import illustrate
from generator.errors import ObjectsError
from generator.inference.forward_pass import ForwardPass
from generator.pages.contents import ImageResult
from generator.project.annotations import Annotation
from generator.project.config import FigureOptions
from generator.project.gallery import GalleryImage

MakeForward = Callable[..., ForwardPass]
ENTRY = GalleryImage(slug="cats", title="Cats", file=Path("x"), model="detr_emoji", threshold=0.9)
PIXELS = np.full((96, 128, 3), 200, np.uint8)


def result_of(entry: GalleryImage, forward: ForwardPass, docs: Path) -> ImageResult:
    return illustrate(entry, PIXELS, forward, FigureOptions(dpi=72), docs, "key")


def objects_of(forward: ForwardPass) -> tuple[Annotation, ...]:
    """An object at each detection."""
    found = detect(forward, 0.9)
    return tuple(
        Annotation(category=label, bbox=(x0, y0, x1 - x0, y1 - y0))
        for label, (x0, y0, x1, y1) in zip(found.labels, found.boxes_xyxy.tolist(), strict=True)
    )


@pytest.mark.slow
def test_the_figure_of_the_matching_comes_and_goes_with_the_objects(
    make_forward: MakeForward, tmp_path: Path
) -> None:
    forward, file = make_forward(), tmp_path / "docs" / "figures" / "cats" / "matching.webp"
    docs = tmp_path / "docs"
    plain = result_of(ENTRY, forward, docs)
    assert plain.matching is None
    assert not file.exists()
    objects = objects_of(forward)
    result = result_of(replace(ENTRY, objects=objects), forward, docs)
    assert file.is_file()
    assert result.figures["matching"].path == "figures/cats/matching.webp"
    assert result.figures["matching"].alt.startswith("Matching of 2 objects")
    assert result.matching is not None
    found = detect(forward, 0.9).queries.tolist()
    assert [one.matched and one.matched.query for one in result.matching.objects] == found
    before = file.read_bytes()
    moved = Annotation(category=objects[0].category, bbox=(1, 2, 3, 4))
    result_of(replace(ENTRY, objects=(moved, objects[1])), forward, docs)
    assert file.read_bytes() != before
    result_of(ENTRY, forward, docs)
    assert not file.exists()


def test_without_objects_there_is_no_figure_but_the_fact(
    make_forward: MakeForward, tmp_path: Path
) -> None:
    result = result_of(replace(ENTRY, objects=()), make_forward(), tmp_path / "docs")
    assert result.matching is not None
    assert result.matching.objects == ()
    assert "matching" not in result.figures


def test_objects_that_cannot_be_there_are_an_error(
    make_forward: MakeForward, tmp_path: Path
) -> None:
    outside = Annotation(category="cat", bbox=(500, 0, 5, 5))
    with pytest.raises(ObjectsError, match="lies outside the image, which is 128 x 96"):
        result_of(replace(ENTRY, objects=(outside,)), make_forward(), tmp_path / "docs")
