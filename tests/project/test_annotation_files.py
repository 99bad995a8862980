"""`annotations:` of a gallery: files of COCO and YOLO, and what is pasted from one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from generator.errors import ConfigurationError
from generator.project.annotation_files import CocoImage
from generator.project.config import load_config
from generator.project.gallery import GalleryImage, load_gallery

CATEGORIES = [{"id": 7, "name": "cat"}, {"id": 18, "name": "teddy  bear"}, {"id": 3, "name": "yak"}]
IMAGES = [
    {"id": 42, "file_name": "val/cats.jpg", "width": 200, "height": 100},
    {"id": 43, "file_name": "Собака 1.JPG", "width": 200, "height": 100},
    {"id": "x", "file_name": "train\\none.jpg", "width": 200, "height": 100},
]
BOXES = [
    {"id": 1, "image_id": 42, "category_id": 7, "bbox": [20, 10, 40, 50], "iscrowd": 0},
    {"id": 2, "image_id": 42, "category_id": 18, "bbox": [0, 0, 9.5, 9], "iscrowd": 1},
    {"id": 3, "image_id": 42, "category_id": 3, "bbox": [0, 0, 0, 9]},
    {"id": 4, "image_id": 43, "category_id": 3, "bbox": [1, 2, 3, 4]},
]
COCO = {"images": IMAGES, "annotations": BOXES, "categories": CATEGORIES}
SIZE = (200.0, 100.0)
IDS = (("cat", 7), ("teddy bear", 18), ("yak", 3))


class Project:
    """A project with three images."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for name in ("cats.jpg", "sobaka-1.jpg", "none.jpg", "other.jpg"):
            self.write(f"content/{name}", "")
        (root / "templates").mkdir()
        self.write("site_config.yml", "title: T\n")
        self.coco()

    def write(self, name: str, text: str) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def coco(self, **changes: Any) -> None:
        self.write("content/instances.json", json.dumps(COCO | changes))

    def load(self, gallery: str) -> tuple[GalleryImage, ...]:
        self.write("content/gallery.yml", gallery)
        return load_gallery(load_config(self.root / "site_config.yml"))

    def problems(self, gallery: str) -> list[tuple[int | None, str]]:
        with pytest.raises(ConfigurationError) as caught:
            self.load(gallery)
        return [(one.line, one.message) for one in caught.value.problems]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def entries(*names: str) -> str:
    return "images:\n" + "".join(f"- file: content/{name}.jpg\n" for name in names)


FOR_ALL = "annotations: content/instances.json\n"


def objects_of(image: GalleryImage, size_hw: tuple[int, int] = (100, 200)) -> list[Any]:
    return [(one.category, one.in_pixels(size_hw), one.iscrowd) for one in image.objects or ()]


def test_coco_for_all_images(project: Project) -> None:
    cats, dog, none, other = project.load(FOR_ALL + entries("cats", "sobaka-1", "none", "other"))
    # A box without an area is left out, as training does.
    assert objects_of(cats) == [
        ("cat", (20, 10, 40, 50), False), ("teddy bear", (0, 0, 9.5, 9), True)
    ]  # fmt: skip
    assert cats.coco == CocoImage(42, SIZE, IDS)
    assert objects_of(dog) == [("yak", (1, 2, 3, 4), False)]  # under the name that `add` gives
    assert (none.objects, none.coco) == ((), CocoImage("x", SIZE, IDS))
    assert (other.objects, other.coco) == (None, None)
    assert other.annotations == project.root / "content/instances.json"


def test_coco_below_the_images_and_of_one_image(project: Project) -> None:
    below = project.load(entries("cats") + FOR_ALL)
    (own,) = project.load(entries("cats") + f"  {FOR_ALL}")
    assert below == (own,)
    assert own.coco == CocoImage(42, SIZE, IDS)


def test_objects_that_are_written_come_first(project: Project) -> None:
    written = "  objects: [{category: dog, bbox: [1, 2, 3, 4]}]\n"
    (cats,) = project.load(FOR_ALL + entries("cats") + written)
    assert objects_of(cats) == [("dog", (1, 2, 3, 4), False)]
    assert cats.coco == CocoImage(42, SIZE, IDS)


def test_an_image_that_was_made_smaller(project: Project) -> None:
    (cats,) = project.load(FOR_ALL + entries("cats"))
    assert objects_of(cats, (50, 100))[0] == ("cat", (10, 5, 20, 25), False)
    first = (cats.objects or ())[0]
    assert first.misfit((50, 100)) == first.misfit((51, 101)) == ""
    assert "drawn in an image of 200 x 100, and this one is 100 x 200" in first.misfit((200, 100))


def test_the_folder_tells_images_of_one_name_apart(project: Project) -> None:
    two = [IMAGES[0], {**IMAGES[1], "file_name": "content/cats.jpg"}]
    project.coco(images=two)
    (cats,) = project.load(FOR_ALL + entries("cats"))
    assert cats.coco == CocoImage(43, SIZE, IDS)
    project.coco(images=[two[0], {**two[1], "file_name": "train/cats.jpg"}])
    said = "image 1: instances.json: has several images of this name: val/cats.jpg, train/cats.jpg"
    assert project.problems(FOR_ALL + entries("cats")) == [(3, said)]


def test_an_address_is_looked_for_by_its_name(project: Project) -> None:
    url = "https://example.org/%D0%A1%D0%BE%D0%B1%D0%B0%D0%BA%D0%B0%201.JPG?k=1"
    (dog,) = project.load(f"{FOR_ALL}images:\n- url: {url}\n")
    assert dog.coco == CocoImage(43, SIZE, IDS)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("content/instance.json", "which does not exist; did you mean `content/instances.json`?"),
        ("/tmp/a.json", "which is not a path from the folder of site_config.yml"),
        ("5", "which YAML reads as a number"),
        ("content/cats.jpg", "expected a COCO file `.json`, a YOLO file `.txt` or a folder"),
    ],
)
@pytest.mark.parametrize(("where", "line"), [("{}images:\n- file: content/cats.jpg\n", 1), (
    "images:\n- file: content/cats.jpg\n  {}", 3)])  # fmt: skip
def test_a_wrong_path_is_explained(
    project: Project, where: str, line: int, value: str, message: str
) -> None:
    ((at, said),) = project.problems(where.format(f"annotations: {value}\n"))
    assert at == line
    assert message in said
    assert said.startswith("annotations: " if line == 1 else "image 1: annotations: ")


def changed(kind: str, **changes: Any) -> dict[str, Any]:
    first, *rest = COCO[kind]
    return {kind: [first | changes, *rest]}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"images": None}, "has no list `images`"),
        ({"annotations": 5}, "has no list `annotations`"),
        (changed("categories", id="7"), "a category needs a whole number `id` and a `name`"),
        (changed("annotations", category_id=99), "annotation 1: `categories` has no id 99"),
        (changed("annotations", bbox=[1, 2, 3]), "annotation 1: expected `bbox` as [x, y, width"),
        (changed("annotations", bbox=[1, 2, 3, "4"]), "annotation 1: expected `bbox`"),
        (changed("annotations", bbox=None), "annotation 1: expected `bbox`"),
        (changed("images", width=0), "image 42 of the annotations needs its `width` in pixels"),
        (changed("images", id=None), "an image needs an `id`"),
    ],
)
def test_a_damaged_coco_file_is_explained_once(
    project: Project, changes: Mapping[str, Any], message: str
) -> None:
    project.coco(**changes)
    ((_, said),) = project.problems(FOR_ALL + entries("cats", "none"))
    assert message in said


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{\n'images'", "instances.json:2: is not valid JSON"),
        ("[]", "instances.json: is a bare list, as results are"),
        ("[" * 100_000, "instances.json: is nested too deeply"),
    ],
)
def test_what_is_no_coco_file_is_explained(project: Project, text: str, message: str) -> None:
    project.write("content/instances.json", text)
    ((line, said),) = project.problems(FOR_ALL + entries("cats"))
    assert line == 1
    assert message in said


def test_an_image_whose_own_file_does_not_have_it(project: Project) -> None:
    assert project.problems(entries("other") + f"  {FOR_ALL}") == [
        (3, "image 1: annotations: `instances.json` has no image of the name `other.jpg`")
    ]


@pytest.fixture
def labels(project: Project) -> str:
    project.write(
        "content/labels/val/cats.txt", "1 0.5 0.25 0.2 0.1\n\n0 0.1 0.1 0.3 0.1 0.2 0.4\n"
    )
    project.write("content/labels/val/Собака 1.txt", "")
    project.write("content/labels/classes.txt", "person\nteddy  bear\n\n")
    return "annotations: content/labels\n"


def close(*numbers: float) -> Any:
    return pytest.approx(numbers)


def test_yolo_for_all_images(project: Project, labels: str) -> None:
    cats, dog, other = project.load(labels + entries("cats", "sobaka-1", "other"))
    assert objects_of(cats) == [
        ("teddy bear", close(80, 20, 40, 10), False), ("person", close(20, 10, 40, 30), False)
    ]  # fmt: skip
    assert (cats.coco, dog.objects, other.objects) == (None, (), None)
    assert (cats.objects or ())[0].misfit((5, 999)) == ""


def test_yolo_of_one_image_whatever_its_name(project: Project, labels: str) -> None:
    (other,) = project.load(entries("other") + "  annotations: content/labels/val/cats.txt\n")
    assert [name for name, *_ in objects_of(other)] == ["teddy bear", "person"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("content/data.yaml", "path: ../x\nnames:\n  0: person\n  1: teddy bear\n"),
        ("content/labels/data.yml", "names: [person, teddy bear]\n"),
        ("obj.names", "person\nteddy bear\n"),
    ],
)
def test_names_of_yolos_classes(project: Project, labels: str, name: str, text: str) -> None:
    (project.root / "content/labels/classes.txt").unlink()
    project.write(name, text)
    (cats,) = project.load(labels + entries("cats"))
    assert [one for one, *_ in objects_of(cats)] == ["teddy bear", "person"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("0 40 30 20 10", "cats.txt:1: expected fractions of the image's width and height"),
        ("0 nan 0 1 1", "cats.txt:1: expected fractions"),
        ("\n2 0.5 0.5 0.1 0.1", "cats.txt:2: there is no name for class 2; the names go from 0"),
        ("0 0.5 0.5 0.1", "cats.txt:1: expected the number of a class and then x, y"),
        ("0 0.5 0.5 0 0.1", "cats.txt:1: expected the number of a class"),
        ("cat 0.5 0.5 0.1 0.1", "cats.txt:1: expected the number of a class"),
    ],
)
def test_a_wrong_line_of_yolo_is_explained(
    project: Project, labels: str, text: str, message: str
) -> None:
    project.write("content/labels/val/cats.txt", text)
    ((line, said),) = project.problems(labels + entries("cats"))
    assert line == 3
    assert said.startswith(f"image 1: {message}")


def test_a_class_without_a_name_is_explained(project: Project, labels: str) -> None:
    project.write("content/labels/classes.txt", "person\n\ncat\n")
    ((_, said),) = project.problems(labels + entries("cats"))
    assert "cats.txt:1: there is no name for class 1" in said


def test_yolo_without_names_says_where_to_write_them(project: Project, labels: str) -> None:
    (project.root / "content/labels/classes.txt").unlink()
    assert project.problems(labels + entries("cats")) == [
        (1, "annotations: labels: the names of its classes are missing; write them into "
         "`labels/classes.txt`, one on a line, in the order of their numbers")
    ]  # fmt: skip


def test_a_yolo_file_is_not_that_of_all_images(project: Project, labels: str) -> None:
    ((line, said),) = project.problems(
        "annotations: content/labels/val/cats.txt\n" + entries("cats")
    )
    assert (line, "is of one image" in said) == (1, True)


PASTED = (
    '  - {"segmentation": [[1.0, 2, 3, 4, 5, 6]], "area": 702.1, "iscrowd": 0, "image_id": 289343,'
    ' "bbox": [473.07, 395.93, 38.65, 28.67], "category_id": 18, "id": 1768}\n'
    '  - {"segmentation":{"counts":[1,2],"size":[3,4]},"iscrowd":1,"bbox":[1,2,3,4],'
    '"category_id":1,"id":1}\n'
)


def test_pasted_annotations_have_cocos_categories(project: Project) -> None:
    (cats,) = project.load(entries("cats") + "  objects:\n" + PASTED)
    assert objects_of(cats) == [
        ("dog", (473.07, 395.93, 38.65, 28.67), False), ("person", (1, 2, 3, 4), True)
    ]  # fmt: skip


def test_pasted_annotations_have_the_categories_of_the_file(project: Project) -> None:
    pasted = "  objects: [{category_id: 18, bbox: [1, 2, 3, 4]}]\n"
    (cats,) = project.load(FOR_ALL + entries("cats") + pasted)
    assert [name for name, *_ in objects_of(cats)] == ["teddy bear"]


@pytest.mark.parametrize("number", ["12", "cat", "18.0", "[1]"])
def test_a_pasted_id_that_is_none_is_explained(project: Project, number: str) -> None:
    pasted = f"  objects:\n  - bbox: [1, 2, 3, 4]\n    category_id: {number}\n"
    ((line, said),) = project.problems(entries("cats") + pasted)
    assert line == 5
    assert said.startswith("image 1: object 1: category_id: expected the id of a category")


def test_a_crowd_is_marked_with_0_or_1(project: Project) -> None:
    text = "  objects: [{category: cat, bbox: [1, 2, 3, 4], iscrowd: 2}]\n"
    assert project.problems(entries("cats") + text) == [
        (3, "image 1: object 1: iscrowd: expected 0 or 1, found `2`")
    ]
