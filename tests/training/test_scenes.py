from __future__ import annotations

import numpy as np
import pytest

from generator.training import effects, scenes
from generator.training.recipe import RECIPE
from generator.training.scenes import (
    HELD_OUT_SEED,
    TRAINING_SEED,
    SceneOptions,
    compose_scene,
    single,
)
from generator.training.sprites import Sprite, SpriteWorld

PLAIN = SceneOptions(effects=False)


def test_same_number_gives_the_same_scene_and_another_seed_another(world: SpriteWorld) -> None:
    one, again = (compose_scene(TRAINING_SEED, 5, (60, 84), world) for _ in range(2))
    other = compose_scene(HELD_OUT_SEED, 5, (60, 84), world)
    assert one.pixels.shape == (60, 84, 3)
    assert np.array_equal(one.pixels, again.pixels)
    assert np.array_equal(one.boxes_xyxy, again.boxes_xyxy)
    assert not np.array_equal(one.pixels, other.pixels)


@pytest.mark.slow
def test_boxes_lie_in_the_scene_and_have_the_sizes_that_were_asked_for(world: SpriteWorld) -> None:
    options = SceneOptions(
        min_objects=3, max_objects=3, min_side=0.2, max_side=0.4, usual_sides=(0.2, 0.4),
        max_degrees=15, effects=False,
    )  # fmt: skip
    sides = []
    for index in range(20):
        scene = compose_scene(TRAINING_SEED, index, (100, 140), world, options)
        assert len(scene.classes) == len(scene.boxes_xyxy) <= 3
        assert (scene.boxes_xyxy[:, :2] >= 0).all()
        assert (scene.boxes_xyxy[:, 2] <= 140).all()
        assert (scene.boxes_xyxy[:, 3] <= 100).all()
        assert (np.abs(scene.degrees) <= 15).all()
        assert ((scene.sides >= 0.2) & (scene.sides <= 0.4)).all()
        whole = scene.visible > 0.99
        sides += (scene.boxes_xyxy[:, 2:] - scene.boxes_xyxy[:, :2]).max(1)[whole].tolist()
    assert len(sides) > 20
    assert min(sides) > 15
    assert max(sides) < 50  # turned by 15 degrees a square is a fifth wider


@pytest.mark.slow
def test_no_object_is_hidden_and_what_is_said_of_it_is_true(
    world: SpriteWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counts each object's pixels as it is placed, uncut, and in the finished scene."""
    canvases: list[scenes._Canvas] = []

    class Spied(scenes._Canvas):
        def __init__(self, pixels: np.ndarray) -> None:
            super().__init__(pixels)
            canvases.append(self)

    monkeypatch.setattr(scenes, "_Canvas", Spied)
    overlapped = 0
    options = SceneOptions(min_objects=8, effects=False)
    for index in range(30):
        scene = compose_scene(TRAINING_SEED, index, (84, 84), world, options)
        canvas = canvases[-1]
        for number, visible in enumerate(scene.visible.tolist()):
            seen = int((canvas.owner == number).sum())
            assert visible == pytest.approx(seen / canvas.areas[number])
            assert visible >= options.min_visible
            overlapped += visible < 0.95
    assert overlapped > 20


def test_a_close_up_has_one_large_object_first_and_at_most_one_more(world: SpriteWorld) -> None:
    options = SceneOptions(close_ups=1.0, effects=False)
    found = [compose_scene(TRAINING_SEED, i, (60, 60), world, options).sides for i in range(40)]
    assert {len(sides) for sides in found} <= {0, 1, 2}  # now and then no place is found
    assert all(0.449 < sides[0] <= 0.85 for sides in found if len(sides))
    assert sum(sides[0] > 0.65 for sides in found if len(sides)) > 10
    assert any(sides[1] < 0.45 for sides in found if len(sides) == 2)


def test_objects_cross_the_border_but_not_by_too_much(world: SpriteWorld) -> None:
    drawn = world.objects[0][0][0].drawn(40)
    rng = np.random.default_rng(0)
    cut = 0
    for _ in range(200):
        placed = scenes.place(rng, drawn, (100, 100), 0.4)
        if placed is not None:
            shown = (placed.sprite[..., 3] > 0.5).sum()
            assert shown >= 0.4 * placed.whole_area
            cut += shown < 0.9 * placed.whole_area
    assert cut > 5


def test_outlines_and_shadows_change_what_is_opaque_as_they_should(world: SpriteWorld) -> None:
    drawn = world.objects[0][0][0].drawn(40)
    opaque = (drawn[..., 3] > 0.5).sum()
    outlined = effects.outlined(np.random.default_rng(0), drawn)
    shaded = effects.shaded(np.random.default_rng(0), drawn)
    assert (outlined[..., 3] > 0.5).sum() > opaque  # an outline belongs to the object
    assert (shaded[..., 3] > 0.5).sum() == opaque  # a shadow does not
    assert shaded[..., 3].sum() > drawn[..., 3].sum()
    for one in (outlined, shaded):
        assert (one[..., :3] <= one[..., 3:] + 1e-6).all()  # still premultiplied


def test_other_colours_stay_within_the_alpha(world: SpriteWorld) -> None:
    drawn = world.objects[0][0][0].drawn(40)
    made = [effects.recoloured(np.random.default_rng(seed), drawn) for seed in range(12)]
    for one in made:
        assert np.allclose(one[..., 3], drawn[..., 3])
        assert (one[..., :3] >= 0).all()
        assert (one[..., :3] <= one[..., 3:] + 1e-6).all()
    assert all(np.abs(one - drawn).max() > 0.02 for one in made)


def test_a_bent_drawing_keeps_its_longer_side() -> None:
    rgba = np.full((40, 40, 4), 255, np.uint8)
    for stretch, shear in ((0.5, 0.0), (2.0, 0.0), (1.0, 0.3)):
        drawn = Sprite.of(rgba).drawn(60, stretch=stretch, shear=shear)
        opaque = drawn[..., 3] > 0.5
        height, width = opaque.any(1).sum(), opaque.any(0).sum()
        assert abs(height - 60 / max(stretch, 1)) <= 1
        assert abs(width - 60 / max(stretch, 1) * (stretch + shear)) <= 2


def test_training_alone_restyles_things(world: SpriteWorld) -> None:
    last = RECIPE.stages[-1]
    assert last.options.restyled > 0
    assert last.measured == SceneOptions()
    one, other = (
        compose_scene(1, 3, (96, 96), world, options) for options in (last.options, last.measured)
    )
    assert len(one.classes)
    assert not np.array_equal(one.pixels, other.pixels)


def test_a_single_thing_may_be_a_class_or_none(world: SpriteWorld) -> None:
    options = SceneOptions(min_side=0.5, max_side=0.6, usual_sides=(0.5, 0.6))
    for label in (0, len(world.names) + 2):
        pixels = single(np.random.default_rng(1), world, label, (48, 48), options)
        assert pixels.shape == (48, 48, 3)
        assert pixels.std() > 1


def test_a_sprite_is_scaled_turned_and_mirrored() -> None:
    rgba = np.zeros((40, 20, 4), np.uint8)
    rgba[:, :10] = 255  # the left half
    sprite = Sprite.of(rgba)
    large = sprite.drawn(80)
    columns = np.flatnonzero(large[..., 3].max(0) > 0.5)
    rows = np.flatnonzero(large[..., 3].max(1) > 0.5)
    assert abs(len(rows) - 80) <= 2
    assert abs(len(columns) - 20) <= 2
    left, mirrored = sprite.drawn(40)[..., 3], sprite.drawn(40, mirrored=True)[..., 3]
    middle = left.shape[1] // 2
    assert left[:, :middle].sum() > left[:, middle:].sum()
    assert mirrored[:, :middle].sum() < mirrored[:, middle:].sum()
    lying = sprite.drawn(40, degrees=90)
    assert lying.shape[1] > lying.shape[0]
    columns = np.flatnonzero(lying[..., 3].max(0) > 0.5)
    assert abs(len(columns) - 40) <= 2  # the left half of a glyph that lies is half as high
    top = lying[: lying.shape[0] // 2, :, 3].sum()
    assert top < 0.2 * lying[..., 3].sum()  # turned anticlockwise, what was left is below


def test_small_drawings_skip_no_pixels() -> None:
    rgba = np.zeros((128, 128, 4), np.uint8)
    rgba[..., 3] = 255
    rgba[::2, :, :3] = 255  # lines of one pixel: grey from afar
    small = Sprite.of(rgba).drawn(16)
    inside = small[3:-3, 3:-3, 0]
    assert np.abs(inside - 0.5).max() < 0.1


def test_a_world_can_be_cut_to_some_classes(world: SpriteWorld) -> None:
    some = world.of(["zebra", "person"])
    assert some.names == ("zebra", "person")
    assert some.objects[1] == world.objects[0]
    scene = compose_scene(TRAINING_SEED, 0, (60, 60), some, SceneOptions(min_objects=5))
    assert set(scene.classes.tolist()) <= {0, 1}
