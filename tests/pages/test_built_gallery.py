"""The images of a gallery that pages show as examples."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from generator.analysis.matching_summary import Candidate, MatchedObject, MatchingSummary
from generator.pages.built_gallery import TWO_CATS_SHAPES, BuiltGallery
from generator.pages.contents import EntryStatus, ImageResult, MeasuredImage
from generator.pages.model_diagram import TWO_CATS
from generator.pages.render import render_pages
from tests.invented import built, invented_contents, invented_project, invented_result


def gallery(**detections: int) -> BuiltGallery:
    """A gallery whose images have so many detections: cat, dog, cat, dog, ... each."""
    return BuiltGallery([invented_result(slug, n) for slug, n in detections.items()])


def labelled(slug: str, *labels: str) -> ImageResult:
    """An image whose queries 0, 7, 14, ... predict these labels."""
    result = invented_result(slug, len(labels))
    return replace(result, detections=replace(result.detections, labels=labels))


def slug(result: ImageResult | None) -> str | None:
    return result.entry.slug if result else None


def test_example_is_the_first_with_most_detections() -> None:
    built_gallery = gallery(a=1, b=3, c=3)
    assert slug(built_gallery.example) == "b"
    assert [slug(one) for one in built_gallery.others] == ["a", "c"]


def test_example_is_of_the_model_that_ran_over_most_images() -> None:
    results = [invented_result("r", 9, model="detr_resnet50"), *gallery(a=1, b=2).results]
    assert slug(BuiltGallery(results).example) == "b"
    assert slug(BuiltGallery(results[:2]).example) == "r"


def test_images_without_a_page_count_for_the_main_model() -> None:
    shown = [invented_result("r", 9, model="detr_resnet50"), *gallery(a=1).results]
    without = [MeasuredImage(one.entry, one.detections) for one in gallery(b=3).results]
    other = invented_result("s", 1, model="detr_demo")
    without.append(MeasuredImage(other.entry, other.detections))
    statuses = built([other, *shown, *gallery(b=3).results])
    every = BuiltGallery(shown, statuses, without)
    assert slug(every.example) == "a"
    assert every.models == ("detr_resnet50", "detr_emoji", "detr_demo")
    # Of a model without a page there is no example.
    assert slug(BuiltGallery(shown[:1], statuses, without).example) == "r"


@pytest.mark.parametrize(
    ("detections", "pair", "fewest"),
    [
        ({"a": 5, "b": 3, "c": 2, "d": 1}, "b", "d"),
        ({"a": 3, "b": 5, "c": 4, "d": 3}, "a", "d"),
        ({"a": 5, "b": 3, "c": 2, "d": 2}, "b", "c"),  # the first among equals
        ({"a": 2, "b": 3, "c": 1, "d": 0}, "b", "d"),  # no other has two of a class
        ({"a": 5, "b": 3}, "b", None),  # nothing is left
        ({"a": 2, "b": 1}, None, "b"),
        ({"a": 3}, "a", None),
        ({"a": 1}, None, None),
        ({"a": 0}, None, "a"),  # the only image, in which nothing was found
        ({"a": 0, "b": 0}, None, "b"),
        ({}, None, None),
    ],
)
def test_each_image_is_an_example_of_one_thing(
    detections: dict[str, int], pair: str | None, fewest: str | None
) -> None:
    built_gallery = gallery(**detections)
    found = built_gallery.with_two_of_a_class
    assert (slug(found.result) if found else None) == pair
    assert slug(built_gallery.with_fewest) == fewest


def test_class_of_the_best_score_is_chosen_with_all_its_queries() -> None:
    images = [labelled("a", *["cat"] * 9), labelled("b", "bus", "dog", "cat", "cat", "dog", "dog")]
    found = BuiltGallery(images).with_two_of_a_class
    assert found is not None
    assert (slug(found.result), found.label, found.queries) == ("b", "dog", (7, 28, 35))
    assert all(type(query) is int for query in found.queries)  # as pages write them


def with_margin(name: str, margin: float | None, n: int = 2) -> ImageResult:
    """An image of n objects, whose smallest margin is `margin`; with None it has no objects."""
    own = Candidate(1, "cat", 0.9, -0.9, 0.0, 0.0)
    objects = (
        [MatchedObject(1, "cat", own, replace(own, query=2, l1=margin), None)] * n
        if margin is not None
        else []
    )
    return replace(invented_result(name), matching=MatchingSummary(tuple(objects), 20))


def test_best_matching_has_a_few_objects_and_a_close_decision() -> None:
    nobody_said, nothing = invented_result("said"), with_margin("nothing", None)
    single, clear, close = (
        with_margin("single", 0.1, n=1), with_margin("clear", 2.0), with_margin("close", 0.2),
    )  # fmt: skip
    images = [nobody_said, nothing, single, clear, close, with_margin("as-close", 0.2)]
    assert slug(BuiltGallery(images).best_matching) == "close"
    assert slug(BuiltGallery(images[:4]).best_matching) == "clear"
    assert slug(BuiltGallery(images[:3]).best_matching) == "single"
    assert BuiltGallery(images[:2]).best_matching is None
    assert BuiltGallery().best_matching is None


def test_models_and_thresholds_are_counted() -> None:
    images = [
        invented_result("a", 2, threshold=0.9),
        invented_result("b", 1, model="detr_resnet50", threshold=0.5),
        invented_result("c", 0, threshold=0.5),
    ]
    built_gallery = BuiltGallery(images)
    assert built_gallery.models == ("detr_emoji", "detr_resnet50")
    assert [slug(one) for one in built_gallery.of_model("detr_emoji")] == ["a", "c"]
    assert built_gallery.of_model("detr_demo") == ()
    assert built_gallery.thresholds == (0.5, 0.9)
    assert built_gallery.number_of_detections == 3


def test_nothing_built_has_no_example_but_documented_shapes() -> None:
    nothing = BuiltGallery()
    assert (nothing.example, nothing.others, nothing.absent) == (None, (), ())
    assert (nothing.models, nothing.thresholds, nothing.number_of_detections) == ((), (), 0)
    assert nothing.shapes is TWO_CATS_SHAPES
    assert gallery(a=0).shapes == invented_result("a").shapes


def test_documented_shapes_agree_with_the_documented_profile() -> None:
    profile, shapes = TWO_CATS, TWO_CATS_SHAPES
    assert profile.shapes["image"][1:] == shapes.size_hw
    assert profile.shapes["input"][1:] == shapes.input_hw
    assert profile.shapes["features"] == (shapes.feature_channels, *shapes.grid_hw)
    assert profile.shapes["tokens"] == (shapes.tokens, shapes.hidden_dim)
    assert profile.shapes["classes"] == (shapes.num_queries, shapes.num_classes + 1)


def test_absent_entries_keep_their_order_and_reason() -> None:
    images = [invented_result("a")]
    absent = (EntryStatus("x", "X", "left_out", "no network"), EntryStatus("y", "Y", "failed"))
    assert BuiltGallery(images, [absent[0], *built(images), absent[1]]).absent == absent


@pytest.mark.slow
def test_every_page_has_it(tmp_path: Path) -> None:
    """A page that the author added has it too."""
    text = (
        "# Mine\n\n{{ gallery.example.entry.slug }}, {{ gallery.with_two_of_a_class.label }}, "
        "{{ gallery.with_fewest.entry.title }}, {{ gallery.best_matching is none }}, "
        "{{ gallery.others | map(attribute='entry.slug') | join(' ') }}\n"
    )
    images = [invented_result("a", 5), invented_result("b", 3), invented_result("c", 1)]
    project = invented_project(tmp_path, {"mine.md": text, "q2.md": "{{ gallery.models[0] }}\n"})
    pages, _ = render_pages(project, invented_contents(images, built(images)))
    assert pages["mine.md"] == "# Mine\n\na, cat, C, True, b c\n"
    assert pages["q2.md"].strip().startswith("detr_emoji")
