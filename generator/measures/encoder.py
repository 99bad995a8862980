"""The encoder's self-attention of one image, measured layer by layer and head by head.

In: a forward pass, and boxes whose centres are the points. Out: `Measurement`s: how even the
heads' rows are, how far they reach and how alike they are, and whether a point looks at the
object it lies in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from generator.analysis.cells import cell_of_point
from generator.analysis.grid import Grid
from generator.inference.forward_pass import ForwardPass
from generator.measures.attention_rows import (
    Rows,
    Weights,
    attention_weights,
    measured_rows,
    with_mean,
)
from generator.measures.catalogue import (
    DISTANCE,
    DISTANCE_CELLS,
    ENTROPY,
    HEAD_DIVERSITY,
    OWN_LIFT,
    OWN_LIFT_SAME_CLASS,
    SEPARATION,
    SEPARATION_SAME_CLASS,
)
from generator.measures.distance import (
    DistanceProfile,
    cell_centres,
    distances_between,
    mean_distance,
    measured_distances,
)
from generator.measures.entropy import head_diversity, normalised_entropy
from generator.measures.layer_rows import layer_rows
from generator.measures.localisation import (
    box_coverage,
    largest_lift,
    own_and_other_lift,
    separation_index,
)
from generator.measures.measurement import Measure, Measurement, Values, measurements_by_head
from generator.measures.mechanisms import (
    CEILING,
    DISTANCE_ONLY,
    ENCODER_SELF,
    OTHER_BOXES,
    UNIFORM,
    UNMATCHED,
    Mechanism,
)
from generator.measures.target_boxes import TargetBoxes


@dataclass(frozen=True, eq=False)
class LayerRows:
    """The measured rows of one layer; the first of `1 + heads` is the mean map.

    Attributes:
        entropy, distance, uniform_distance: (1 + heads, rows), distances in cells.
        diversity: (heads, rows); None if there is one head only.
        profile: weight by distance alone.
    """

    entropy: Values
    distance: Values
    uniform_distance: Values
    diversity: Values | None
    profile: DistanceProfile


def measure_encoder(
    forward: ForwardPass, points: Mapping[str, TargetBoxes]
) -> Iterator[Measurement]:
    """Measures every layer.

    Args:
        forward: of one image.
        points: the boxes whose centres are the points, by the suffix of the measure's name: ""
            for the detections, `catalogue.TRUE` for the true boxes.
    """
    for layer in range(len(forward.encoder_self.q)):
        yield from measure_encoder_layer(forward, layer, points)


def measure_encoder_layer(
    forward: ForwardPass, layer: int, points: Mapping[str, TargetBoxes]
) -> Iterator[Measurement]:
    """Measures one layer."""
    diagonal = Grid.of(forward).diagonal
    rows = measure_rows(forward, layer)
    ones = {UNIFORM: np.ones_like(rows.entropy)}
    yield from measurements_by_head(ENTROPY, ENCODER_SELF, layer, rows.entropy, ones)
    for measure, unit in ((DISTANCE, diagonal), (DISTANCE_CELLS, 1.0)):
        uniform = {UNIFORM: rows.uniform_distance / unit}
        yield from measurements_by_head(measure, ENCODER_SELF, layer, rows.distance / unit, uniform)
    if rows.diversity is not None:
        yield from diversity_measurements(ENCODER_SELF, layer, rows.diversity)
    for suffix, boxes in points.items():
        yield from _measure_points(forward, layer, boxes, rows.profile, suffix)


def diversity_measurements(
    mechanism: Mechanism, layer: int, diversity: Values, unmatched: Values | None = None
) -> Iterator[Measurement]:
    """The records of each head, and of all pairs of heads as head None.

    Args:
        diversity: (heads, n).
        unmatched: (heads, m), of the queries that were not kept.
    """
    rows = with_mean(diversity)
    controls = {} if unmatched is None else {UNMATCHED: with_mean(unmatched)}
    yield from measurements_by_head(HEAD_DIVERSITY, mechanism, layer, rows, controls)


def measure_rows(forward: ForwardPass, layer: int) -> LayerRows:
    """Measures the rows of one layer, block by block."""
    pair, grid = forward.encoder_self, Grid.of(forward)
    heads = pair.q.shape[1]
    profile = DistanceProfile(1 + heads, grid)
    apart = measured_distances(grid, len(measured_rows(pair.k.shape[2])))
    entropy, distance, diversity = [], [], []
    for block in layer_rows(pair, layer):
        profile.add_binned(block.weights, apart.bins[block.part])
        entropy.append(normalised_entropy(block.weights, block.entropy))
        distance.append(mean_distance(block.weights, apart.cells[block.part]))
        if heads > 1:
            diversity.append(head_diversity(block.weights[1:], block.entropy[1:]))
    uniform = np.broadcast_to(apart.from_all, (1 + heads, len(apart.from_all)))
    return LayerRows(
        entropy=np.concatenate(entropy, axis=1),
        distance=np.concatenate(distance, axis=1),
        uniform_distance=uniform,
        diversity=np.concatenate(diversity, axis=1) if diversity else None,
        profile=profile,
    )


def _measure_points(
    forward: ForwardPass, layer: int, boxes: TargetBoxes, profile: DistanceProfile, suffix: str
) -> Iterator[Measurement]:
    """How much the centres of boxes look into their own box, and into the others."""
    if not len(boxes):
        return
    grid = Grid.of(forward)
    cells = cells_of_centres(boxes, grid)
    weights = with_mean(attention_weights(forward.encoder_self, layer, cells))
    centres = cell_centres(grid)
    near = profile.maps(distances_between(centres[cells], centres))
    lifts = LiftPairs.of(weights, boxes, grid)
    yield from lifts.measurements(ENCODER_SELF, layer, suffix, LiftPairs.of(near, boxes, grid))


def cells_of_centres(boxes: TargetBoxes, grid: Grid) -> Rows:
    """The token of the cell that is nearest to the centre of each box: (n,)."""
    cells = [cell_of_point((x, y), grid) for x, y in boxes.centres_xy.tolist()]
    return np.array([row * grid.hw[1] + column for row, column in cells], dtype=np.int64)


@dataclass(frozen=True, eq=False)
class LiftPairs:
    """Lift of the own box and mean lift of other boxes, for points in several boxes.

    Attributes:
        every: (heads, n, 2), the others being all other boxes; NaN if there are none.
        of_class: (heads, n, 2), the others being those of the same class.
        ceiling: (n,) or (heads, n), the most that there can be of the own box.
    """

    every: Values
    of_class: Values
    ceiling: Values

    @classmethod
    def of(cls, weights: Weights, boxes: TargetBoxes, grid: Grid) -> LiftPairs:
        """The lifts in the maps of n points, (heads, n, N), one point in each box."""
        coverage = box_coverage(boxes.boxes_xyxy, grid)
        maps = weights.reshape(*weights.shape[:2], *grid.hw)
        return cls(
            np.stack([own_and_other_lift(one, coverage) for one in maps]),
            np.stack([own_and_other_lift(one, coverage, boxes.same_class) for one in maps]),
            largest_lift(coverage),
        )

    def measurements(
        self, mechanism: Mechanism, layer: int, suffix: str, near: LiftPairs | None
    ) -> Iterator[Measurement]:
        """The records; `near` are the same points in the maps by distance alone."""
        for measures, pairs, near_pairs in (
            ((OWN_LIFT, SEPARATION), self.every, near.every if near else None),
            (
                (OWN_LIFT_SAME_CLASS, SEPARATION_SAME_CLASS),
                self.of_class,
                near.of_class if near else None,
            ),
        ):
            yield from _lift_measurements(
                measures, pairs, near_pairs, self.ceiling, mechanism, layer, suffix
            )


def _lift_measurements(
    measures: tuple[Measure, Measure],
    pairs: Values,
    near: Values | None,
    ceiling: Values,
    mechanism: Mechanism,
    layer: int,
    suffix: str,
) -> Iterator[Measurement]:
    """The own box's lift, and the separation index.

    Args:
        measures: the lift and the index. `OWN_LIFT` uses every point, `OWN_LIFT_SAME_CLASS`
            only those that have others in `pairs`.
        pairs, near: (heads, n, 2), in the real maps and in those by distance alone.
        ceiling: (n,) or (heads, n), the most that there can be of the own box.
    """
    own_lift, separation = measures
    paired = ~np.isnan(pairs[..., 1])
    counts = paired if own_lift is OWN_LIFT_SAME_CLASS else np.ones_like(paired)
    values = np.where(counts, pairs[..., 0], np.nan)
    own = {
        UNIFORM: np.ones_like(values),
        OTHER_BOXES: pairs[..., 1],
        CEILING: np.where(counts, ceiling, np.nan),
    }
    index = {UNIFORM: np.zeros((len(pairs), 1))}
    if near is not None:
        own[DISTANCE_ONLY] = np.where(counts, near[..., 0], np.nan)
        index[DISTANCE_ONLY] = _indices(near)
    yield from measurements_by_head(own_lift, mechanism, layer, values, own, suffix=suffix)
    count = int(paired[0].sum())
    for one in measurements_by_head(
        separation, mechanism, layer, _indices(pairs), index, suffix=suffix
    ):
        yield replace(one, count=count)


def _indices(pairs: Values) -> Values:
    """The separation index of each head: (heads, n, 2) to (heads, 1)."""
    return np.array([[separation_index(one)] for one in pairs])
