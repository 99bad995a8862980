"""What pages may use to compare models: pictures that several looked at, and their numbers.

In: all that the pages tell of. Out: values by name, and those of the page of one comparison.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from generator.files.fingerprint import fingerprint
from generator.pages.compared_numbers import ComparedNumber, compared_numbers
from generator.pages.comparisons import ComparedPicture, compared_pictures
from generator.pages.contents import Contents, ImageResult
from generator.pages.deferred import Deferred


@dataclass(frozen=True)
class ComparedModels:
    """Models that looked at the same pictures.

    Attributes:
        models: names, in the order in which the gallery has them.
        pictures: that all of them looked at.
        numbers: what was measured, as means over these pictures.
    """

    models: tuple[str, ...]
    pictures: tuple[ComparedPicture, ...]
    numbers: Deferred[tuple[ComparedNumber, ...]]


def comparison_values(contents: Contents) -> dict[str, Any]:
    """The values of all pages."""
    by_models: dict[tuple[str, ...], list[ComparedPicture]] = {}
    for picture in pictures_of(contents):
        by_models.setdefault(picture.models, []).append(picture)
    return {
        "compared": tuple(
            ComparedModels(models, tuple(pictures), _numbers_of(contents, pictures))
            for models, pictures in by_models.items()
        ),
    }


def values_of_picture(contents: Contents, picture: ComparedPicture) -> Mapping[str, Any]:
    """The values of the page of one comparison alone."""
    return {"picture": picture, "numbers": _numbers_of(contents, [picture])}


def pictures_of(contents: Contents) -> tuple[ComparedPicture, ...]:
    """The pictures that several models looked at, with the titles of these."""
    return compared_pictures(contents.results, {card.name: card.title for card in contents.cards})


def page_with(result: ImageResult, pictures: Sequence[ComparedPicture]) -> str:
    """The slug of the page that compares an image; "" if there is none."""
    whole = result.entry.comparison
    return next((one.slug for one in pictures if whole is not None and one.slug == whole.slug), "")


def _numbers_of(
    contents: Contents, pictures: Sequence[ComparedPicture]
) -> Deferred[tuple[ComparedNumber, ...]]:
    slugs = [[one.entry.slug for one in picture.results] for picture in pictures]
    measured = contents.measures.numbers
    values = {"numbers": measured.key, "slugs": slugs}
    key = fingerprint("generator.pages.compared_numbers", values=values)
    return Deferred(key, lambda: compared_numbers(measured.value, slugs))
