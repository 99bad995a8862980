from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import ValidationError

from generator.errors import ConfigurationError
from generator.project.comparisons import Comparison
from generator.project.config import SiteConfig, load_config
from generator.project.gallery import GalleryImage, load_gallery, load_project

SHA256 = "0123456789abcdef" * 4
Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a gallery into a project with a few files; returns its site_config.yml."""
    root = tmp_path / "project"
    for folder in ("content", "templates", "images/more"):
        (root / folder).mkdir(parents=True)
    for name in ("cats.jpg", "dogs.jpg", "Été à Łódź.png", "猫.png", "more/Cats.JPG", "index.png"):
        (root / "images" / name).touch()
    (root / "content" / "birds.jpg").touch()
    (root.parent / "secret.jpg").touch()

    def write_gallery(gallery: str, site: str = "title: T\n") -> Path:
        (root / "content" / "gallery.yml").write_text(gallery, encoding="utf-8")
        path = root / "site_config.yml"
        path.write_text(site, encoding="utf-8")
        return path

    return write_gallery


def problems_of(path: Path) -> list[tuple[int | None, str]]:
    """The problems of a gallery; site_config.yml has none."""
    with pytest.raises(ConfigurationError) as caught:
        load_gallery(load_config(path))
    gallery = path.parent / "content" / "gallery.yml"
    assert all(problem.path == gallery for problem in caught.value.problems)
    return [(problem.line, problem.message) for problem in caught.value.problems]


def test_what_is_left_out_comes_from_the_file_name_and_the_site(write: Write) -> None:
    site = "title: T\nmodel: detr_demo\nthreshold: 0.7\n"
    path = write("images:\n  - file: images/cats.jpg\n    caption:\n    points:\n", site)
    assert load_gallery(load_config(path)) == (
        GalleryImage(
            slug="cats",
            title="Cats",
            file=path.parent / "images" / "cats.jpg",
            url=None,
            sha256=None,
            caption="",
            alt="",
            credit="",
            model="detr_demo",
            threshold=0.7,
            points=None,
        ),
    )


def test_every_key_is_read(write: Write) -> None:
    path = write(
        "images:\n- url: https://example.org/photos/Two%20cats.jpg?size=large\n"
        f"  slug: two-cats-1\n  title: 'Two: cats'\n  sha256: {SHA256.upper()}\n"
        "  caption: |\n    A *couch*.\n\n    Two cats.\n  alt: Cats on\n    a couch\n  credit: Me\n"
        "  model: detr_resnet50\n  threshold: 0.5\n  points: [[0, 1], [0.25, 0.5]]\n"
    )
    [image] = load_gallery(load_config(path))
    assert image == GalleryImage(
        slug="two-cats-1",
        title="Two: cats",
        file=None,
        url="https://example.org/photos/Two%20cats.jpg?size=large",
        sha256=SHA256,
        caption="A *couch*.\n\nTwo cats.",
        alt="Cats on a couch",
        credit="Me",
        model="detr_resnet50",
        threshold=0.5,
        points=((0.0, 1.0), (0.25, 0.5)),
    )


def test_the_order_of_the_author_is_kept(write: Write) -> None:
    path = write(
        "images:\n- file: images/dogs.jpg\n- url: http://example.org/a.jpg\n"
        "- file: images/cats.jpg\n  points: auto\n"
    )
    slugs = [image.slug for image in load_gallery(load_config(path))]
    assert slugs == ["dogs", "a", "cats"]


@pytest.mark.parametrize(
    ("origin", "slug", "title"),
    [
        ("file: images/Été à Łódź.png", "ete-a-lodz", "Ete a lodz"),
        ("file: images/猫.png", "mao", "Mao"),
        ("url: https://example.org/Two%20Cats.small.jpg", "two-cats-small", "Two cats small"),
        ("url: https://example.org/%E7%8C%AB.jpg", "mao", "Mao"),
        ("url: https://example.org/?id=3", "image-9e390cd1", "Image 9e390cd1"),
        ("url: http://example.org/val/000000039769.jpg", "000000039769", "000000039769"),
        (f"url: http://example.org/{'ab-' * 60}.jpg", "ab-" * 19 + "ab", "Ab" + " ab" * 19),
    ],
)
def test_slugs_and_titles_are_made_from_names(
    write: Write, origin: str, slug: str, title: str
) -> None:
    [image] = load_gallery(load_config(write(f"images:\n- {origin}\n")))
    assert (image.slug, image.title) == (slug, title)


FILE = "expected a file in the project"
PAIR = "expected a pair [x, y] of fractions of width and height from 0 to 1"
POINTS = "expected `auto` or a list of pairs such as `[[0.5, 0.25]]`"
SLUG = "expected at most 60 small letters a-z, digits and single hyphens"
ADDRESS = "expected a web address such as `https://example.org/cats.jpg`"
HASH = "expected the 64 digits (0-9, a-f) of a SHA-256 hash"
NUMBER = "which YAML reads as a number; put it in quotes"
KEYS = (
    "slug, title, file, url, sha256, caption, alt, credit, model, models, threshold, print, "
    "points, page, annotations, objects"
)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("caption_: a", "unknown key `caption_`; did you mean `caption`?"),
        ("thresold: 1", "unknown key `thresold`; did you mean `threshold`?"),
        ("description: a", f"unknown key `description`; the keys here are {KEYS}"),
        ("file: a.jpg", "file: this key is already on line 2; keep one of the two"),
        ("slug: 5", f"slug: {SLUG}, found `5`, {NUMBER}"),
        ("slug: My Cats!", f"slug: {SLUG}, found `My Cats!`; write `my-cats`"),
        ("slug: cats_2", f"slug: {SLUG}, found `cats_2`; write `cats-2`"),
        ("slug: 猫", f"slug: {SLUG}, found `猫`; write `mao`"),
        ("slug: " + "a" * 61, f"slug: {SLUG}, found `{'a' * 59}…`; write `{'a' * 60}`"),
        ("title: 5", f"title: expected text, found `5`, {NUMBER}"),
        (
            "title: off",
            "title: expected text, found `off`, which YAML reads as true or false; put it in "
            "quotes",
        ),
        ("title: ''", "title: expected text, found `''`"),
        ("caption: [a]", "caption: expected text, found `[a]`"),
        (
            "alt: yes",
            "alt: expected text, found `yes`, which YAML reads as true or false; put it in quotes",
        ),
        ("credit: 1.5", f"credit: expected text, found `1.5`, {NUMBER}"),
        ("threshold: 1.5", "threshold: expected a number between 0 and 1, found `1.5`"),
        ("threshold: high", "threshold: expected a number between 0 and 1, found `high`"),
        ("sha256: abc", f"sha256: {HASH}, found `abc`, which has 3"),
        ("sha256: 123", f"sha256: {HASH}, found `123`, {NUMBER}"),
        (f"sha256: {SHA256}0", f"sha256: {HASH}, found `{SHA256[:59]}…`, which has 65"),
        (f"sha256: {SHA256[:-1]}g", f"sha256: {HASH}, found `{SHA256[:59]}…`"),
        ("points: Auto", f"points: {POINTS}, found `Auto`; did you mean `auto`?"),
        ("points: 5", f"points: {POINTS}, found `5`"),
        ("points: []", f"points: {POINTS}, found an empty list"),
        ("points: {x: 0.5}", f"points: {POINTS}, found a group of keys"),
        (
            "points: [0.5, 0.5]",
            f"points: {POINTS}, found `[0.5, 0.5]`; put each pair in brackets of its own",
        ),
        ("points: [[0.5, 0.5], [0.5]]", f"point 2: {PAIR}, found `[0.5]`"),
        ("points: [[0.5, 0.5, 0.5]]", f"point 1: {PAIR}, found `[0.5, 0.5, 0.5]`"),
        ("points: [[0.5, yes]]", f"point 1: {PAIR}, found `[0.5, yes]`"),
        ("points: [['0.5', 0.5]]", f"point 1: {PAIR}, found `['0.5', 0.5]`"),
        ("points: [[-0.1, 0.5]]", f"point 1: {PAIR}, found `[-0.1, 0.5]`"),
        ("points: [[.nan, 0.5]]", f"point 1: {PAIR}, found `[.nan, 0.5]`"),
        ("points: [center]", f"point 1: {PAIR}, found `center`"),
        (
            "points: [[200, 280]]",
            f"point 1: {PAIR}, found `[200, 280]`; divide pixels by the image's width and height",
        ),
    ],
)
def test_a_wrong_line_is_explained(write: Write, line: str, message: str) -> None:
    path = write(f"images:\n- file: images/cats.jpg\n\n  {line}\n")
    assert problems_of(path) == [(4, f"image 1: {message}")]


@pytest.mark.parametrize(
    ("origin", "message"),
    [
        ("file: images/cats.png", f"file: {FILE}, found `images/cats.png`, which does not exist; "
         "did you mean `images/cats.jpg`?"),
        ("file: birds.jpg", f"file: {FILE}, found `birds.jpg`, which does not exist; did you mean "
         "`content/birds.jpg`?"),
        ("file: nowhere/x.jpg", f"file: {FILE}, found `nowhere/x.jpg`, which does not exist"),
        ("file: images", f"file: {FILE}, found `images`, which is not a file"),
        ("file: [a.jpg, b.jpg]", f"file: {FILE}, found `[a.jpg, b.jpg]`"),
        ("file: 5", f"file: {FILE}, found `5`, {NUMBER}"),
        ("file: ../secret.jpg", f"file: {FILE}, found `../secret.jpg`, which leads out of it; copy "
         "it into the folder of site_config.yml"),
        ("file: /etc/passwd", f"file: {FILE}, found `/etc/passwd`, which is not a path from the "
         "folder of site_config.yml; copy it into that folder"),
        ("file: images\\cats.jpg", f"file: {FILE}, found `images\\cats.jpg`; separate folders with "
         "`/`, not with a backslash"),
        ("file: https://example.org/a.jpg", f"file: {FILE}, found `https://example.org/a.jpg`, "
         "which is an address; an image from the web goes under `url:`"),
        ("url: images/cats.jpg", f"url: {ADDRESS}, found `images/cats.jpg`; begin it with "
         "`https://`, or write `file:` for a file of the project"),
        ("url: www.example.org/a.jpg", f"url: {ADDRESS}, found `www.example.org/a.jpg`; begin it "
         "with `https://`, or write `file:` for a file of the project"),
        ("url: ftp://example.org/a.jpg", f"url: {ADDRESS}, found `ftp://example.org/a.jpg`"),
        ("url: file:///etc/passwd", f"url: {ADDRESS}, found `file:///etc/passwd`"),
        ("url: https:///a.jpg", f"url: {ADDRESS}, found `https:///a.jpg`"),
        ("url: http://[::1/a.jpg", f"url: {ADDRESS}, found `http://[::1/a.jpg`"),
        ("url: http://x:99999/a.jpg", f"url: {ADDRESS}, found `http://x:99999/a.jpg`"),
        ("url: http://x.org/a b.jpg", f"url: {ADDRESS}, found `http://x.org/a b.jpg`; write %20 "
         "for a space"),
        ("url: 5", f"url: {ADDRESS}, found `5`, {NUMBER}"),
        ("title: Cats", "needs `file:` (an image of the project) or `url:` (one from the web)"),
        ("file:", "needs `file:` (an image of the project) or `url:` (one from the web)"),
        ("flie: images/cats.jpg", "unknown key `flie`; did you mean `file`?"),
        ("flie:", "unknown key `flie`; did you mean `file`?"),
        ("{file: images/cats.jpg, url: https://x.org/a.jpg}", "has both `file:` and `url:`; keep "
         "one of the two"),
        ("images/cats.jpg", "expected keys such as `file:` after the dash, found `images/cats.jpg`"
         "; write `- file: images/cats.jpg`"),
        ("https://x.org/a.jpg", "expected keys such as `file:` after the dash, found "
         "`https://x.org/a.jpg`; write `- url: https://x.org/a.jpg`"),
        ("file:a.jpg", "expected keys such as `file:` after the dash, found `file:a.jpg`; write "
         "`- file: a.jpg`"),
        ("file = a.jpg", "expected keys such as `file:` after the dash, found `file = a.jpg`; "
         "write `- file: a.jpg`"),
        ("", "expected keys such as `file:` after the dash, found nothing"),
        ("[file, a.jpg]", "expected keys such as `file:` after the dash, found `[file, a.jpg]`"),
        ("file: images/index.png", "the slug `index`, made from the name of its file, is not free; "
         "choose another with `slug:`"),
        ("{file: images/cats.jpg, slug: index}", "the slug `index` is not free; choose another "
         "with `slug:`"),
        ("{file: images/cats.jpg, slug: con}", "the slug `con` is not free; choose another with "
         "`slug:`"),
    ],
)  # fmt: skip
def test_a_wrong_image_is_explained(write: Write, origin: str, message: str) -> None:
    path = write(f"images:\n- file: images/dogs.jpg\n- {origin}\n")
    assert problems_of(path) == [(3, f"image 2: {message}")]


def test_an_unknown_model_is_explained_with_the_nearest_name(write: Write) -> None:
    [(line, message)] = problems_of(
        write("images:\n- file: images/cats.jpg\n  model: detr-resnet-101\n")
    )
    assert line == 3
    assert message.startswith("image 1: model: expected one of `detr_emoji`, `detr_resnet50`, ")
    assert message.endswith("found `detr-resnet-101`; did you mean `detr_resnet101`?")


def test_a_link_out_of_the_project_is_refused(write: Write) -> None:
    path = write("images:\n- file: images/linked.jpg\n")
    (path.parent / "images" / "linked.jpg").symlink_to(path.parent.parent / "secret.jpg")
    assert problems_of(path) == [
        (
            2,
            f"image 1: file: {FILE}, found `images/linked.jpg`, which is a link that leads out of "
            "it; copy it into the folder of site_config.yml",
        )
    ]


TAKEN = "is that of image 1 on line 2; choose another with `slug:`"


@pytest.mark.parametrize(
    ("first", "second", "line", "slug"),
    [
        ("file: images/cats.jpg", "file: images/cats.jpg", 3, "cats"),
        ("file: images/cats.jpg", "file: images/more/Cats.JPG", 3, "cats"),
        ("file: images/cats.jpg", "url: https://example.org/c%C3%A0ts.png", 3, "cats"),
        ("url: https://example.org/stra%C3%9Fe.jpg", "url: http://x.org/STRASSE.jpg", 3, "strasse"),
        ("url: http://x.org/mao.jpg", "file: images/猫.png", 3, "mao"),
    ],
)
def test_two_images_whose_names_make_one_slug(
    write: Write, first: str, second: str, line: int, slug: str
) -> None:
    path = write(f"images:\n- {first}\n- {second}\n")
    expected = f"image 2: the slug `{slug}`, made from the name of its file, {TAKEN}"
    assert problems_of(path) == [(line, expected)]


def test_a_slug_that_is_written_is_compared_as_well(write: Write) -> None:
    second = "- file: images/dogs.jpg\n  slug: cats\n"
    assert problems_of(write("images:\n- file: images/cats.jpg\n" + second)) == [
        (4, f"image 2: the slug `cats` {TAKEN}")
    ]
    # Even if it is not valid, so that correcting it brings no new problem.
    problems = problems_of(write("images:\n- file: images/cats.jpg\n" + second.replace("c", "C")))
    assert problems == [
        (4, f"image 2: the slug `cats` {TAKEN}"),
        (4, f"image 2: slug: {SLUG}, found `Cats`; write `cats`"),
    ]


LIST = "images: expected a list of images, such as `- file: images/cats.jpg`"


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("", None, "the file is empty"),
        ("images:\n", 1, f"{LIST}, found nothing"),
        ("images: []\n", 1, f"{LIST}, found an empty list"),
        ("images: cats.jpg\n", 1, f"{LIST}, found `cats.jpg`"),
        ("images:\n  file: images/cats.jpg\n", 2, f"{LIST}, found a group of keys"),
        ("title:\n", 1, "`title:` belongs to an image; indent it as far as the key after the dash"),
        ("image:\n- file: images/cats.jpg\n", 1, "unknown key `image`; did you mean `images`?"),
        ("hello\n", 1, "expected `images:` and below it a list, found `hello`"),
        ("- file: images/cats.jpg\n", 1, "write `images:` on a line above the list"),
        ("images:\n- file: images/cats.jpg\n   title: T\n", 3, "this colon is not allowed here; "
         "put a text that holds a colon in quotes, and start keys that belong together in the "
         "same column"),
        ("images:\n- file: images/cats.jpg\ntitle: Cats\n", 3, "`title:` belongs to an image; "
         "indent it as far as the key after the dash"),
        ("images:\n- file: images/cats.jpg\nimage: 5\n", 3, "unknown key `image`; did you mean "
         "`images`?"),
        ("images:\n-file: images/cats.jpg\n", 2, "put a space after the dash of `-file:`"),
        ("images: &a [*a]\n", 1, "a text that begins with `*`, `&` or `!` must be put in quotes"),
    ],
)  # fmt: skip
def test_a_wrong_gallery_is_explained(
    write: Write, text: str, line: int | None, message: str
) -> None:
    assert (line, message) in problems_of(write(text))


def test_all_problems_of_both_files_are_reported_at_once(write: Write) -> None:
    gallery = (
        "images:\n"
        "- file: images/cat.jpg\n  title: 5\n  points:\n  - [0.1, 0.2]\n  - [3, 4]\n  - 5\n"
        "- just text\n"
        "- url: ftp://x.org\n  sha256: x\n  modle: y\n"
        "- threshold: 0\n"
        "credit: me\n"
    )
    path = write(gallery, site="title: off\nmodel: x\ntreshold: 1\n")
    with pytest.raises(ConfigurationError) as caught:
        load_project(path)
    places = [(problem.path.name, problem.line) for problem in caught.value.problems]
    assert places == [
        *(("site_config.yml", line) for line in (1, 2, 3)),
        *(("gallery.yml", line) for line in (2, 3, 6, 7, 8, 9, 10, 11, 12, 12, 13)),
    ]


@pytest.mark.parametrize(
    ("site", "lines"),
    [
        ("title: 'T\n", [1, 1]),  # not YAML: the gallery is looked for in its default place
        ("title: T\ngallery: images/more/other.yml\nmodel: x\n", [3, 1]),
        ("title: T\ngallery: content/galery.yml\n", [2]),  # cannot be found
    ],
)
def test_a_broken_site_config_does_not_hide_the_gallery(
    write: Write, site: str, lines: list[int]
) -> None:
    path = write("imags: []\n", site)
    (path.parent / "images" / "more" / "other.yml").write_text("imgs: []\n")
    with pytest.raises(ConfigurationError) as caught:
        load_project(path)
    assert [problem.line for problem in caught.value.problems] == lines


def test_a_project_without_problems_is_loaded(write: Write) -> None:
    path = write("images:\n- file: images/cats.jpg\n  threshold: 0.5\n")
    config, images = load_project(path)
    assert config == load_config(path)
    assert images == load_gallery(config)
    assert [image.threshold for image in images] == [0.5]


def test_the_record_is_frozen_and_checks_what_code_puts_in(tmp_path: Path) -> None:
    # Code may name a file that does not exist yet; the other rules still apply.
    image = GalleryImage(
        slug="a", title="A", file=tmp_path / "a.png", model="detr_emoji", threshold=0.9
    )
    assert image.file == tmp_path / "a.png"
    with pytest.raises(dataclasses.FrozenInstanceError):
        image.slug = "b"  # type: ignore[misc]
    with pytest.raises(ValidationError):
        dataclasses.replace(image, threshold=2.0)
    assert SiteConfig(root=tmp_path, title="T").gallery == Path("content/gallery.yml")


def test_texts_have_a_length(write: Write) -> None:
    for key, most in (("title", 300), ("alt", 3000), ("credit", 3000), ("caption", 20_000)):
        path = write(f"images:\n- file: images/cats.jpg\n  {key}: {'a' * most}\n")
        assert len(getattr(load_project(path)[1][0], key)) == most
        path = write(f"images:\n- file: images/cats.jpg\n  {key}: {'a' * (most + 1)}\n")
        ((line, said),) = problems_of(path)
        assert line == 3
        assert f"{key}: expected at most {most} characters, found `aaa" in said
        assert said.endswith(f", which has {most + 1}")


def test_one_picture_and_several_models_are_an_image_each(write: Write) -> None:
    text = """images:
  - file: images/cats.jpg
    title: Two cats
    models: [detr_emoji, detr_demo]
  - file: images/dogs.jpg
    slug: detr
"""
    first, second, other = load_gallery(load_config(write(text)))
    assert (first.slug, first.model, first.title) == (
        "cats-detr-emoji", "detr_emoji", "Two cats, detr_emoji",
    )  # fmt: skip
    assert (second.slug, second.model) == ("cats-detr-demo", "detr_demo")
    assert first.comparison == second.comparison == Comparison("cats", "Two cats")
    assert first.models == ()
    assert other.comparison is None


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("models: [detr_emoji]", "write `model: detr_emoji` for a single one"),
        ("models: [detr_emoji, detr_emoji]", "name each once"),
        ("models: detr_emoji", "expected a list of two models or more"),
        ("models: []", "expected a list of two models or more"),
        ("models: [detr_emoji, detr_damo]", "did you mean `detr_demo`?"),
        ("model: detr_emoji\n    models: [detr_emoji, detr_demo]", "keep one of the two"),
        (f"slug: {'a' * 55}\n    models: [detr_emoji, detr_demo]", "of at most 49 characters"),
    ],
)
def test_models_that_cannot_be_are_told(write: Write, written: str, message: str) -> None:
    ((_, told),) = problems_of(write(f"images:\n  - file: images/cats.jpg\n    {written}\n"))
    assert message in told


def test_the_slugs_of_several_models_are_taken(write: Write) -> None:
    text = """images:
  - file: images/cats.jpg
    models: [detr_emoji, detr_demo]
  - file: images/dogs.jpg
    slug: cats-detr-demo
"""
    ((line, told),) = problems_of(write(text))
    assert (line, "`cats-detr-demo` is that of image 1 on line 2" in told) == (5, True)
