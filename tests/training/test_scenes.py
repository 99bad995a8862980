from pathlib import Path

import numpy as np
import pytest

from generator.training.glyphs import CLASSES, DISTRACTORS, find_font, render_glyph
from generator.training.scenes import (
    HELD_OUT_SEED,
    MIN_VISIBLE,
    TRAINING_SEED,
    SceneOptions,
    compose_scene,
    transform,
)


def test_same_number_gives_the_same_scene_and_another_seed_another(no_font: Path) -> None:
    one, again = (compose_scene(TRAINING_SEED, 5, (64, 80), no_font) for _ in range(2))
    other = compose_scene(HELD_OUT_SEED, 5, (64, 80), no_font)
    assert one.pixels.shape == (64, 80, 3)
    assert np.array_equal(one.pixels, again.pixels)
    assert np.array_equal(one.boxes_xyxy, again.boxes_xyxy)
    assert not np.array_equal(one.pixels, other.pixels)


@pytest.mark.slow
def test_boxes_lie_in_the_scene_and_have_the_sizes_that_were_asked_for(no_font: Path) -> None:
    options = SceneOptions(min_objects=3, max_objects=3, min_side=0.2, max_side=0.4)
    sides = []
    for index in range(20):
        scene = compose_scene(TRAINING_SEED, index, (100, 140), no_font, options)
        assert len(scene.classes) == len(scene.boxes_xyxy) <= 3
        assert (scene.boxes_xyxy[:, :2] >= 0).all()
        assert (scene.boxes_xyxy[:, 2] <= 140).all()
        assert (scene.boxes_xyxy[:, 3] <= 100).all()
        sides += (scene.boxes_xyxy[:, 2:] - scene.boxes_xyxy[:, :2]).max(1).tolist()
    assert len(sides) > 40
    assert min(sides) > 15
    assert max(sides) < 50  # turned by 15 degrees a square is a fifth wider


@pytest.mark.slow
def test_no_object_is_hidden(no_font: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Counts each object's pixels as it is painted and in the finished scene."""
    from generator.training import scenes

    painted: dict[int, int] = {}
    owners: list[np.ndarray] = []
    real = scenes.paint

    def spy(canvas, owner, placed, number):  # type: ignore[no-untyped-def]
        box, opaque = real(canvas, owner, placed, number)
        if number >= 0:
            painted[number] = opaque
        owners.append(owner)
        return box, opaque

    monkeypatch.setattr(scenes, "paint", spy)
    overlapped = 0
    for index in range(30):
        painted.clear()
        compose_scene(TRAINING_SEED, index, (80, 80), no_font, SceneOptions(min_objects=6))
        for number, opaque in painted.items():
            visible = int((owners[-1] == number).sum())
            assert visible >= MIN_VISIBLE * opaque
            overlapped += visible < opaque
    assert overlapped > 5


def test_transform_scales_turns_and_mirrors() -> None:
    sprite = np.zeros((40, 20, 4), np.float32)
    sprite[:, :10] = 1.0  # the left half
    large = transform(sprite, 80)
    columns = np.flatnonzero(large[..., 3].max(0) > 0.5)
    rows = np.flatnonzero(large[..., 3].max(1) > 0.5)
    assert abs(len(rows) - 80) <= 2
    assert abs(len(columns) - 20) <= 2
    left = transform(sprite, 40)[..., 3]
    mirrored = transform(sprite, 40, mirrored=True)[..., 3]
    assert left[:, : left.shape[1] // 2].sum() > left[:, left.shape[1] // 2 :].sum()
    assert mirrored[:, : left.shape[1] // 2].sum() < mirrored[:, left.shape[1] // 2 :].sum()
    lying = transform(sprite, 40, degrees=90)
    assert lying.shape[1] > lying.shape[0]


@pytest.mark.slow
@pytest.mark.font
def test_the_font_has_every_glyph() -> None:
    font = find_font()
    glyphs = "".join(c.designs + c.held_out for c in CLASSES) + DISTRACTORS
    assert len(set(glyphs)) == len(glyphs)
    for glyph in glyphs:
        sprite = render_glyph(glyph, font)
        assert min(sprite.shape[:2]) > 20
        assert sprite[..., 3].max() == 1.0
        assert sprite[..., :3].std() > 0.05  # in colour, not a box
