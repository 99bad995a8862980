"""The scenes and the tray of the next gallery, drawn from emoji sets that are made here."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from generator.errors import GeneratorError
from generator.project.annotations import Annotation
from generator.project.gallery import load_project
from generator.training.drawings import PACKAGES, SHARE_ALIKE, Drawings, design_of
from generator.training.gallery_scenes import SCENES, GalleryScene, Thing, draw_scene, objects_yaml
from generator.training.tray_drawings import KNOWN, LONGEST, UNKNOWN, draw_tray, sprite_name
from generator.training.vocabulary import CLASSES, DISTRACTORS, UNSEEN_DISTRACTORS
from tests.training.conftest import write_set

TRAY = [name for names in (*KNOWN.values(), *UNKNOWN.values()) for name in names]
NAMES = [*TRAY, *(thing.drawing for scene in SCENES for thing in scene.things)]


@pytest.fixture(scope="module")
def drawings(tmp_path_factory: pytest.TempPathFactory) -> Drawings:
    """Every drawing that is asked for, as a rectangle half as high again as it is wide."""
    pytest.importorskip("resvg_py")
    root = tmp_path_factory.mktemp("sets")
    for package in PACKAGES:
        designs = sorted({design_of(name) for name in NAMES if name.startswith(f"{package}/")})
        write_set(root, package, designs, "#0c6")
    return Drawings(root)


def test_a_drawing_is_cropped_and_large(drawings: Drawings) -> None:
    pixels = drawings.pixels("noto/cat")
    assert pixels.shape == (320, 480, 4)
    assert pixels[100, 100].tolist() == [0, 204, 102, 255]


@pytest.mark.parametrize(
    ("name", "message"),
    [("noto/unicorn", "no such drawing"), ("openmoji/cat", "drawings are kept from noto, ")],
)
def test_what_cannot_be_drawn_is_said(drawings: Drawings, name: str, message: str) -> None:
    with pytest.raises(GeneratorError, match=message):
        drawings.pixels(name)


def test_nothing_is_drawn_that_may_not_be_kept_or_that_training_cannot_place() -> None:
    """What has no class is one of the things that training shows, or one that it never shows."""
    assert {name.partition("/")[0] for name in NAMES} <= set(PACKAGES) - set(SHARE_ALIKE)
    designs = {design for one in CLASSES for design in one.designs}
    placed = designs | {*DISTRACTORS, *UNSEEN_DISTRACTORS}
    assert [name for name in NAMES if design_of(name) not in placed] == []


def test_the_tray_has_each_class_and_things_never_shown() -> None:
    assert set(KNOWN) == {one.name for one in CLASSES}
    by_name = {one.name: one.designs for one in CLASSES}
    assert all(design_of(d) in by_name[name] for name, ds in KNOWN.items() for d in ds)
    unknown = [design_of(name) for names in UNKNOWN.values() for name in names]
    assert set(unknown) & set(DISTRACTORS)
    assert len(set(unknown) & set(UNSEEN_DISTRACTORS)) >= 6


def test_the_tray_is_drawn(drawings: Drawings, tmp_path: Path) -> None:
    files = draw_tray(tmp_path, drawings)
    assert len(files) == len(TRAY)
    assert {"teddy-bear", "person-3", "castle"} <= set(files)
    assert sprite_name("teddy bear", 2) == "teddy-bear-2"
    with Image.open(files["cat"]) as image:
        assert image.size == (LONGEST, 85)
        middle = np.asarray(image.convert("RGBA"))[40, 60]
    assert np.abs(middle.astype(int) - [0, 204, 102, 255]).max() < 12  # WebP loses a little


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.slug)
def test_boxes_are_where_the_things_are(scene: GalleryScene, drawings: Drawings) -> None:
    drawn = draw_scene(scene, drawings)
    height, width = drawn.pixels.shape[:2]
    known = [thing for thing in scene.things if thing.label is not None]
    assert drawn.classes.tolist() == [thing.label for thing in known]
    for thing, (x0, y0, x1, y1) in zip(known, drawn.boxes_xyxy, strict=True):
        assert 0 <= x0 < x1 <= width
        assert 0 <= y0 < y1 <= height
        if x0 > 0 and x1 < width and y0 > 0 and y1 < height:  # the border cuts nothing
            assert (x0 + x1) / 2 == pytest.approx(thing.x * width, abs=2)
            assert (y0 + y1) / 2 == pytest.approx(thing.y * height, abs=2)


def test_the_border_cuts_a_box(drawings: Drawings) -> None:
    scene = GalleryScene("cut", "flat", 1, 1.0, (Thing("noto/cat", 0.0, 0.5, 0.4),))
    drawn = draw_scene(scene, drawings)
    side = len(drawn.pixels)
    [box] = drawn.boxes_xyxy  # twice as wide as what is left of it, and two thirds as high
    wanted = [0, (1 / 2 - 0.4 / 3) * side, 0.2 * side, (1 / 2 + 0.4 / 3) * side]
    assert box == pytest.approx(wanted, abs=2)


def test_there_are_a_few_scenes_of_each_lesson() -> None:
    by_slug = {scene.slug: scene for scene in SCENES}
    things = {slug: scene.things for slug, scene in by_slug.items()}
    assert not [thing for thing in things["nobody-home"] if thing.label is not None]
    strangers = {design_of(thing.drawing) for thing in things["strangers"]}
    assert len(strangers & set(UNSEEN_DISTRACTORS)) >= 3
    assert all(thing.drawing.startswith("twemoji/") for thing in things["another-hand"])
    sides = [thing.side for scene in SCENES for thing in scene.things]
    assert min(sides) < 0.1 < 0.6 < max(sides)
    assert max(len(scene.things) for scene in SCENES) >= 12
    assert sum(abs(thing.degrees) >= 45 for thing in things["turned"]) >= 4
    styles = {thing.drawing.partition("/")[0] for scene in SCENES for thing in scene.things}
    assert len(styles) >= 5


@pytest.mark.parametrize("slug", ["near-and-far", "nobody-home"])
def test_what_is_printed_can_be_read_as_a_gallery(
    slug: str, drawings: Drawings, tmp_path: Path
) -> None:
    [scene] = [scene for scene in SCENES if scene.slug == slug]
    drawn = draw_scene(scene, drawings)
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
