"""What is taken away from a detection, and what else is taken away to compare with.

In: a `ForwardPass` and its detections. Out: a `CausalPlan`: masks and orders of cells. Whatever is
random is drawn with the query's number as seed.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from generator.analysis.detections import Detections, detect
from generator.analysis.grid import Grid
from generator.detr.relatives.cells import Cells
from generator.inference.causal_tests import (
    BOX_PART,
    EQUAL_MASS,
    ORDERS,
    OTHER_BOX,
    OWN_BOX,
    RANDOM_CELLS,
    SINKS,
    CausalPlan,
    Indices,
    Mask,
    order_of,
)
from generator.inference.forward_pass import ForwardPass
from generator.measures.attention_rows import Weights, attention_weights
from generator.measures.distance import cell_centres, distances_between
from generator.measures.encoder import cells_of_centres
from generator.measures.localisation import box_coverage
from generator.measures.most_read import attention_received
from generator.measures.rollout import decoder_mixture
from generator.measures.target_boxes import TargetBoxes, target_boxes_in_pixels

MOST = 6
"""How many detections of an image are tested, the best ones."""
DRAWS = 2
"""How often random cells are drawn for a knock-out."""
SHARES = (0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.7, 1)
"""Which shares of the cells are deleted or inserted: small steps where the boxes are."""
_TOUCH = 1e-6
"""A box touches a cell if it covers more of it than this; less is rounding at the edge."""


def plan_of(forward: ForwardPass, threshold: float) -> CausalPlan:
    """Plans the tests of the best detections of an image."""
    boxes, classes = _tested(forward, detect(forward, threshold))
    grid, cells = Grid.of(forward), forward.grid_hw[0] * forward.grid_hw[1]
    covered = box_coverage(boxes.boxes_xyxy, grid).reshape(-1, cells) > _TOUCH  # (n, N)
    masks = dict(_knock_outs(forward, boxes.queries, covered))
    kinds = [kind for kind in masks for _ in masks[kind]]
    knock_outs = [mask for ones in masks.values() for mask in ones]
    counts = {0 if not share else max(1, round(share * cells)) for share in SHARES}
    return CausalPlan(
        queries=boxes.queries,
        classes=classes,
        middles=cells_of_centres(boxes, grid),
        kinds=tuple(kinds),
        knock_outs=np.stack(knock_outs),
        counts=np.array(sorted(counts), np.int64),
        orders=_orders(forward, boxes),
    )


def _tested(forward: ForwardPass, found: Detections) -> tuple[TargetBoxes, Indices]:
    """The best detections whose boxes have an area, and their classes."""
    boxes = target_boxes_in_pixels(found.boxes_xyxy, found.size_hw, found.queries, found.labels)
    best = TargetBoxes(boxes.boxes_xyxy[:MOST], boxes.queries[:MOST], boxes.labels[:MOST])
    without_none = slice(-1) if forward.score == "softmax" else slice(None)
    classes = forward.logits[-1][best.queries, without_none].argmax(axis=1)
    return best, classes.astype(np.int64)


def _knock_outs(
    forward: ForwardPass, queries: Indices, covered: Mask
) -> Iterator[tuple[str, list[Mask]]]:
    """The masks by kind, (n, N) each; a row without any true is a test that cannot be made."""
    mass = _mean_attention(forward)[queries]  # (n, N)
    yield OWN_BOX, [covered]
    draws = [[_drawn(~own, own.sum(), [query, draw]) for query, own in
              zip(queries.tolist(), covered, strict=True)] for draw in range(DRAWS)]  # fmt: skip
    yield RANDOM_CELLS, [_stacked(ones, covered) for ones in draws]
    others = np.roll(covered, -1, axis=0) if len(covered) > 1 else np.zeros_like(covered)
    yield OTHER_BOX, [others & ~covered]
    pairs = [_of_equal_mass(own, weights) for own, weights in zip(covered, mass, strict=True)]
    yield BOX_PART, [_stacked([inside for inside, _ in pairs], covered)]
    yield EQUAL_MASS, [_stacked([outside for _, outside in pairs], covered)]
    if not len(forward.encoder_self):  # no cell looks at all others
        yield SINKS, [np.zeros_like(covered)]
        return
    last = len(forward.encoder_self.q) - 1
    read = order_of(attention_received(forward.encoder_self, last)[0])  # mean of the heads
    yield SINKS, [_stacked([_first(read, ~own, own.sum()) for own in covered], covered)]


def _mean_attention(forward: ForwardPass) -> Weights:
    """Cross-attention, layers and heads averaged, (Q, N): what a knock-out in all layers takes."""
    if not forward.has_maps:
        return mass_of_points(forward)
    layers = range(len(forward.decoder_cross.q))
    maps = [
        attention_weights(forward.decoder_cross, one, slice(None)).mean(axis=0) for one in layers
    ]
    return np.asarray(np.mean(maps, axis=0))


def mass_of_points(forward: ForwardPass) -> Weights:
    """The weights of all points by the cell that they lie in, layers and heads averaged: (Q, N)."""
    points = forward.points["decoder_cross"]
    grid, total = forward.grid_hw, np.zeros((points.weights.shape[1], math.prod(forward.grid_hw)))
    cells = Cells(grid, forward.input_hw, forward.stride, forward.first_centre)
    numbers = cells.numbers_of(points.places).astype(np.int64)  # (L, Q, H, levels, points)
    inside = numbers >= 0
    queries = np.broadcast_to(np.arange(len(total))[None, :, None, None, None], numbers.shape)
    weights = points.weights.astype(np.float64)
    np.add.at(total, (queries[inside], numbers[inside]), weights[inside])
    return total / (len(points) * points.heads)


def _drawn(among: Mask, count: int, seed: list[int]) -> Mask:
    """As many cells, or all that there are."""
    cells = np.flatnonzero(among)
    chosen = np.random.default_rng(seed).permutation(cells)[:count]
    return np.isin(np.arange(len(among)), chosen)


def _first(order: Indices, among: Mask, count: int) -> Mask:
    """The first cells of an order that are among some."""
    return np.isin(np.arange(len(among)), order[among[order]][:count])


def _of_equal_mass(own: Mask, weights: Weights) -> tuple[Mask, Mask]:
    """Cells inside and outside that have the same attention: as much as the poorer side has.

    The richer side's cells are taken from its weakest on, if that is the box, and from its
    strongest on, if it is the rest. Where the box has nearly everything, this is all that lies
    outside, and a small part of the box.
    """
    inside, outside = weights[own].sum(), weights[~own].sum()
    order = order_of(weights)
    if inside > outside:
        return _worth(order[::-1], own, weights, outside), ~own
    return own, _worth(order, ~own, weights, inside)


def _worth(order: Indices, among: Mask, weights: Weights, mass: float) -> Mask:
    """Cells that have at most so much attention: of an order, each that still fits."""
    chosen, left = np.zeros(len(among), bool), mass
    for cell in order[among[order]].tolist():
        if weights[cell] <= left:
            chosen[cell] = True
            left -= weights[cell]
    return chosen


def _orders(forward: ForwardPass, boxes: TargetBoxes) -> Indices:
    """The cells by attention, rollout, nearness and lot, (4, n, N); as `ORDERS` has them.

    A query that samples points reads few of the cells, so its weights put the rest in no order.
    """
    cells = forward.grid_hw[0] * forward.grid_hw[1]
    none = np.full((len(boxes), cells), -1, np.int64)
    if not forward.has_maps:
        return np.stack([none] * (len(ORDERS) - 1))
    last = len(forward.decoder_cross.q) - 1
    attention = attention_weights(forward.decoder_cross, last, boxes.queries).mean(axis=0)
    grid = Grid.of(forward)
    distances = distances_between(boxes.centres_xy * grid.size_wh, cell_centres(grid))
    lots = [np.random.default_rng([query, DRAWS]).permutation(cells) for query in boxes.queries]
    return np.stack([
        order_of(attention),
        order_of(decoder_mixture(forward)[boxes.queries]) if forward.can_be_followed else none,
        order_of(-distances),
        np.array(lots, np.int64).reshape(-1, cells),
    ])  # fmt: skip


def _stacked(masks: list[Mask], like: Mask) -> Mask:
    return np.array(masks, bool).reshape(like.shape)
