"""The decoder's attention of one image, measured layer by layer and head by head.

In: a forward pass and target boxes. Out: `Measurement`s, for cross-attention (where queries
look in the image) and for self-attention (which queries they look at), each with its controls:
a uniform map, the boxes of the other detections, the queries that were not kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from generator.analysis.grid import Grid
from generator.inference.forward_pass import ForwardPass
from generator.measures.among_queries import group_lift, groups_of_queries, lift_on_itself
from generator.measures.attention_rows import Rows, Weights, attention_weights, with_mean
from generator.measures.catalogue import (
    DISTANCE,
    DISTANCE_CELLS,
    ENTROPY,
    EXTREMITY,
    LIFT,
    LIFT_ON_ITSELF,
    MASS,
    POINTING,
    TRUE,
)
from generator.measures.distance import cell_centres, distances_between, mean_distance
from generator.measures.encoder import diversity_measurements
from generator.measures.entropy import head_diversity, normalised_entropy
from generator.measures.extremity import extremity_index
from generator.measures.localisation import (
    box_coverage,
    largest_lift,
    pairwise_lift,
    pairwise_pointing,
)
from generator.measures.measurement import Measure, Measurement, Values, measurements_by_head
from generator.measures.mechanisms import (
    CEILING,
    DECODER_CROSS,
    DECODER_SELF,
    SHUFFLED,
    UNIFORM,
    UNMATCHED,
    Mechanism,
)
from generator.measures.target_boxes import TargetBoxes, query_boxes

_ALL = slice(None)
_AT_ONCE = 16
"""Maps that are compared with as many boxes where only each one's own box is asked for."""


@dataclass(frozen=True, eq=False)
class Targets:
    """The queries whose maps are measured, with their boxes.

    Attributes:
        found: the detections.
        unmatched: the control, all other queries with the boxes they predicted.
        true: the true boxes, each with its query; None if the image is not annotated.
    """

    found: TargetBoxes
    unmatched: TargetBoxes
    true: TargetBoxes | None = None

    @property
    def by_suffix(self) -> Mapping[str, TargetBoxes]:
        """The target boxes by the suffix of the names of measures that use them."""
        return {"": self.found} | ({TRUE: self.true} if self.true is not None else {})


def measure_cross(forward: ForwardPass, targets: Targets) -> Iterator[Measurement]:
    """Measures where the queries look in the image, in every layer."""
    grid = Grid.of(forward)
    for layer in range(len(forward.decoder_cross.q)):
        weights = with_mean(attention_weights(forward.decoder_cross, layer, _ALL))
        kept, others = (weights[:, who.queries] for who in (targets.found, targets.unmatched))
        yield from entropy_measurements(DECODER_CROSS, layer, kept, others)
        if len(weights) > 2 and len(targets.found):  # the mean and at least two heads
            rest = head_diversity(others[1:]) if len(targets.unmatched) else None
            yield from diversity_measurements(DECODER_CROSS, layer, head_diversity(kept[1:]), rest)
        for suffix, boxes in targets.by_suffix.items():
            yield from box_measurements(DECODER_CROSS, layer, weights, boxes, targets.unmatched,
                                        grid, suffix)  # fmt: skip


def entropy_measurements(
    mechanism: Mechanism, layer: int, kept: Weights, others: Weights
) -> Iterator[Measurement]:
    """How evenly the kept queries' rows are spread, compared with those of the others."""
    values = normalised_entropy(kept)
    controls = {UNIFORM: np.ones((len(kept), 1)), UNMATCHED: normalised_entropy(others)}
    yield from measurements_by_head(ENTROPY, mechanism, layer, values, controls)


BoxFormula = Callable[[Weights, TargetBoxes], Values]
"""Maps (heads, n, N) and m boxes -> (heads, n, m), a number for map i and box j."""


def box_measurements(
    mechanism: Mechanism,
    layer: int,
    weights: Weights,
    boxes: TargetBoxes,
    unmatched: TargetBoxes,
    grid: Grid,
    suffix: str,
) -> Iterator[Measurement]:
    """How much of each query's map lies in, at the edge of and near its box.

    Args:
        weights: (heads, Q, N) of all queries.
        boxes: the target boxes.
        unmatched: the control.
        suffix: of the measures' names.
    """
    if not len(boxes):
        return
    uniform = np.full((1, 1, weights.shape[-1]), 1 / weights.shape[-1])
    for measure, formula in _box_measures(grid).items():
        pairs = formula(weights[:, boxes.queries], boxes)  # (heads, n, n)
        blind = formula(uniform, boxes)[:, 0]  # (1, n)
        controls = {
            UNIFORM: np.broadcast_to(blind, (len(pairs), len(boxes))),
            SHUFFLED: _off_diagonal(pairs),
            UNMATCHED: _own(formula, weights, unmatched),
        }
        if measure is LIFT:
            most = largest_lift(box_coverage(boxes.boxes_xyxy, grid))
            controls[CEILING] = np.broadcast_to(most, (len(pairs), len(boxes)))
        values = _diagonal(pairs)
        yield from measurements_by_head(measure, mechanism, layer, values, controls, suffix=suffix)
    values = _extremity(weights[:, boxes.queries], boxes, grid)
    rest = _extremity(weights[:, unmatched.queries], unmatched, grid)
    controls = {UNIFORM: np.ones((len(values), 1)), UNMATCHED: rest}
    yield from measurements_by_head(EXTREMITY, mechanism, layer, values, controls, suffix=suffix)


def _box_measures(grid: Grid) -> dict[Measure, BoxFormula]:
    """The measures of any map and any box."""
    cells = cell_centres(grid)

    def lifts(weights: Weights, boxes: TargetBoxes) -> Values:
        coverage = box_coverage(boxes.boxes_xyxy, grid)
        return pairwise_lift(weights.reshape(*weights.shape[:2], *grid.hw), coverage)

    def masses(weights: Weights, boxes: TargetBoxes) -> Values:
        shares = box_coverage(boxes.boxes_xyxy, grid).mean((1, 2))
        return np.asarray(lifts(weights, boxes) * shares)

    def pointing(weights: Weights, boxes: TargetBoxes) -> Values:
        coverage = box_coverage(boxes.boxes_xyxy, grid)
        return pairwise_pointing(weights.reshape(*weights.shape[:2], *grid.hw), coverage)

    def distances(weights: Weights, boxes: TargetBoxes) -> Values:
        return np.asarray(weights @ distances_between(boxes.centres_xy * grid.size_wh, cells).T)

    return {
        MASS: masses,
        LIFT: lifts,
        POINTING: pointing,
        DISTANCE_CELLS: distances,
        DISTANCE: lambda weights, boxes: distances(weights, boxes) / grid.diagonal,
    }


def _extremity(weights: Weights, boxes: TargetBoxes, grid: Grid) -> Values:
    maps = weights.reshape(*weights.shape[:2], *grid.hw)
    return extremity_index(maps, boxes.boxes_xyxy, grid)


def _own(formula: BoxFormula, weights: Weights, boxes: TargetBoxes) -> Values:
    """Each map of (heads, Q, N) with its own box, (heads, n): a few at a time, as pairs are n^2."""
    parts = [
        _diagonal(formula(weights[:, some.queries], some)) for some in boxes.in_parts(_AT_ONCE)
    ]
    return np.concatenate(parts, axis=1) if parts else np.empty((len(weights), 0))


def _diagonal(pairs: Values) -> Values:
    """(heads, n, n) to (heads, n): each map with its own box."""
    return np.diagonal(pairs, axis1=-2, axis2=-1)


def _off_diagonal(pairs: Values) -> Values:
    """(heads, n, n) to (heads, n): each map with the boxes of all others, averaged.

    That is the mean over all ways to give every map the box of another, so that nothing has
    to be drawn at random. NaN if there is only one box.
    """
    n = pairs.shape[-1]
    if n < 2:
        return np.full(pairs.shape[:-1], np.nan)
    return np.asarray((pairs.sum(axis=-1) - _diagonal(pairs)) / (n - 1))


def measure_among_queries(forward: ForwardPass, targets: Targets) -> Iterator[Measurement]:
    """Measures which queries the queries look at, in every layer.

    Places, classes and groups are those of the last layer's predictions.
    """
    kept, rest = targets.found.queries, targets.unmatched.queries
    if not len(kept):
        return
    boxes = query_boxes(forward)
    grid = Grid.of(forward)
    centres = (boxes[:, :2] + boxes[:, 2:]) / 2 * grid.size_wh
    distances, diagonal = distances_between(centres, centres), grid.diagonal
    classes = forward.scores().argmax(axis=1)
    groups = groups_of_queries(classes, boxes, np.isin(np.arange(len(boxes)), kept))
    for layer in range(len(forward.decoder_self.q)):
        weights = with_mean(
            attention_weights(forward.decoder_self, layer, _ALL)
        )  # (1 + heads, Q, Q)
        yield from entropy_measurements(DECODER_SELF, layer, weights[:, kept], weights[:, rest])
        if len(weights) > 2:
            diversity = head_diversity(weights[1:])
            yield from diversity_measurements(
                DECODER_SELF, layer, diversity[:, kept], diversity[:, rest]
            )
        reach = mean_distance(weights, distances)
        blind = np.broadcast_to(distances.mean(axis=1), reach.shape)
        for measure, unit in ((DISTANCE, diagonal), (DISTANCE_CELLS, 1.0)):
            yield from _of_queries(measure, layer, reach / unit, blind / unit, kept, rest)
        ones = np.ones_like(reach)
        yield from _of_queries(LIFT_ON_ITSELF, layer, lift_on_itself(weights), ones, kept, rest)
        for measure, members in groups.items():
            lifts = group_lift(weights, members)
            yield from _of_queries(measure, layer, lifts, ones, kept, rest)


def _of_queries(
    measure: Measure,
    layer: int,
    values: Values,
    uniform: Values,
    kept: Rows,
    rest: Rows,
) -> Iterator[Measurement]:
    """The kept queries' values; controls are a uniform map and the others. (heads, Q) each."""
    blind = np.where(np.isfinite(values), uniform, np.nan)
    controls = {UNIFORM: blind[:, kept], UNMATCHED: values[:, rest]}
    yield from measurements_by_head(measure, DECODER_SELF, layer, values[:, kept], controls)
