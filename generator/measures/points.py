"""Sampled cross-attention of one image, measured from its points, layer by layer and head by head.

In: a forward pass and target boxes. Out: `Measurement`s: how much of what a query reads lies in its
box, how far from the box's centre, and how widely it is spread, each with the controls that maps
have. What is asked of single cells, such as entropy, is not asked of points.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from generator.analysis.grid import Grid
from generator.analysis.sampled import lie_in
from generator.inference.forward_pass import ForwardPass
from generator.inference.sampled_points import SampledPoints
from generator.measures.catalogue import DISTANCE, LIFT, MASS
from generator.measures.catalogue_points import SPREAD
from generator.measures.decoder import Targets
from generator.measures.measurement import Measurement, Values, measurements_by_head
from generator.measures.mechanisms import (
    CEILING,
    DECODER_POINTS,
    SHUFFLED,
    UNIFORM,
    UNMATCHED,
)
from generator.measures.target_boxes import TargetBoxes

_EVEN_SIDE = 64
"""Points a side of the even grid that stands for a map with the same weight everywhere."""


def measure_points(forward: ForwardPass, targets: Targets) -> Iterator[Measurement]:
    """Measures what the queries read, in every layer; nothing of a model without such points."""
    points = forward.points.get("decoder_cross")
    if points is None:
        return
    grid = Grid.of(forward)
    for layer in range(len(points)):
        places, weights = _read(points, layer, grid)
        kept, others = targets.found.queries, targets.unmatched.queries
        spread = spread_of(places, weights) / grid.diagonal  # (1 + heads, Q)
        even = spread_of(*_even(grid))[0, 0] / grid.diagonal
        controls = {
            UNIFORM: np.broadcast_to(even, (len(spread), len(kept))),
            UNMATCHED: spread[:, others],
        }
        yield from measurements_by_head(SPREAD, DECODER_POINTS, layer, spread[:, kept], controls)
        for suffix, boxes in targets.by_suffix.items():
            if len(boxes):
                yield from _of_boxes(places, weights, boxes, targets.unmatched, grid, layer, suffix)


def _of_boxes(
    places: Values,
    weights: Values,
    boxes: TargetBoxes,
    unmatched: TargetBoxes,
    grid: Grid,
    layer: int,
    suffix: str,
) -> Iterator[Measurement]:
    """Mass, lift and distance of each query and its box."""
    shares = _areas(boxes)
    pairs = with_mean(mass_in_boxes(places[boxes.queries], weights[:, boxes.queries], boxes, grid))
    rest = _own(mass_in_boxes(places[unmatched.queries], weights[:, unmatched.queries],
                              unmatched, grid, own=True))  # fmt: skip
    own, off = _own(pairs), _others(pairs)
    rest_shares = _areas(unmatched)
    for measure, of_box, of_rest in ((MASS, 1.0, 1.0), (LIFT, shares, rest_shares)):
        controls = {
            UNIFORM: np.broadcast_to(shares / of_box, own.shape),
            SHUFFLED: off / of_box,
            UNMATCHED: with_mean(rest) / of_rest,
        }
        if measure is LIFT:
            controls[CEILING] = np.broadcast_to(1 / shares, own.shape)
        yield from measurements_by_head(
            measure, DECODER_POINTS, layer, own / of_box, controls, suffix=suffix
        )
    values = with_mean(_distances(places, weights, boxes, boxes, grid))
    even_places, even_weights = _even(grid)
    centres = boxes.centres_xy * grid.size_wh
    blind = np.linalg.norm(even_places[0, 0][None] - centres[:, None], axis=-1) @ even_weights[0, 0]
    shuffled = with_mean(_distances(places, weights, boxes, boxes, grid, own=False))
    controls = {
        UNIFORM: np.broadcast_to(blind / grid.diagonal, own.shape),
        SHUFFLED: shuffled / grid.diagonal,
        UNMATCHED: with_mean(_distances(places, weights, unmatched, unmatched, grid))
        / grid.diagonal,
    }
    yield from measurements_by_head(
        DISTANCE, DECODER_POINTS, layer, values / grid.diagonal, controls, suffix=suffix
    )


def _read(points: SampledPoints, layer: int, grid: Grid) -> tuple[Values, Values]:
    """A layer's places (Q, heads, n, 2) in cells, and weights (heads, Q, n), n over all levels."""
    places = points.places[layer].astype(np.float64)  # (Q, heads, levels, points, 2)
    queries, heads = places.shape[:2]
    weights = points.weights[layer].astype(np.float64).reshape(queries, heads, -1)
    return places.reshape(queries, heads, -1, 2) * grid.size_wh, weights.transpose(1, 0, 2)


def with_mean(by_head: Values) -> Values:
    """(heads, ...) to (1 + heads, ...), the mean first: heads are read alike."""
    return np.concatenate([by_head.mean(axis=0, keepdims=True), by_head])


def spread_of(places: Values, weights: Values) -> Values:
    """sqrt(sum_k w_k |p_k - m|^2), m = sum_k w_k p_k: how far points lie from their middle.

    Args:
        places: (Q, heads, n, 2).
        weights: (heads, Q, n), of each head and query with a sum of 1.

    Returns:
        (1 + heads, Q) in the unit of the places; first that of all heads' points together.
    """
    queries, heads = places.shape[:2]
    together = places.reshape(queries, 1, -1, 2), weights.transpose(1, 0, 2).reshape(queries, 1, -1)
    each = []
    for some, of in ((together[0], together[1] / heads), (places, weights.transpose(1, 0, 2))):
        middle = (of[..., None] * some).sum(axis=2, keepdims=True)  # (Q, ., 1, 2)
        squares = ((some - middle) ** 2).sum(axis=-1)
        each.append(np.sqrt((of * squares).sum(axis=-1)).T)  # (., Q)
    return np.concatenate(each)


def mass_in_boxes(
    places: Values, weights: Values, boxes: TargetBoxes, grid: Grid, *, own: bool = False
) -> Values:
    """The share of what queries read that lies in boxes: a point counts in whole, or not.

    Args:
        places: (n, heads, k, 2) in cells.
        weights: (heads, n, k).
        own: whether each query is compared with the box of its own row alone.

    Returns:
        (heads, n, m), query i and box j; (heads, n, 1) with `own`.
    """
    sides = boxes.boxes_xyxy * np.tile(grid.size_wh, 2)
    compared = sides[:, None, None, None] if own else sides[None, None, None]
    inside = lie_in(places[..., None, :], compared)  # (n, heads, k, m)
    return np.asarray(np.einsum("hnk,nhkm->hnm", weights, inside))


def _distances(
    places: Values,
    weights: Values,
    readers: TargetBoxes,
    boxes: TargetBoxes,
    grid: Grid,
    *,
    own: bool = True,
) -> Values:
    """sum_k w_k |p_k - c|, c the centre of the own box, or of all others: (heads, n)."""
    centres = boxes.centres_xy * grid.size_wh  # (n, 2)
    some = places[readers.queries]  # (n, heads, k, 2)
    of = weights[:, readers.queries]  # (heads, n, k)
    if own:
        apart = np.linalg.norm(some - centres[:, None, None], axis=-1)  # (n, heads, k)
        return np.asarray(np.einsum("hnk,nhk->hn", of, apart))
    apart = np.linalg.norm(some[:, :, :, None] - centres[None, None, None], axis=-1)
    return _others(np.einsum("hnk,nhkm->hnm", of, apart))


def _own(pairs: Values) -> Values:
    """(heads, n, n) or (heads, n, 1) to (heads, n): each query with its own box."""
    if pairs.shape[2] == 1 != pairs.shape[1]:
        return pairs[..., 0]
    return np.diagonal(pairs, axis1=-2, axis2=-1)


def _others(pairs: Values) -> Values:
    """(heads, n, n) to (heads, n): the mean over the other boxes; NaN if there is none."""
    n = pairs.shape[-1]
    if n < 2:
        return np.full(pairs.shape[:-1], np.nan)
    return np.asarray((pairs.sum(axis=-1) - _own(pairs)) / (n - 1))


def _areas(boxes: TargetBoxes) -> npt.NDArray[np.float64]:
    """The share of the image that each box covers."""
    return np.asarray(np.prod(boxes.boxes_xyxy[:, 2:] - boxes.boxes_xyxy[:, :2], axis=1))


def _even(grid: Grid) -> tuple[Values, Values]:
    """Points all over the image with one weight: places (1, 1, n, 2), weights (1, 1, n)."""
    steps = (np.arange(_EVEN_SIDE) + 0.5) / _EVEN_SIDE
    places = np.stack(np.meshgrid(steps, steps), axis=-1).reshape(1, 1, -1, 2) * grid.size_wh
    return places, np.full((1, 1, places.shape[2]), 1 / places.shape[2])
