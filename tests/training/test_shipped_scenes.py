"""The shipped gallery's annotations agree with the program that draws its scenes."""

from pathlib import Path

import numpy as np
import pytest

from generator.files.images import load_image
from generator.project.annotations import Annotation
from generator.project.gallery import GalleryImage, load_project
from generator.training import shipped_scenes as gallery
from generator.training.glyphs import CLASSES
from generator.training.shipped_scenes import (
    CLASS_OF,
    SCENES,
    GalleryScene,
    draw_scene,
    objects_yaml,
)
from tests.training.conftest import invented_glyph

PROJECT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def shipped() -> dict[str, GalleryImage]:
    return {entry.slug: entry for entry in load_project(PROJECT / "site_config.yml")[1]}


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.slug)
def test_the_gallery_names_the_glyphs_with_a_class(
    scene: GalleryScene, shipped: dict[str, GalleryImage]
) -> None:
    objects = shipped[scene.slug].objects
    assert objects is not None
    glyphs = [glyph for glyph in scene.glyphs if glyph.glyph in CLASS_OF]
    names = [CLASSES[CLASS_OF[glyph.glyph]].name for glyph in glyphs]
    assert [one.category for one in objects] == names
    file = shipped[scene.slug].file
    assert file is not None
    height, width = load_image(file, max_pixels=10**7).shape[:2]
    for glyph, one in zip(glyphs, objects, strict=True):
        x, y, w, h = one.bbox
        assert 0 <= x < x + w <= width
        assert 0 <= y < y + h <= height
        assert x + w / 2 == pytest.approx(glyph.x * width, abs=12)
        assert y + h / 2 == pytest.approx(glyph.y * height, abs=12)


@pytest.mark.slow
@pytest.mark.font
@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.slug)
def test_the_gallery_has_the_boxes_that_the_program_prints(
    scene: GalleryScene, shipped: dict[str, GalleryImage], font: Path
) -> None:
    drawn = draw_scene(scene, font)
    objects = shipped[scene.slug].objects
    assert objects is not None
    x0, y0, x1, y1 = drawn.boxes_xyxy.T
    wanted = np.stack([x0, y0, x1 - x0, y1 - y0], axis=1)
    written = np.array([one.bbox for one in objects]).reshape(-1, 4)
    np.testing.assert_allclose(written, wanted, atol=2)  # another version of the font may differ
    file = shipped[scene.slug].file
    assert file is not None
    pixels = load_image(file, max_pixels=10**7)
    assert pixels.shape == drawn.pixels.shape
    assert np.abs(pixels.astype(int) - drawn.pixels).mean() < 3


@pytest.mark.parametrize("scene", [SCENES[0], SCENES[5]], ids=lambda scene: scene.slug)
def test_what_is_printed_can_be_read_as_a_gallery(
    scene: GalleryScene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gallery, "render_glyph", invented_glyph)
    drawn = draw_scene(scene, Path("no font"))
    (tmp_path / "content").mkdir()
    (tmp_path / "templates").mkdir()
    (tmp_path / "content" / "a.jpg").touch()
    text = f"images:\n  - file: content/a.jpg\n{objects_yaml(drawn)}"
    (tmp_path / "content" / "gallery.yml").write_text(text)
    (tmp_path / "site_config.yml").write_text("title: T\n")
    [entry] = load_project(tmp_path / "site_config.yml")[1]
    assert entry.objects == tuple(
        Annotation(
            category=CLASSES[index].name,
            bbox=(float(x0), float(y0), float(x1 - x0), float(y1 - y0)),
        )
        for index, (x0, y0, x1, y1) in zip(drawn.classes, drawn.boxes_xyxy, strict=True)
    )
