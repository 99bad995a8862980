"""The figures of one image, in the order of its page; a new figure is one more line here."""

from __future__ import annotations

from generator.analysis.entry_analysis import EntryAnalysis
from generator.figures.image.ablation import ABLATION
from generator.figures.image.decoder import DECODER, ROLLOUT
from generator.figures.image.deletion import DELETION
from generator.figures.image.detections import DETECTIONS
from generator.figures.image.encoder import ENCODER_COLUMN, ENCODER_ROW
from generator.figures.image.head_grid import POINT_HEADS, QUERY_HEADS
from generator.figures.image.knock_out import KNOCK_OUT
from generator.figures.image.matching_kind import MATCHING
from generator.figures.image.overlay import OVERLAY
from generator.figures.image.relevance import RELEVANCE
from generator.figures.image.sampled import ENCODER_POINTS, QUERY_POINTS
from generator.figures.image.shuffled import SHUFFLED_MAPS
from generator.figures.image.sinks import SINKS
from generator.figures.image.what_and_where import WHAT_AND_WHERE
from generator.figures.redraw import FigureKind

IMAGE_FIGURES: tuple[FigureKind[EntryAnalysis], ...] = (
    DETECTIONS,
    MATCHING,
    OVERLAY,
    DECODER,
    QUERY_HEADS,
    ROLLOUT,
    WHAT_AND_WHERE,
    QUERY_POINTS,
    ENCODER_POINTS,
    ENCODER_ROW,
    ENCODER_COLUMN,
    POINT_HEADS,
    SINKS,
    KNOCK_OUT,
    ABLATION,
    DELETION,
    RELEVANCE,
    SHUFFLED_MAPS,
)
OF_RELATIVES = frozenset(one.name for one in (WHAT_AND_WHERE, QUERY_POINTS, ENCODER_POINTS))
"""Those that no DETR has, whose attention has other parts, or reads no points."""
