"""The shipped model on the shipped scenes: most objects are found, and nothing else."""

from pathlib import Path

import pytest

from generator.analysis.detections import detect
from generator.detr.zoo import model_card
from generator.files.fingerprint import sha256_of
from generator.files.images import load_image
from generator.inference.detector import Detector
from generator.project.gallery import load_project
from generator.training.glyphs import CLASSES
from generator.training.shipped_scenes import SCENES, GalleryScene

PROJECT = Path(__file__).parents[1]
CLASS_OF = {glyph: c.name for c in CLASSES for glyph in c.designs}


@pytest.fixture(scope="module")
def detector() -> Detector:
    card = model_card("detr_emoji")
    return Detector.load(card, card.file, sha256_of(card.file))


@pytest.mark.slow
@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.slug)
def test_most_objects_are_found_and_nothing_else(scene: GalleryScene, detector: Detector) -> None:
    config, gallery = load_project(PROJECT / "site_config.yml")
    entry = next(entry for entry in gallery if entry.slug == scene.slug)
    assert entry.file is not None
    pixels = load_image(entry.file, max_pixels=config.max_pixels)
    found = detect(detector.run(pixels), entry.threshold)
    height, width = found.size_hw
    waiting = [glyph for glyph in scene.glyphs if glyph.glyph in CLASS_OF]
    objects, false = len(waiting), []
    for label, (x0, y0, x1, y1) in zip(found.labels, found.boxes_xyxy, strict=True):
        for glyph in waiting:
            inside = x0 < glyph.x * width < x1 and y0 < glyph.y * height < y1
            side = max(x1 - x0, y1 - y0) / (glyph.side * min(height, width))
            if inside and label == CLASS_OF[glyph.glyph] and 0.6 < side < 1.6:
                waiting.remove(glyph)
                break
        else:
            false.append(label)
    assert false == []
    assert len(waiting) <= objects / 3


def test_every_scene_is_in_the_gallery() -> None:
    slugs = {entry.slug for entry in load_project(PROJECT / "site_config.yml")[1]}
    assert {scene.slug for scene in SCENES} <= slugs
