"""Reading and drawing emoji sets, in a folder made here."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from generator.errors import GeneratorError
from generator.training import families
from generator.training.families import (
    FAMILIES,
    UNSEEN_FAMILY,
    Family,
    Package,
    find_packages,
    world_of,
)
from generator.training.tray import tray_world
from generator.training.vocabulary import CLASSES, DISTRACTORS, UNSEEN_DISTRACTORS
from tests.training.conftest import write_set

ROOT = Path(__file__).parents[2]


def test_missing_sets_are_named_with_the_command_that_installs_them(tmp_path: Path) -> None:
    write_set(tmp_path / "@iconify-json", "noto", ["cat"], "red")
    with pytest.raises(GeneratorError) as caught:
        find_packages(tmp_path)
    message = str(caught.value)
    assert "openmoji" in message
    assert "noto," not in message
    assert "npm install @iconify-json/noto " in message


def test_a_world_is_drawn_and_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("resvg_py")
    monkeypatch.setattr(families, "CLASSES", CLASSES[:2])
    write_set(tmp_path, "first", ["person-standing", "man-walking", "bicycle", "star"], "#f00")
    write_set(tmp_path, "second", ["bicycle"], "#00f")
    pair = Family("First", ("first",), "MIT"), Family("Second", ("second",), "MIT")
    cache = tmp_path / "cache" / "world.pickle"
    world = world_of(tmp_path, pair, ("star", "nowhere"), cache)
    assert world.names == ("person", "bicycle")
    assert [[len(family) for family in one] for one in world.objects] == [[2], [1, 1]]
    assert len(world.distractors) == 1
    pixels = world.objects[1][1][0].levels[0]
    assert pixels.shape[:2] == (88, 132)  # cropped to 8 x 12 of 16 x 16 at 176 pixels
    assert pixels[40, 60].tolist() == [0, 0, 255, 255]
    for package in ("first", "second"):
        (tmp_path / package / "icons.json").unlink()
    again = world_of(tmp_path, pair, ("star", "nowhere"), cache)
    np.testing.assert_array_equal(again.objects[1][1][0].levels[0], pixels)


def test_a_class_that_nobody_draws_is_an_error(tmp_path: Path) -> None:
    pytest.importorskip("resvg_py")
    write_set(tmp_path, "first", ["bicycle"], "#f00")
    with pytest.raises(GeneratorError, match="the class person"):
        world_of(tmp_path, (Family("First", ("first",), "MIT"),), (), tmp_path / "c.pickle")


def test_the_unseen_is_not_seen() -> None:
    packages = {package for family in FAMILIES for package in family.packages}
    assert not packages & set(UNSEEN_FAMILY.packages)
    assert not set(DISTRACTORS) & set(UNSEEN_DISTRACTORS)
    designs = [design for one in CLASSES for design in one.designs]
    assert len(designs) == len(set(designs))
    assert not set(designs) & {*DISTRACTORS, *UNSEEN_DISTRACTORS}
    assert len(CLASSES) >= 45
    assert len(DISTRACTORS) >= 60


def test_the_tray_is_a_world() -> None:
    world = tray_world(["cat", "person"], ROOT / "templates" / "sprites")
    assert [len(family) for one in world.objects for family in one] == [1, 2]
    with pytest.raises(GeneratorError, match="the lab's tray has no dragon"):
        tray_world(["cat", "dragon"], ROOT / "templates" / "sprites")


def test_a_numbered_drawing_is_the_first_of_its_kind(tmp_path: Path) -> None:
    write_set(tmp_path, "first", ["cat-1", "cat-2", "dog"], "#f00")
    package = Package(tmp_path, "first")
    assert package.svg("cat") is not None
    assert package.svg("dog") is not None
    assert package.svg("horse") is None
