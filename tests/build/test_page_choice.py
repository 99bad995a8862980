"""Which images get a page where not all do."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from generator.build.measured_entry import MeasuredEntry, MeasuredRecord
from generator.build.page_choice import BY_LOT, COMPARED, EXTREMES, NAMED, choose_pages
from generator.inference.runner import LocatedEntry, Weights
from generator.measures.cached import MeasuresFile
from generator.measures.mechanisms import PREDICTIONS
from generator.project.comparisons import Comparison
from generator.project.gallery import GalleryImage
from tests.invented import invented_detections


def measured(slug: str, found: float, **more: Any) -> MeasuredEntry:
    entry = GalleryImage(slug=slug, title=slug, model="detr_emoji", threshold=0.9, **more)
    nowhere = Path("x")
    located = LocatedEntry(entry, nowhere, "", Weights(nowhere, ""), "", nowhere)
    numbers = {"predictions detected": found}
    record = MeasuredRecord("", invented_detections(1), MeasuresFile(nowhere, "", 0), numbers)
    return MeasuredEntry(located, record)


ALL = [measured(f"image-{number}", number * 7 % 40) for number in range(40)]


def test_half_are_at_the_ends_of_measures_and_half_are_drawn_by_lot() -> None:
    chosen = choose_pages(ALL, 8)
    reasons = Counter(chosen.values())
    assert reasons == {
        "among the highest: detections": 2,
        "among the lowest: detections": 2,
        BY_LOT: 4,
    }
    by_number = {one.record.numbers["predictions detected"]: one for one in ALL}
    ends = {by_number[number].located.entry.slug for number in (0, 1, 38, 39)}
    assert {slug for slug, why in chosen.items() if why != BY_LOT} == ends


def test_the_lot_is_the_same_each_time_and_for_a_gallery_that_grew() -> None:
    drawn = {slug for slug, why in choose_pages(ALL, 20).items() if why == BY_LOT}
    assert drawn == {slug for slug, why in choose_pages(ALL[::-1], 20).items() if why == BY_LOT}
    more = [*ALL, measured("new", 20.5)]
    again = {slug for slug, why in choose_pages(more, 20).items() if why == BY_LOT}
    assert len(drawn & again) >= len(drawn) - 1


@pytest.mark.parametrize("number", [0, 1, 2, 5])
def test_named_images_come_first_even_if_they_are_too_many(number: int) -> None:
    named = [measured("one", 3, page=True), measured("other", 4, page=True)]
    chosen = choose_pages([*ALL, *named], number)
    assert [slug for slug, why in chosen.items() if why == NAMED] == ["one", "other"]
    assert len(chosen) == max(number, 2)


def test_what_is_to_be_printed_has_a_page() -> None:
    assert choose_pages([*ALL, measured("printed", 20, print=True)], 0) == {"printed": NAMED}


def test_a_picture_that_models_compare_is_chosen_as_a_whole() -> None:
    pair = [measured(f"cats-{name}", 20, comparison=Comparison("cats", "Cats")) for name in "ab"]
    highest = measured("cats-c", 50, comparison=Comparison("cats", "Cats"))
    other = measured("dogs-a", 20, comparison=Comparison("dogs", "Dogs"))
    chosen = choose_pages([*ALL, *pair, other, highest], 1)
    assert chosen == {
        "cats-c": "among the highest: detections", "cats-a": COMPARED, "cats-b": COMPARED,
    }  # fmt: skip


def test_no_page_and_more_pages_than_images() -> None:
    assert choose_pages(ALL, 0) == {}
    assert len(choose_pages(ALL, 1000)) == len(ALL)


def test_every_number_that_may_be_extreme_is_in_the_catalogue_for_its_mechanism() -> None:
    assert all(mechanism in measure.mechanisms for measure, mechanism, _ in EXTREMES)
    assert EXTREMES[0][1] is PREDICTIONS
