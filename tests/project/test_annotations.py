"""`objects:` of a gallery entry, read from YAML with every problem and its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.errors import ConfigurationError
from generator.project.annotations import EXAMPLE, Annotation
from generator.project.config import load_config
from generator.project.gallery import load_gallery


def project(root: Path, objects: str) -> Path:
    """A project with one image; its `objects:` begin on line 3."""
    (root / "content").mkdir()
    (root / "templates").mkdir()
    (root / "content" / "cats.jpg").touch()
    text = f"images:\n- file: content/cats.jpg\n{objects}"
    (root / "content" / "gallery.yml").write_text(text, encoding="utf-8")
    path = root / "site_config.yml"
    path.write_text("title: T\n", encoding="utf-8")
    return path


def read(root: Path, objects: str) -> tuple[Annotation, ...] | None:
    [image] = load_gallery(load_config(project(root, objects)))
    return image.objects


def problems(root: Path, objects: str) -> list[tuple[int | None, str]]:
    path = project(root, objects)
    with pytest.raises(ConfigurationError) as caught:
        load_gallery(load_config(path))
    return [(one.line, one.message) for one in caught.value.problems]


def test_objects_are_read_in_the_authors_order(tmp_path: Path) -> None:
    text = (
        "  objects:\n  - {category: teddy bear, bbox: [20, 30.5, 200, 150]}\n"
        "  - category: cat\n    bbox: [-5, 0, 100, 7]\n"
    )
    assert read(tmp_path, text) == (
        Annotation(category="teddy bear", bbox=(20, 30.5, 200, 150)),
        Annotation(category="cat", bbox=(-5, 0, 100, 7)),
    )


@pytest.mark.parametrize(("text", "objects"), [("", None), ("  objects:\n", None)])
def test_no_annotations(tmp_path: Path, text: str, objects: None) -> None:
    assert read(tmp_path, text) is objects


def test_annotated_as_empty(tmp_path: Path) -> None:
    assert read(tmp_path, "  objects: []\n") == ()


BOX = "expected [x, y, width, height] in pixels"
LIST = f"expected a list such as {EXAMPLE}, or `[]` where nothing is there"
HERE = "image 1: object 1"
NO_BOX = (
    "`bbox:` is missing, or nothing is written after it; an example is `bbox: [20, 30, 200, 150]`"
)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("objects: cat", f"image 1: objects: {LIST}, found `cat`"),
        ("objects: {category: cat}", f"image 1: objects: {LIST}, found a group of keys"),
        ("objects: [cat]", f"{HERE}: expected an object such as {EXAMPLE}, found `cat`"),
        ("objects: [{category: cat}]", f"{HERE}: {NO_BOX}"),
        (
            "objects: [{bbox: [1, 2, 3, 4]}]",
            f"{HERE}: `category:` is missing, or nothing is written after it; an example is "
            "`category: cat`",
        ),
        ("objects: [{category: cat, bbox: }]", f"{HERE}: {NO_BOX}"),
        (
            "objects: [{category: cat, box: [1, 2, 3, 4]}]",
            f"{HERE}: unknown key `box`; did you mean `bbox`?",
        ),
        (
            "objects: [{category: cat, bbox: [1, 2, 3, 4], colour: red}]",
            f"{HERE}: unknown key `colour`; the keys here are category, bbox, iscrowd",
        ),
        (
            "objects: [{category: 17, bbox: [1, 2, 3, 4]}]",
            f"{HERE}: category: expected text, found `17`, which YAML reads as a number; put it "
            "in quotes",
        ),
        (
            "objects: [{category: cat, bbox: [1, 2, 3]}]",
            f"{HERE}: bbox: {BOX}, found `[1, 2, 3]`",
        ),
        (
            "objects: [{category: cat, bbox: [1, 2, 3, 4, 5]}]",
            f"{HERE}: bbox: {BOX}, found `[1, 2, 3, 4, 5]`",
        ),
        (
            "objects: [{category: cat, bbox: [1, 2, 0, 4]}]",
            f"{HERE}: bbox: {BOX}, found `[1, 2, 0, 4]`; width and height must be more than 0",
        ),
        (
            "objects: [{category: cat, bbox: [1, 2, 3, -4]}]",
            f"{HERE}: bbox: {BOX}, found `[1, 2, 3, -4]`; width and height must be more than 0",
        ),
        (
            "objects: [{category: cat, bbox: [1, 2, .nan, 4]}]",
            f"{HERE}: bbox: {BOX}, found `[1, 2, .nan, 4]`",
        ),
        (
            "objects: [{category: cat, bbox: [1, 2, .inf, 4]}]",
            f"{HERE}: bbox: {BOX}, found `[1, 2, .inf, 4]`",
        ),
        (
            "objects: [{category: cat, bbox: [1, 2, yes, 4]}]",
            f"{HERE}: bbox: {BOX}, found `[1, 2, yes, 4]`",
        ),
        ("objects: [{category: cat, bbox: here}]", f"{HERE}: bbox: {BOX}, found `here`"),
        (
            f"objects: [{{category: cat, bbox: [1, 2, 3, {'9' * 400}]}}]",
            f"{HERE}: bbox: {BOX}, found `[1, 2, 3, {'9' * 50}…]`",
        ),
    ],
)
def test_a_wrong_object_is_explained(tmp_path: Path, line: str, message: str) -> None:
    assert problems(tmp_path, f"\n  {line}\n") == [(4, message)]


def test_every_problem_is_reported_with_its_line(tmp_path: Path) -> None:
    text = (
        "  objects:\n  - {category: cat, bbox: [1, 2, 3, 4]}\n  - category: 5\n"
        "    bbox: [1]\n    size: 3\n  - cat\n"
    )
    assert [line for line, _ in problems(tmp_path, text)] == [5, 6, 7, 8]
