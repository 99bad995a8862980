"""One picture and several models: whose boxes are of one object, and what the pages say of them."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from generator.figures.figure_file import FigureFile, TileFile
from generator.measures.measurement import Measurement
from generator.pages.compared_numbers import compared_numbers
from generator.pages.comparisons import (
    captions_of,
    compared_pictures,
    gallery_pages,
    same_objects,
)
from generator.pages.contents import Contents, ImageResult, MeasuredGallery, MeasuredImage
from generator.pages.links import Links, link_targets
from generator.pages.render import render_pages
from generator.project.comparisons import Comparison, slug_with
from tests.invented import (
    built,
    invented_card,
    invented_contents,
    invented_project,
    invented_result,
)
from tests.invented_measures import gallery_of, measurement

FIRST, SECOND = "detr_emoji", "detr_demo"
CATS = Comparison("cats", "Cats")
CATS_1, CATS_2 = slug_with("cats", FIRST), slug_with("cats", SECOND)


def boxes(*left: float) -> Any:
    """Boxes of 10 x 10 pixels, each by its left side."""
    return np.array([[x, 0, x + 10, 10] for x in left]).reshape(-1, 4)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ((0, 20), (21, 1), [(0, 1), (1, 0)]),
        ((0,), (4,), [(0, None), (None, 0)]),  # an IoU of 0.43
        ((0,), (3,), [(0, 0)]),  # of 0.54
        ((0, 2), (1.5,), [(0, None), (1, 0)]),  # the better overlap wins
        ((0,), (1, 2), [(0, 0), (None, 1)]),  # and each object is given once
        ((), (5,), [(None, 0)]),
        ((5,), (), [(0, None)]),
        ((), (), []),
    ],
)
def test_boxes_that_overlap_are_of_one_object(
    first: tuple[float, ...], second: tuple[float, ...], expected: list[tuple[int | None, ...]]
) -> None:
    assert same_objects([boxes(*first), boxes(*second)]) == expected


def test_a_third_model_may_find_what_only_the_second_found() -> None:
    assert same_objects([boxes(0), boxes(50), boxes(51, 1)]) == [(0, None, 1), (None, 0, 0)]


def result(model: str, n: int = 1, **changes: Any) -> ImageResult:
    """An image of the comparison, with a map for each of its queries."""
    one = invented_result(slug_with("cats", model), n, model=model, comparison=CATS)
    shown = tuple(tile(f"{model}-{number}") for number in range(n))
    points = tuple(tile(f"{model}-point-{number}") for number in range(3))
    figures = {**one.figures, "decoder": tiled(shown), "encoder_row": tiled(points)}
    return replace(one, figures=figures, **changes)


def tile(name: str) -> TileFile:
    return TileFile(f"figures/{name}.webp", f"Alt of {name}.", (4, 3), name, "", "", "", (), False)


def tiled(tiles: tuple[TileFile, ...]) -> FigureFile:
    return FigureFile("figures/whole.webp", "Alt", (4, 3), tiles, scale=("#000000", "#ffffff"))


def test_maps_of_one_object_stand_side_by_side_with_the_names_of_the_models() -> None:
    (picture,) = compared_pictures([result(FIRST), result(SECOND)], {FIRST: "One", SECOND: "Two"})
    assert (picture.slug, picture.models, picture.found_by_all) == ("cats", (FIRST, SECOND), 1)
    (found,) = picture.objects
    assert found.maps is not None
    assert [one.title for one in found.maps.tiles] == ["One", "Two"]
    assert [one.path for one in found.maps.tiles] == [
        f"figures/{FIRST}-0.webp", f"figures/{SECOND}-0.webp",
    ]  # fmt: skip
    assert found.maps.scale == ("#000000", "#ffffff")
    assert [one.text for one in found.maps.tiles] == [f"{FIRST}-0", f"{SECOND}-0"]  # the queries
    assert [one.text for one in picture.points[1].tiles] == ["", ""]  # the caption has the point
    assert [one.path for one in picture.points[1].tiles] == [
        f"figures/{FIRST}-point-2.webp", f"figures/{SECOND}-point-2.webp",
    ]  # fmt: skip


def test_points_that_differ_are_not_compared() -> None:
    other = result(SECOND, points=((0.1, 0.1), (0.75, 0.9)))
    (picture,) = compared_pictures([result(FIRST), other], {})
    assert picture.points == ()


def test_a_map_that_was_not_drawn_is_not_taken_for_that_of_another_query() -> None:
    second = result(SECOND)
    second = replace(second, figures={**second.figures, "decoder": tiled((tile("a"), tile("b")))})
    (picture,) = compared_pictures([result(FIRST), second], {})
    assert picture.objects[0].maps is None


def test_a_single_model_that_was_built_is_no_comparison() -> None:
    alone, other = result(FIRST), invented_result("dogs")
    assert compared_pictures([alone, other], {}) == ()
    assert gallery_pages([alone, other]) == [f"gallery/{CATS_1}.md", "gallery/dogs.md"]
    assert gallery_pages([other, alone, result(SECOND)]) == [
        "gallery/dogs.md", "gallery/cats.md", f"gallery/{CATS_1}.md",
        f"gallery/{CATS_2}.md",
    ]  # fmt: skip


def test_a_comparison_that_is_not_there_is_named_without_a_link() -> None:
    alone = result(FIRST)
    contents = replace(invented_contents([alone], built([alone])), comparisons={"cats": "Cats"})
    assert Links(link_targets({}, contents), (), "").ref("cats") == "Cats (not in this build)"
    measured = MeasuredImage(alone.entry, alone.detections)
    contents = replace(contents, results=(), without_pages=(measured,))
    told = "Cats (without a page of its own)"
    assert Links(link_targets({}, contents), (), "").ref("cats") == told


def test_the_search_knows_the_caption_of_a_comparison() -> None:
    said = [replace(one, entry=replace(one.entry, caption="Asleep.")) for one in
            (result(FIRST), result(SECOND))]  # fmt: skip
    assert captions_of(said)["gallery/cats.md"] == "Asleep."


def test_means_are_over_the_pictures_that_all_models_have() -> None:
    def one(value: float) -> list[Measurement]:
        return [measurement(value, "mass", "decoder_cross")]

    measures = gallery_of({"a": [one(1), one(3), []], "b": [one(2), one(6), one(100)]})
    (number,) = compared_numbers(measures, [[f"a-{n}", f"b-{n}"] for n in range(3)])
    assert (number.name, number.values, number.pictures) == ("mass", (2, 4), 2)


def test_what_a_single_model_has_is_not_compared() -> None:
    measures = gallery_of({"a": [[measurement(1, "mass", "decoder_cross")]], "b": [[]]})
    assert compared_numbers(measures, [["a-0", "b-0"]]) == ()


def contents(*results: ImageResult) -> Contents:
    """Of two models, with one number each."""
    measured = gallery_of(
        {name: [[measurement(value, "mass")]] for name, value in ((FIRST, 0.25), (SECOND, 0.5))}
    )
    images = tuple(replace(one, slug=slug_with("cats", one.model)) for one in measured.images)
    whole = invented_contents(results, built(results))
    cards = (invented_card(FIRST, title="One"), invented_card(SECOND, title="Two"))
    measures = MeasuredGallery.of(replace(measured, images=images))
    return replace(whole, cards=cards, measures=measures)


@pytest.mark.slow
@pytest.mark.parametrize("target", ["site", "pdf"])
def test_a_page_compares_the_models(tmp_path: Path, target: Any) -> None:
    config = invented_project(tmp_path, {"q3.md": '# Q3 A\n\n{% include "parts/compared.md" %}\n'})
    (config.content / "parts").mkdir()
    text = "{% for one in compared %}{{ numbers_of_models(one.numbers, one.models) }}{% endfor %}"
    (config.content / "parts/compared.md").write_text(text)
    second = result(SECOND, 0)
    sampled = replace(second.shapes, score="sigmoid", mapped=("decoder_self",))
    second = replace(second, shapes=sampled)
    pages, _ = render_pages(config, contents(result(FIRST), second), target)
    page = re.sub(r"<[^>]+>", "", pages["gallery/cats.md"])
    assert "One and Two looked at the same picture." in page
    assert "Together they found one object; not every model found it." in page
    assert "A softmax makes the classes compete, a sigmoid does not." in page
    assert ("Two has none: its cells read a few points" in page) is (target == "site")
    assert re.search(r"\| 1 cat \| +query 0: cat, 0.999 \| nothing \|", page)
    assert re.search(r"\*\*mass\*\*: .+ \| 0.250 \| 0.500 \|", page)
    assert re.search(r"\*\*mass\*\*: .+ \| 0.250 \| 0.500 \|", pages["q3.md"])
    assert "[The same picture, several models](../gallery/cats.md)" in pages[f"gallery/{CATS_1}.md"]
    assert "[Cats](gallery/cats.md)" in pages["q2.md"]


@pytest.mark.slow
def test_of_very_many_objects_the_first_are_shown(tmp_path: Path) -> None:
    first, second = result(FIRST, 60), result(SECOND, 0)
    pages, _ = render_pages(invented_project(tmp_path), contents(first, second))
    page = pages["gallery/cats.md"]
    assert re.findall(r"^\| (\d+) (?:cat|dog) \|", page, re.MULTILINE)[-1] == "40"
    assert "20 more are on the pages of the single models." in page
