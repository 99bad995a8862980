"""Stand-ins for results that are not there yet, for the preflight and for tests.

In: gallery entries. Out: `Contents` in which every field is filled, every picture is one grey
one, every number is 1, and nothing was found.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from generator.analysis.cells import EXERCISE_POINTS
from generator.analysis.detections import Detections
from generator.analysis.matching_summary import Candidate, MatchedObject, MatchingSummary
from generator.detr.model_cards import ModelCards
from generator.figures.figure_file import FigureFile
from generator.figures.gallery.gallery_set import gallery_figures
from generator.figures.image.image_set import IMAGE_FIGURES, OF_RELATIVES
from generator.measures.catalogue import ALL_MEASURES, applies_to
from generator.measures.gallery import GalleryMeasures
from generator.measures.measurement import Measurement
from generator.measures.summary import ENOUGH_IMAGES, ImageMeasures
from generator.pages.built_gallery import TWO_CATS_SHAPES
from generator.pages.contents import (
    Contents,
    EntryStatus,
    ImageResult,
    MeasuredGallery,
    MeasuredImage,
)
from generator.pages.explorer import Explorer, ShippedScript
from generator.pages.model_diagram import TWO_CATS
from generator.project.comparisons import comparisons_of
from generator.project.experiments import Experiment
from generator.project.gallery import GalleryImage

PICTURE = FigureFile("images/none.webp", "nothing", (640, 480))
"""Stands for every picture that is not drawn yet."""
_SCRIPT = ShippedScript("encoder_self", 0, "attention/none/encoder_self-0.js", 1, 0.0)
EXPLORER = Explorer("", _SCRIPT, (_SCRIPT,), {"encoder_self": 1})
"""Stands for every explorer whose scripts are not written yet."""


def stand_ins(
    gallery: Sequence[GalleryImage],
    entries: Sequence[GalleryImage],
    experiments: Sequence[Experiment] = (),
    models: ModelCards | None = None,
    *,
    some_without_page: bool = False,
) -> Contents:
    """What a build of some entries of a gallery would tell of; `PICTURE` is every picture.

    Args:
        some_without_page: whether one more image was measured that has no page.
    """
    known = models or ModelCards()
    cards = known.known(one.model for one in gallery)
    names = tuple(card.name for card in cards)
    here = [entry for entry in entries if entry.model in names]
    without = _without_page(here[-1], known) if some_without_page and here else ()
    return Contents(
        results=tuple(stand_in(entry) for entry in here),
        statuses=tuple(
            EntryStatus(one.slug, one.title, "built" if one.model in names else "left_out")
            for one in (*entries, *(more.entry for more in without))
        ),
        without_pages=without,
        chosen={one.slug: "drawn by lot" for one in here} if without else {},
        titles={entry.slug: entry.title for entry in gallery},
        comparisons=comparisons_of(gallery),
        cards=cards,
        curves={card.name: PICTURE for card in cards if card.training is not None},
        limits={card.name: PICTURE for card in cards if "limits" in (card.training or {})},
        measures=MeasuredGallery.of(_measures(names)),
        q3_figures={kind.name: PICTURE for kind in gallery_figures(names)},
        prepared={one.name: PICTURE for one in experiments},
    )


def _without_page(entry: GalleryImage, models: ModelCards) -> tuple[MeasuredImage, ...]:
    """An image in which the first class was found once, and which has no page."""
    nothing = stand_in(entry).detections
    number, label = next(iter(models[entry.model].categories.items()))
    found = replace(
        nothing,
        queries=np.zeros(1, np.int64),
        category_ids=np.array([number]),
        labels=(label,),
        scores=np.ones(1),
        boxes_xyxy=np.array([[0.0, 0.0, 9.0, 9.0]]),
    )
    slug = f"{entry.slug[:50]}-without-page"
    return (MeasuredImage(replace(entry, slug=slug), found),)


def stand_in(entry: GalleryImage) -> ImageResult:
    """A result of an image of 480 x 640 pixels in which nothing was found."""
    found = Detections(
        queries=np.zeros(0, np.int64),
        category_ids=np.zeros(0, np.int64),
        labels=(),
        scores=np.zeros(0),
        boxes_xyxy=np.zeros((0, 4)),
        size_hw=TWO_CATS_SHAPES.size_hw,
        threshold=entry.threshold,
    )
    return ImageResult(
        entry=entry,
        shapes=TWO_CATS_SHAPES,
        profile=TWO_CATS,
        detections=found,
        weights_sha256="0" * 64,
        points=entry.points or EXERCISE_POINTS,
        image=PICTURE,
        thumbnail=PICTURE,
        figures={one.name: PICTURE for one in IMAGE_FIGURES if one.name not in OF_RELATIVES},
        matching=_matching(entry),
        explorer=EXPLORER,
    )


def _measures(models: Sequence[str]) -> GalleryMeasures:
    """Every number there can be, once in the first layer and once in the last, all of them 1."""
    ones = tuple(
        Measurement(measure, mechanism, layer, head, 1.0, 1, tuple((one, 1.0) for one in controls))
        for measure in ALL_MEASURES
        for mechanism, controls in applies_to(measure).items()
        for layer in (0, 1)
        for head in (None, 0)
    )
    return GalleryMeasures(
        tuple(
            ImageMeasures(f"stand-in-{number}", model, ones, np.zeros((1, 4), np.float32), 2)
            for model in models
            for number in range(ENOUGH_IMAGES)
        )
    )


def _matching(entry: GalleryImage) -> MatchingSummary | None:
    """A matching in which query 0, 1, 2, ... answers for each object, each before the next."""
    if entry.objects is None:
        return None
    objects = []
    for index, one in enumerate(one for one in entry.objects if not one.iscrowd):
        candidates = [
            Candidate(index + more, one.category, 0.9, -0.9, 0.1, 0.2 + more) for more in range(3)
        ]
        objects.append(MatchedObject(index + 1, one.category, *candidates))
    crowds = tuple(one.category for one in entry.objects if one.iscrowd)
    return MatchingSummary(tuple(objects), num_queries=100, crowds=crowds)
