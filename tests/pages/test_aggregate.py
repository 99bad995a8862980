"""What is told of images that have no page of their own."""

from __future__ import annotations

from dataclasses import replace

from generator.pages.aggregate import Aggregate, ClassRow, NumberRow
from generator.pages.built_gallery import BuiltGallery
from generator.pages.contents import Contents, MeasuredImage
from generator.pages.links import Links, link_targets
from tests.invented import built, invented_contents, invented_result


def contents() -> Contents:
    """Two images with a page, around one without."""
    results = [invented_result(slug, n) for slug, n in (("a", 1), ("b", 4), ("c", 1))]
    middle = MeasuredImage(results[1].entry, results[1].detections)
    whole = invented_contents([results[0], results[2]], built(results))
    return replace(whole, without_pages=(middle,), chosen={"a": "drawn by lot"})


def test_images_are_in_the_order_of_the_gallery() -> None:
    assert [one.entry.slug for one in contents().images] == ["a", "b", "c"]


def test_all_images_are_counted() -> None:
    aggregate = Aggregate(contents())
    assert (aggregate.images, aggregate.without_pages) == (3, 1)
    assert aggregate.classes == (ClassRow("cat", 4, 3), ClassRow("dog", 2, 1))
    assert aggregate.numbers == (NumberRow(1, 2), NumberRow(4, 1))
    assert [(one.result.entry.slug, one.why) for one in aggregate.chosen] == [("a", "drawn by lot")]


def test_the_gallery_counts_them_and_chooses_none_as_an_example() -> None:
    whole = contents()
    gallery = BuiltGallery(whole.results, whole.statuses, whole.without_pages)
    assert (gallery.number_of_images, gallery.number_of_detections) == (3, 6)
    assert gallery.example is not None
    assert gallery.example.entry.slug == "a"


def test_a_link_says_why_there_is_none() -> None:
    links = Links(link_targets({}, contents()), (), "")
    assert links.ref("a") == "[A](gallery/a.md)"
    assert links.ref("b") == "B (without a page of its own)"
