"""A prepared scene has the same pixels in the page as in Python."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from generator.figures.lab.backgrounds import BACKGROUNDS, draw_background
from generator.figures.lab.compose import compose, size_of_scenes
from generator.project.experiments import (
    BACKGROUND_NAMES,
    PreparedScene,
    SceneObject,
    sprite_files,
)
from tests.live.node import run

pytestmark = pytest.mark.node

TEMPLATES = Path(__file__).parents[2] / "templates"
SCRIPTS = ("lab_backgrounds.js", "lab_compose.js")
SIZE_HW = (96, 128)
COMPOSE = """
const sprites = {};
for (const [name, one] of Object.entries(value.sprites)) sprites[name] = Live.compose.sprite(one);
const canvas = Live.backgrounds.draw(value.background, value.seed, value.size);
return Live.compose.compose(value.things, sprites, canvas);
"""


def pixels_of(file: Path) -> dict[str, Any]:
    with Image.open(file) as image:
        rgba = np.asarray(image.convert("RGBA"))
    return {"width": rgba.shape[1], "height": rgba.shape[0], "data": rgba}


def in_javascript(scene: PreparedScene, files: dict[str, Path]) -> dict[str, Any]:
    value = {
        "sprites": {one.sprite: pixels_of(files[one.sprite]) for one in scene.objects},
        "background": scene.background,
        "seed": scene.seed,
        "size": {"width": SIZE_HW[1], "height": SIZE_HW[0]},
        "things": [asdict(one) for one in scene.objects],
    }
    found: dict[str, Any] = run(SCRIPTS, COMPOSE, value)
    return found


def rgb(found: dict[str, Any]) -> npt.NDArray[np.int16]:
    pixels = found["picture"]["data"].reshape(*SIZE_HW, 4)
    assert (pixels[..., 3] == 255).all()
    return np.asarray(pixels[..., :3], np.int16)


def test_the_kinds_are_the_same_everywhere() -> None:
    kinds = run(SCRIPTS, "return Live.backgrounds.kinds;")
    assert tuple(kinds) == BACKGROUND_NAMES == tuple(BACKGROUNDS)


@pytest.mark.slow
@pytest.mark.parametrize("kind", BACKGROUND_NAMES)
def test_backgrounds_have_the_same_colours(kind: str) -> None:
    body = "return value.seeds.map((seed) => Live.backgrounds.draw(value.kind, seed, value.size));"
    size = {"width": SIZE_HW[1], "height": SIZE_HW[0]}
    drawn = run(SCRIPTS, body, {"kind": kind, "seeds": [0, 1, 2, 77], "size": size})
    first = drawn[0]["data"]
    assert any(not np.array_equal(first, one["data"]) for one in drawn[1:])
    for seed, one in zip([0, 1, 2, 77], drawn, strict=True):
        wanted = draw_background(kind, seed, SIZE_HW)
        assert wanted.shape == (*SIZE_HW, 3)
        np.testing.assert_allclose(one["data"].reshape(wanted.shape), wanted, atol=1e-5)


SCENE = PreparedScene(
    background="stripes",
    seed=4,
    objects=(
        SceneObject(sprite="elephant", x=0.3, y=0.5, size=0.7, turn=25.0),
        SceneObject(sprite="cat", x=0.45, y=0.6, size=0.5, flip=True),
        SceneObject(sprite="bus", x=0.98, y=0.1, size=0.6, turn=-100.0),
        SceneObject(sprite="snail", x=0.7, y=0.8, size=0.08),
        SceneObject(sprite="zebra", x=1.4, y=1.4, size=0.1),
    ),
)


@pytest.mark.slow
def test_things_lie_on_the_same_pixels() -> None:
    files = sprite_files(TEMPLATES)
    found, wanted = in_javascript(SCENE, files), compose(SCENE, files, SIZE_HW)
    apart = np.abs(rgb(found) - wanted.pixels)
    assert apart.max() <= 1
    assert (apart > 0).mean() < 0.001
    assert found["boxes"] == wanted.boxes_xyxy.tolist()
    np.testing.assert_allclose(found["visible"], wanted.visible, atol=1e-9)
    assert wanted.visible[1] == 1 > wanted.visible[0] > wanted.visible[4] == 0


def test_a_thing_that_is_turned_right_leans_right(tmp_path: Path) -> None:
    pixels = np.zeros((40, 40, 4), np.uint8)
    pixels[:, 18:22] = (0, 0, 0, 255)  # a post,
    pixels[:8, 18:22] = (255, 0, 0, 255)  # with a red top
    Image.fromarray(pixels).save(tmp_path / "post.png")
    scene = PreparedScene(objects=(SceneObject(sprite="post", x=0.5, y=0.5, size=0.8, turn=90.0),))
    for image in (
        compose(scene, {"post": tmp_path / "post.png"}, SIZE_HW).pixels.astype(np.int16),
        rgb(in_javascript(scene, {"post": tmp_path / "post.png"})),
    ):
        red = (image[..., 0] > 200) & (image[..., 1] < 60)
        assert np.flatnonzero(red.any(0)).mean() > SIZE_HW[1] / 2 + 20


def test_a_scene_is_twice_as_large_as_what_the_network_is_given() -> None:
    assert size_of_scenes(224) == (448, 597)
