"""Everything that is measured on one image.

In: the maps, the detections and, if the image is annotated, the ground truth. Out:
`Measurement`s: every mechanism, every layer, every head and the mean of the heads' maps.
An image without detections has fewer measurements, never a NaN.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from generator.analysis.attention import AttentionMaps
from generator.analysis.detections import Detections
from generator.analysis.entry_analysis import EntryAnalysis
from generator.analysis.grid import Grid
from generator.inference.causal_tests import CausalTests
from generator.inference.forward_pass import ForwardPass
from generator.measures.attention_rows import Rows, Weights, attention_weights
from generator.measures.catalogue import DETECTED, DIVERGENCE_FROM_RAW, DUPLICATES
from generator.measures.causal.measure import measure_causal
from generator.measures.decoder import (
    Targets,
    box_measurements,
    entropy_measurements,
    measure_among_queries,
    measure_cross,
)
from generator.measures.duplicates import duplicates_by_layer
from generator.measures.encoder import LiftPairs, cells_of_centres, measure_encoder_layer
from generator.measures.entropy import jensen_shannon
from generator.measures.measurement import Measurement, measurements_by_head
from generator.measures.mechanisms import (
    DECODER_ROLLOUT,
    ENCODER_ROLLOUT,
    PREDICTIONS,
    UNMATCHED,
)
from generator.measures.most_read import attention_received, find_sinks, most_read
from generator.measures.other_images import QueryMaps
from generator.measures.points import measure_points
from generator.measures.rollout import decoder_mixture, through_encoder
from generator.measures.same_sinks import SinkCells
from generator.measures.sinks import measure_sinks_layer
from generator.measures.summary import ImageMeasures
from generator.measures.target_boxes import (
    TargetBoxes,
    detected_boxes,
    target_boxes_in_pixels,
    unmatched_boxes,
)
from generator.measures.without_sinks import measure_without_sinks_layer


def measure_image(
    maps: AttentionMaps,
    detections: Detections,
    ground_truth: TargetBoxes | None = None,
    causal: CausalTests | None = None,
) -> tuple[Measurement, ...]:
    """Measures one image.

    Args:
        maps: of its forward pass.
        detections: of the same forward pass, at the threshold of its entry.
        ground_truth: the true boxes, each with its matched query; measures of boxes are
            then made twice, the second time with names that end in `_true`.
            `target_boxes_in_pixels` makes it from boxes, queries and labels.
        causal: the results of the causal tests, if they were made.
    """
    forward = maps.forward
    targets = _targets(forward, detections, ground_truth)
    return (
        *_measure_encoder(forward, targets.by_suffix),
        *measure_among_queries(forward, targets),
        *measure_cross(forward, targets),
        *measure_points(forward, targets),
        *_measure_rollout(forward, targets),
        *_count_duplicates(forward, detections.threshold),
        *_measure_causal(forward, causal, detections.threshold, ground_truth),
    )


def measure_entry(analysis: EntryAnalysis, slug: str, model: str) -> ImageMeasures:
    """Everything that is measured on one gallery entry."""
    forward, matching = analysis.forward, analysis.matching
    true = None
    if matching is not None:
        truth = matching.truth
        true = target_boxes_in_pixels(
            truth.boxes_xyxy, forward.size_hw, matching.queries, truth.labels
        )
    measurements = measure_image(analysis.maps, analysis.detections, true, analysis.causal)
    targets = _targets(forward, analysis.detections, true).by_suffix
    sinks = find_sinks(forward) if len(forward.encoder_self) else None
    return ImageMeasures(
        slug=slug,
        model=model,
        measurements=measurements,
        query_boxes_cxcywh=forward.boxes_cxcywh[-1].copy(),  # not a view of all layers
        decoder_layers=max(len(forward.logits), len(forward.decoder_cross)),
        looks=query_maps(forward, targets) if forward.has_maps else None,
        sinks=None if sinks is None else SinkCells(sinks.grid_hw, sinks.cells),
    )


def _measure_encoder(
    forward: ForwardPass, boxes: Mapping[str, TargetBoxes]
) -> Iterator[Measurement]:
    """One layer after the other, whose maps serve all of its measures; then kind by kind."""
    everything: list[Measurement] = []
    of_sinks: list[Measurement] = []
    without: list[Measurement] = []
    for layer in range(len(forward.encoder_self.q)):
        received = attention_received(forward.encoder_self, layer)
        cells = most_read(received)
        everything += measure_encoder_layer(forward, layer, boxes)
        of_sinks += measure_sinks_layer(forward, layer, received, cells, boxes)
        without += measure_without_sinks_layer(forward, layer, cells, boxes)
    yield from (*everything, *of_sinks, *without)


def query_maps(forward: ForwardPass, boxes: Mapping[str, TargetBoxes]) -> QueryMaps:
    """Where the queries look in the last layer, mean of the heads; boxes by suffix.

    There are no maps of queries that look at points.
    """
    if not forward.has_maps:
        return QueryMaps(np.zeros((0, *forward.grid_hw), np.float16), Grid.of(forward), boxes)
    last = len(forward.decoder_cross.q) - 1
    maps = attention_weights(forward.decoder_cross, last, slice(None)).mean(axis=0)
    maps = maps.reshape(-1, *forward.grid_hw)
    return QueryMaps(maps.astype(np.float16), Grid.of(forward), boxes)


def _targets(
    forward: ForwardPass, detections: Detections, ground_truth: TargetBoxes | None
) -> Targets:
    return Targets(detected_boxes(detections), unmatched_boxes(forward, detections), ground_truth)


def _measure_causal(
    forward: ForwardPass,
    causal: CausalTests | None,
    threshold: float,
    truth: TargetBoxes | None,
) -> Iterator[Measurement]:
    """What the causal tests gave, if they were made."""
    if causal is not None:
        yield from measure_causal(forward, causal, threshold, truth)


def _measure_rollout(forward: ForwardPass, targets: Targets) -> Iterator[Measurement]:
    """The same measures, of rollout instead of the last layer's raw attention."""
    if not forward.can_be_followed:
        return
    grid = Grid.of(forward)
    starts = {suffix: cells_of_centres(boxes, grid)
              for suffix, boxes in targets.by_suffix.items()}  # fmt: skip
    mixture = decoder_mixture(forward)
    points = [_single_cells(cells, mixture.shape[1]) for cells in starts.values()]
    traced = through_encoder(forward, np.concatenate([mixture, *points]))
    of_queries, *of_points = np.split(
        traced, np.cumsum([len(part) for part in (mixture, *points)])[:-1]
    )
    layer = len(forward.encoder_self.q) - 1
    for (suffix, boxes), rows in zip(targets.by_suffix.items(), of_points, strict=True):
        if len(boxes):
            lifts = LiftPairs.of(rows[None], boxes, grid)
            yield from lifts.measurements(ENCODER_ROLLOUT, layer, suffix, None)
    yield from _measure_decoder_rollout(forward, targets, of_queries[None])


def _single_cells(cells: Rows, tokens: int) -> Weights:
    """Mixtures of one cell each: (n, N)."""
    rows = np.zeros((len(cells), tokens))
    rows[np.arange(len(cells)), cells] = 1
    return rows


def _measure_decoder_rollout(
    forward: ForwardPass, targets: Targets, weights: Weights
) -> Iterator[Measurement]:
    """Entropy, boxes, and the divergence from the last layer's maps; weights (1, Q, N)."""
    mechanism, layer = DECODER_ROLLOUT, len(forward.decoder_cross.q) - 1
    kept, rest = targets.found.queries, targets.unmatched.queries
    yield from entropy_measurements(mechanism, layer, weights[:, kept], weights[:, rest])
    for suffix, boxes in targets.by_suffix.items():
        yield from box_measurements(
            mechanism, layer, weights, boxes, targets.unmatched, Grid.of(forward), suffix
        )
    raw = attention_weights(forward.decoder_cross, layer, slice(None)).mean(axis=0)
    apart = jensen_shannon(weights[0], raw)[None]  # (1, Q)
    yield from measurements_by_head(
        DIVERGENCE_FROM_RAW, mechanism, layer, apart[:, kept], {UNMATCHED: apart[:, rest]}
    )


def _count_duplicates(forward: ForwardPass, threshold: float) -> Iterator[Measurement]:
    """Boxes above the threshold after each layer, and how many of them NMS would remove."""
    for layer, (found, removed) in enumerate(duplicates_by_layer(forward, threshold).tolist()):
        for measure, value in ((DETECTED, found), (DUPLICATES, removed)):
            yield Measurement(measure.name, PREDICTIONS.name, layer, None, float(value), found)
