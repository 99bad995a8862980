"""The figures of all images together; a new figure is one more line here.

Without images there is no figure. The lifts are absent if no image has a detection.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from generator.figures.gallery.causal import CAUSAL_FIGURES
from generator.figures.gallery.duplicates import DUPLICATES_FIGURE
from generator.figures.gallery.gallery_data import GalleryData
from generator.figures.gallery.heads import HEADS_FIGURES
from generator.figures.gallery.lift import LIFT_FIGURE
from generator.figures.gallery.query_map import query_map_kind
from generator.figures.gallery.query_places import query_places_kind
from generator.figures.gallery.spread import SPREAD_FIGURES
from generator.figures.redraw import FigureKind

GALLERY_FIGURES: tuple[FigureKind[GalleryData], ...] = (
    *SPREAD_FIGURES,
    LIFT_FIGURE,
    DUPLICATES_FIGURE,
    *HEADS_FIGURES,
    *CAUSAL_FIGURES,
)
"""The figures that show all models."""

MODEL_FIGURES: tuple[Callable[[str], FigureKind[GalleryData]], ...] = (
    query_places_kind,
    query_map_kind,
)
"""The figures that are drawn for each model; their names end in the model's name."""


def gallery_figures(models: Iterable[str]) -> tuple[FigureKind[GalleryData], ...]:
    """All kinds of figures for some models."""
    each = (kind(model) for kind in MODEL_FIGURES for model in models)
    return (*GALLERY_FIGURES, *each)
