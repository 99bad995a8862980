"""Renders the pages before anything was run, so that a mistake in the prose is told at once.

In: settings and gallery. Out: nothing, or a `PageError`. Stand-ins take the place of
results that are not there yet: they have every field, and nothing was found in them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from generator.attention import EXERCISE_POINTS
from generator.config import SiteConfig
from generator.detections import Detections
from generator.detr.zoo import model_card
from generator.editions import editions
from generator.gallery import GalleryImage
from generator.illustrations import FIGURES
from generator.pages import render_pages
from generator.results import Contents, EntryStatus, FigureFile, ImageResult, Shapes

ENOUGH = 2
"""How many images the rehearsal has: their pages are all made from one template."""


def rehearse(config: SiteConfig, gallery: Sequence[GalleryImage]) -> None:
    """Renders every page of every edition once and writes none.

    Raises:
        PageError: names the file and line of content or of a template.
    """
    entries = gallery[:ENOUGH]
    contents = Contents(
        results=tuple(_stand_in(entry) for entry in entries),
        statuses=tuple(EntryStatus(entry.slug, entry.title, "built") for entry in entries),
        titles={entry.slug: entry.title for entry in gallery},
        cards=tuple(model_card(name) for name in dict.fromkeys(one.model for one in gallery)),
    )
    for edition in editions(config):
        render_pages(edition, contents)


def _stand_in(entry: GalleryImage) -> ImageResult:
    """A result of an image of 480 x 640 pixels in which nothing was found."""
    picture = FigureFile("images/none.webp", "nothing", (640, 480))
    found = Detections(
        queries=np.zeros(0, np.int64),
        category_ids=np.zeros(0, np.int64),
        labels=(),
        scores=np.zeros(0),
        boxes_xyxy=np.zeros((0, 4)),
        size_hw=(480, 640),
        threshold=entry.threshold,
    )
    return ImageResult(
        entry=entry,
        shapes=Shapes(
            size_hw=(480, 640),
            input_hw=(800, 1066),
            grid_hw=(25, 34),
            feature_channels=2048,
            hidden_dim=256,
            num_queries=100,
            num_classes=91,
            encoder_layers=6,
            decoder_layers=6,
            heads=8,
        ),
        detections=found,
        weights_sha256="0" * 64,
        points=entry.points or EXERCISE_POINTS,
        image=picture,
        thumbnail=picture,
        figures=dict.fromkeys(FIGURES, picture),
    )
