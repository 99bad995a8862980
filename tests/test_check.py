"""`check` on what an entry says is in its picture; the rest is tested through the command."""

from __future__ import annotations

import logging
import shutil
from pathlib import Path

import pytest
from PIL import Image

from generator.check import check_project
from generator.errors import ConfigurationError
from tests.invented import TEMPLATES, invented_project


def project(root: Path, objects: str, model: str = "detr_emoji") -> Path:
    """A project whose one picture is 60 pixels wide and 40 high once it is upright."""
    invented_project(root)
    shutil.copytree(TEMPLATES, root / "templates")
    exif = Image.Exif()
    exif[0x0112] = 6  # rotated by a quarter turn
    Image.new("RGB", (40, 60), "teal").save(root / "content" / "cats.jpg", exif=exif)
    text = f"images:\n- file: content/cats.jpg\n  model: {model}\n  objects: {objects}\n"
    (root / "content" / "gallery.yml").write_text(text)
    path = root / "site_config.yml"
    path.write_text("title: T\n")
    return path


def test_objects_in_the_upright_picture_are_fine(tmp_path: Path) -> None:
    path = project(tmp_path, "[{category: cat, bbox: [50, 5, 30, 10]}]")
    assert check_project(path)[1][0].objects is not None


def test_boxes_outside_and_unknown_categories_are_told_together(tmp_path: Path) -> None:
    path = project(
        tmp_path,
        "[{category: cat, bbox: [5, 50, 30, 10]}, {category: elefant, bbox: [0, 0, 5, 5]}]",
    )
    with pytest.raises(ConfigurationError) as caught:
        check_project(path)
    assert [(p.path.name, p.message) for p in caught.value.problems] == [
        (
            "gallery.yml",
            "cats: object 2: there is no category `elefant`; did you mean `elephant`?",
        ),
        (
            "gallery.yml",
            "cats: object 1 (cat): its box [5, 50, 30, 10] lies outside the image, which is "
            "60 x 40; give left, top, width and height in its pixels",
        ),
    ]


def test_what_the_model_cannot_know_is_a_notice(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    remotes = "[{category: remote, bbox: [0, 0, 5, 5]}, {category: remote, bbox: [9, 9, 5, 5]}]"
    path = project(tmp_path, remotes)
    with caplog.at_level(logging.WARNING, "generator"):
        check_project(path)
    assert caplog.messages == [
        "cats: detr_emoji has no class for remote; what it has none for takes no part in the "
        "matching"
    ]
    caplog.clear()
    path.write_text("title: T\n")
    gallery = path.parent / "content" / "gallery.yml"
    gallery.write_text(gallery.read_text().replace("detr_emoji", "detr_resnet50"))
    check_project(path)
    assert caplog.messages == []
