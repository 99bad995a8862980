"""The measures of several models on the same pictures, side by side.

In: the measurements of a gallery, and which of its images show the same picture. Out: a
`ComparedNumber` for each measure that two models have.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean

from generator.measures.catalogue import about
from generator.measures.gallery import GalleryMeasures
from generator.measures.last_layer import MECHANISMS, last_layer
from generator.measures.measurement import Measure
from generator.measures.mechanisms import Mechanism
from generator.measures.summary import ImageMeasures

_Values = tuple[float | None, ...]


@dataclass(frozen=True)
class ComparedNumber:
    """A measure of several models.

    Attributes:
        name: of the measure; that of the true boxes ends in `_true`.
        values: one for each model; None where it was not measured.
        pictures: how many pictures they are the mean of.
    """

    name: str
    mechanism: Mechanism
    measure: Measure
    values: _Values
    pictures: int


def compared_numbers(
    measures: GalleryMeasures, pictures: Sequence[Sequence[str]]
) -> tuple[ComparedNumber, ...]:
    """The measures of the last layer, as means over pictures that the same models looked at.

    Args:
        measures: of the whole gallery.
        pictures: for each picture the slugs of its images, model by model.

    Returns:
        Each measure that two models have or more, by mechanism. A picture counts where all of
        these models have it.
    """
    by_slug = {one.slug: one for one in measures.images}
    rows: dict[tuple[Mechanism, str], list[_Values]] = {}
    for slugs in pictures:
        values = [dict(_last_values(by_slug.get(slug))) for slug in slugs]
        for key in dict.fromkeys(key for one in values for key in one):
            rows.setdefault(key, []).append(tuple(one.get(key) for one in values))
    told = [one for key, table in rows.items() if (one := _mean(*key, table)) is not None]
    return tuple(sorted(told, key=lambda one: MECHANISMS.index(one.mechanism)))


def _last_values(image: ImageMeasures | None) -> Iterator[tuple[tuple[Mechanism, str], float]]:
    for mechanism, made in last_layer(image.measurements) if image is not None else ():
        for one in made:
            yield (mechanism, one.measure), one.value


def _mean(mechanism: Mechanism, name: str, table: Sequence[_Values]) -> ComparedNumber | None:
    """The mean of each model over the pictures that all models have that have any."""
    columns = range(len(table[0]))
    having = [column for column in columns if any(row[column] is not None for row in table)]
    rows = [row for row in table if all(row[column] is not None for column in having)]
    if len(having) < 2 or not rows:
        return None
    means = tuple(
        fmean(value for row in rows if (value := row[column]) is not None)
        if column in having
        else None
        for column in columns
    )
    return ComparedNumber(name, mechanism, about(name), means, len(rows))
