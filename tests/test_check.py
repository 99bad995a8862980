"""`check` on the annotations of an entry; the rest is tested through the command."""

from __future__ import annotations

import logging
import re
import shutil
from pathlib import Path

import pytest
from PIL import Image

from generator.check import check_project
from generator.errors import ConfigurationError, PageError, WebsiteError
from generator.outputs.pdf import fonts
from tests.invented import TEMPLATES, invented_project

pytestmark = pytest.mark.slow


def project(root: Path, objects: str, model: str = "detr_emoji") -> Path:
    """A project with one image, which is 60 pixels wide and 40 high once it is upright."""
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


def test_objects_in_the_upright_image_are_fine(tmp_path: Path) -> None:
    path = project(tmp_path, "[{category: cat, bbox: [50, 5, 30, 10]}]")
    assert check_project(path)[1][0].objects is not None


def test_boxes_outside_and_unknown_categories_are_reported_together(tmp_path: Path) -> None:
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


def test_sprites_that_would_keep_the_lab_from_starting_are_reported(tmp_path: Path) -> None:
    path = project(tmp_path, "[]")
    sprites = tmp_path / "templates" / "sprites"
    (sprites / "cut.webp").write_bytes((sprites / "cat.webp").read_bytes()[:200])
    Image.new("RGBA", (8, 8)).save(sprites / "empty.png")
    with pytest.raises(ConfigurationError) as caught:
        check_project(path)
    assert [(one.path.name, one.message) for one in caught.value.problems] == [
        ("cut.webp", "cannot be read; export it again as PNG or WebP"),
        ("empty.png", "is wholly transparent; draw something, or remove it"),
    ]


def test_gallery_is_named_relative_to_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = project(tmp_path, "[{category: elefant, bbox: [0, 0, 5, 5]}]")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigurationError, match=r"(?m)^content.gallery\.yml: cats: object 1"):
        check_project(path)


def test_what_the_model_cannot_know_is_a_notice(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    remotes = "[{category: remote, bbox: [0, 0, 5, 5]}, {category: remote, bbox: [9, 9, 5, 5]}]"
    path = project(tmp_path, remotes)
    path.write_text("title: T\noutputs: [site]\n")
    with caplog.at_level(logging.WARNING, "generator"):
        check_project(path)
    assert caplog.messages == [
        "cats: detr_emoji has no class for remote; what it has none for takes no part in the "
        "matching"
    ]
    caplog.clear()
    gallery = path.parent / "content" / "gallery.yml"
    gallery.write_text(gallery.read_text().replace("detr_emoji", "detr_resnet50"))
    check_project(path)
    assert caplog.messages == []


@pytest.fixture(autouse=True)
def no_fonts_of_this_computer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "findSystemFonts", list)


def check_with(root: Path, page: str, **settings: str) -> None:
    """Checks a project whose page about DETR has an additional paragraph."""
    path = project(root, "[]")
    path.write_text(
        "".join(f"{key}: {value}\n" for key, value in ({"title": "T"} | settings).items())
    )
    q1 = root / "content" / "q1.md"
    q1.write_text(q1.read_text() + f"\n{page}\n")
    check_project(path)


@pytest.mark.parametrize(
    ("page", "said"),
    [
        ("[There](nowhere.md).", "q1.md:5: the link to `nowhere.md` leads to nothing"),
        ("![A picture](assets/none.png)", "q1.md:5: the picture `assets/none.png` is missing"),
        ('<img src="assets/handout.css">', "q1.md:5: the picture `assets/handout.css` has no alt"),
        (
            "So \N{CJK UNIFIED IDEOGRAPH-4EAC}.",
            "q1.md:5: no font has \N{CJK UNIFIED IDEOGRAPH-4EAC}",
        ),
    ],
)
def test_what_only_the_pdf_refuses_is_reported(tmp_path: Path, page: str, said: str) -> None:
    with pytest.raises(PageError, match=re.escape(said)):
        check_with(tmp_path, page, outputs="[pdf]")
    assert not (tmp_path / "build").exists()


def test_what_only_mkdocs_refuses_is_reported(tmp_path: Path) -> None:
    with pytest.raises(WebsiteError, match=r"nowhere\.md"):
        check_with(tmp_path, "[There](nowhere.md).", outputs="[site]")
    assert not (tmp_path / "build").exists()


def test_links_to_pages_of_any_image_are_fine(tmp_path: Path) -> None:
    check_with(tmp_path, "[There](gallery/cats.md).", outputs="[site]")


def test_character_in_a_title_of_the_last_image_is_reported(tmp_path: Path) -> None:
    path = project(tmp_path, "[]")
    path.write_text("title: T\noutputs: [pdf]\n")
    more = "".join(
        f"- file: content/cats.jpg\n  slug: cats-{n}\n  title: {title}\n"
        for n, title in enumerate(["two", "three", '"\N{CJK UNIFIED IDEOGRAPH-4EAC}"'])
    )
    gallery = tmp_path / "content" / "gallery.yml"
    gallery.write_text(gallery.read_text() + more)
    with pytest.raises(PageError, match=r"gallery\.yml:13: no font has"):
        check_project(path)
