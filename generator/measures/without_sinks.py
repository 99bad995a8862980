"""The encoder's self-attention without its sinks: measures that they distort, once more.

In: a forward pass, its most-read cells, and boxes whose centres are the points. Out:
`Measurement`s by layer and head of entropy, distance, and how much a point looks into its own
box, with the controls of `encoder`, and of whether the rest has sinks again. The most-read cells
are taken out of the keys, and what is left of each row is scaled to sum to 1. Each map loses its
own sinks, the mean of the heads those of the mean. Sinks still ask: their rows count.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from scipy.special import entr

from generator.analysis.grid import Grid
from generator.inference.forward_pass import ForwardPass
from generator.measures.attention_rows import (
    Rows,
    Weights,
    attention_weights,
    measured_rows,
    with_mean,
)
from generator.measures.catalogue_sinks import (
    DISTANCE_WITHOUT_SINKS,
    ENTROPY_WITHOUT_SINKS,
    SINK_SHARE_WITHOUT_SINKS,
    WITHOUT_SINKS,
)
from generator.measures.distance import (
    DistanceProfile,
    cell_centres,
    distances_between,
    mean_distance,
    measured_distances,
)
from generator.measures.encoder import LiftPairs, cells_of_centres
from generator.measures.layer_rows import layer_rows
from generator.measures.localisation import Map, box_coverage, largest_lift, own_and_other_lift
from generator.measures.measurement import Measurement, Values, measurements_by_head
from generator.measures.mechanisms import ANY_CELLS, ENCODER_SELF, UNIFORM
from generator.measures.most_read import Sinks
from generator.measures.target_boxes import TargetBoxes

_NOTHING = 1e-9
"""A row that has no more than this outside the sinks says nothing about the other cells."""
_LITTLE = 1e-2
"""A row that has no more than this is worked out from its weights."""


@dataclass(frozen=True, eq=False)
class RestOfRows:
    """The measured rows of one layer without the sinks; the first map is the mean.

    Attributes:
        entropy, distance, uniform_distance: (1 + heads, rows), distances in cells; NaN for rows
            that have nothing else.
        next_share: (1 + heads, 1), the share of the next cells, as many as there are sinks.
        profiles: weight by distance alone, of each map.
    """

    entropy: Values
    distance: Values
    uniform_distance: Values
    next_share: Values
    profiles: tuple[DistanceProfile, ...]


def measure_without_sinks(
    forward: ForwardPass, sinks: Sinks, points: Mapping[str, TargetBoxes]
) -> Iterator[Measurement]:
    """Measures every layer; `points` as for `measure_encoder`."""
    for layer, cells in enumerate(sinks.cells):
        yield from measure_without_sinks_layer(forward, layer, cells, points)


def measure_without_sinks_layer(
    forward: ForwardPass, layer: int, cells: Rows, points: Mapping[str, TargetBoxes]
) -> Iterator[Measurement]:
    """Measures one layer; `cells` as `Sinks` has them of it."""
    tokens, diagonal = np.arange(forward.encoder_self.k.shape[2]), Grid.of(forward).diagonal
    others = [np.setdiff1d(tokens, of_map) for of_map in cells]
    if not len(others[0]):  # a grid of a single cell
        return
    number = cells.shape[1]
    rows = measure_rest(forward, layer, cells)
    random = {ANY_CELLS: np.full((len(cells), 1), min(1, number / len(others[0])))}
    even = {UNIFORM: np.where(np.isnan(rows.entropy), np.nan, 1)}
    uniform = {UNIFORM: rows.uniform_distance / diagonal}
    for measure, values, controls in (
        (SINK_SHARE_WITHOUT_SINKS, rows.next_share, random),
        (ENTROPY_WITHOUT_SINKS, rows.entropy, even),
        (DISTANCE_WITHOUT_SINKS, rows.distance / diagonal, uniform),
    ):
        yield from measurements_by_head(measure, ENCODER_SELF, layer, values, controls)
    for suffix, boxes in points.items():
        if len(boxes):
            real, near = _points(forward, layer, others, rows.profiles, boxes)
            name = f"{WITHOUT_SINKS}{suffix}"
            yield from real.measurements(ENCODER_SELF, layer, name, near)


def rest_of(weights: Weights, others: Rows) -> Weights:
    """What is left of rows, (n, N), on some of their keys: (n, keys), each sums to 1, or NaN."""
    kept = weights[:, others]
    total = kept.sum(axis=-1, keepdims=True)
    rest = np.divide(kept, total, out=np.full_like(kept, np.nan), where=total > _NOTHING)
    return np.asarray(rest)


def measure_rest(forward: ForwardPass, layer: int, cells: Rows) -> RestOfRows:
    """Measures the rows of one layer on the other cells of each map, block by block.

    Args:
        cells: (1 + heads, n), the sinks of each map; as many of the others are taken for the next.
    """
    pair, grid, (maps, number) = forward.encoder_self, Grid.of(forward), cells.shape
    tokens = pair.k.shape[2]
    apart = measured_distances(grid, len(measured_rows(tokens)))
    profiles = tuple(DistanceProfile(1, grid) for _ in cells)
    received = np.zeros((maps, tokens))
    found: list[Values] = []
    for block in layer_rows(pair, layer):
        distances, bins = apart.cells[block.part], apart.bins[block.part]
        every = np.bincount(bins.ravel(), minlength=len(profiles[0].pairs))
        numbers = np.full((3, maps, len(block.rows)), np.nan)
        for one, (of_map, sinks) in enumerate(zip(block.weights, cells, strict=True)):
            rest, entropy = rest_and_entropy(of_map, block.entropy[one], sinks)
            good = ~np.isnan(entropy)
            received[one] += rest.sum(axis=0)
            profile = profiles[one]
            profile.sums[0] += np.bincount(bins.ravel(), rest.ravel(), minlength=len(every))
            lost = bins[:, sinks][good].ravel()
            of_good = every if good.all() else np.bincount(bins[good].ravel(), minlength=len(every))
            profile.pairs += of_good - np.bincount(lost, minlength=len(every))
            uniform = (distances.sum(axis=1) - distances[:, sinks].sum(axis=1)) / (tokens - number)
            values = np.stack([entropy, mean_distance(rest, distances), uniform])
            numbers[:, one, good] = values[:, good]
        found.append(numbers)
    entropy, distance, uniform = np.concatenate(found, axis=2)
    keys = tokens - number
    entropy = np.clip(entropy / math.log(keys), 0, 1) if keys > 1 else 0 * entropy
    first = np.sort(received, axis=-1)[:, ::-1][:, :number].sum(axis=-1, keepdims=True)
    total = received.sum(axis=-1, keepdims=True)
    share = np.divide(first, total, out=np.full_like(first, np.nan), where=total > 0)
    return RestOfRows(entropy, distance, uniform, share, profiles)


def rest_and_entropy(weights: Weights, entropy: Values, sinks: Rows) -> tuple[Weights, Values]:
    """Rows, (n, N), with 0 at the sinks and scaled to sum to 1, and their entropies in nats.

    With T the sum of what is left, its entropy is ln T + (H - sum over the sinks of -p ln p) / T,
    which takes no logarithm of the many other weights. Where little is left, digits would be lost,
    and the logarithms are taken. Of a row that has nothing else the rest is 0, the entropy NaN.
    """
    rest = weights.copy()
    taken = weights[:, sinks]
    rest[:, sinks] = 0
    total = rest.sum(axis=-1)
    good = total > _NOTHING
    scale = np.divide(1, total, out=np.zeros_like(total), where=good)
    rest *= scale[:, None]
    left = np.log(np.where(good, total, 1)) + (entropy - entr(taken).sum(axis=-1)) * scale
    left[~good] = np.nan
    poor = good & (total < _LITTLE)
    left[poor] = entr(rest[poor]).sum(axis=-1)
    return rest, left


def _points(
    forward: ForwardPass,
    layer: int,
    others: list[Rows],
    profiles: tuple[DistanceProfile, ...],
    boxes: TargetBoxes,
) -> tuple[LiftPairs, LiftPairs]:
    """The lifts of the points' boxes among the other cells, really and by distance alone."""
    cells, centres = cells_of_centres(boxes, Grid.of(forward)), cell_centres(Grid.of(forward))
    weights = with_mean(attention_weights(forward.encoder_self, layer, cells))
    coverage = box_coverage(boxes.boxes_xyxy, Grid.of(forward)).reshape(len(boxes), -1)
    real, near = [], []
    for of_map, keys, profile in zip(weights, others, profiles, strict=True):
        distances = distances_between(centres[cells], centres[keys])
        with np.errstate(invalid="ignore"):  # nothing at these distances
            by_distance = profile.maps(distances)[0]
        real.append(_pairs(rest_of(of_map, keys), coverage[:, keys], boxes))
        near.append(_pairs(by_distance, coverage[:, keys], boxes))
    return _stacked(real), _stacked(near)


def _pairs(rows: Weights, coverage: Map, boxes: TargetBoxes) -> tuple[Values, Values, Values]:
    """Own lift and others', (n, 2) of all and of one class, and ceiling (n,), of one map."""
    maps, areas = rows[:, None], coverage[:, None]  # (n, 1, keys): a grid of one row
    return (
        own_and_other_lift(maps, areas),
        own_and_other_lift(maps, areas, boxes.same_class),
        largest_lift(areas),
    )


def _stacked(of_maps: list[tuple[Values, Values, Values]]) -> LiftPairs:
    every, of_class, ceiling = (np.stack(parts) for parts in zip(*of_maps, strict=True))
    return LiftPairs(every, of_class, ceiling)
