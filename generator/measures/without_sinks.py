"""The encoder's self-attention without its sinks: measures that they distort, once more.

In: a forward pass, its most-read cells, and boxes whose centres are the points. Out:
`Measurement`s by layer and head of entropy, distance, and how much a point looks into its own
box, with the controls of `encoder`, and of whether the rest has sinks again. The most-read cells
are taken out of the keys, and what is left of each row is scaled to sum to 1. Each map loses its
own sinks, the mean of the heads those of the mean. Sinks still ask: their rows count.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from generator.analysis.grid import Grid
from generator.inference.forward_pass import ForwardPass
from generator.measures.attention_rows import (
    Rows,
    Weights,
    attention_weights,
    blocks_of_rows,
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
)
from generator.measures.encoder import LiftPairs, cells_of_centres
from generator.measures.entropy import normalised_entropy
from generator.measures.localisation import Map, box_coverage, largest_lift, own_and_other_lift
from generator.measures.measurement import Measurement, Values, measurements_by_head
from generator.measures.mechanisms import ANY_CELLS, ENCODER_SELF, UNIFORM
from generator.measures.most_read import Sinks
from generator.measures.target_boxes import TargetBoxes

_NOTHING = 1e-9
"""A row that has no more than this outside the sinks says nothing about the other cells."""


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
    tokens, diagonal = np.arange(sinks.received.shape[-1]), Grid.of(forward).diagonal
    for layer, cells in enumerate(sinks.cells):
        others = [np.setdiff1d(tokens, of_map) for of_map in cells]
        if not len(others[0]):  # a grid of a single cell
            continue
        number = cells.shape[1]
        rows = measure_rest(forward, layer, others, number)
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


def measure_rest(forward: ForwardPass, layer: int, others: list[Rows], number: int) -> RestOfRows:
    """Measures the rows of one layer on the other cells of each map, block by block.

    Args:
        others: of each map, the tokens that are no sinks.
        number: how many of them are taken for the next sinks.
    """
    pair, centres = forward.encoder_self, cell_centres(Grid.of(forward))
    profiles = tuple(DistanceProfile(1, Grid.of(forward)) for _ in others)
    received = np.zeros((len(others), len(others[0])))
    found: list[Values] = []
    for block in blocks_of_rows(pair, measured_rows(len(centres))):
        weights = with_mean(attention_weights(pair, layer, block))  # (1 + heads, rows, N)
        apart = distances_between(centres[block], centres)
        numbers = np.full((3, len(others), len(block)), np.nan)
        for one, (of_map, keys) in enumerate(zip(weights, others, strict=True)):
            rest = rest_of(of_map, keys)
            good = ~np.isnan(rest[:, 0])
            rest, distances = rest[good], apart[np.ix_(good, keys)]
            profiles[one].add(rest[None], distances)
            received[one] += rest.sum(axis=0)
            numbers[:, one, good] = (
                normalised_entropy(rest),
                mean_distance(rest, distances),
                distances.mean(axis=1),
            )
        found.append(numbers)
    entropy, distance, uniform = np.concatenate(found, axis=2)
    first = np.sort(received, axis=-1)[:, ::-1][:, :number].sum(axis=-1, keepdims=True)
    total = received.sum(axis=-1, keepdims=True)
    share = np.divide(first, total, out=np.full_like(first, np.nan), where=total > 0)
    return RestOfRows(entropy, distance, uniform, share, profiles)


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
