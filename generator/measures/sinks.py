"""The attention sinks of one image's encoder: how much they take in, and where they lie.

In: a forward pass, its most-read cells, and boxes. Out: `Measurement`s by layer and head. What is
left of other measures without these cells is for `without_sinks`; whether they are the same cells
in all images, for `same_sinks`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from generator.analysis.grid import Grid
from generator.inference.forward_pass import ForwardPass, QueriesAndKeys
from generator.measures.attention_rows import Rows, Weights, blocks_of_rows, measured_rows
from generator.measures.catalogue_sinks import (
    SINK_BRIGHTEST,
    SINK_IN_BOXES,
    SINK_ON_BORDER,
    SINK_PEAK,
    SINK_SHARE,
)
from generator.measures.layer_rows import layer_rows
from generator.measures.localisation import box_coverage, touched_cells
from generator.measures.measurement import Measurement, measurements_by_head
from generator.measures.mechanisms import ANY_CELLS, ENCODER_SELF, SHUFFLED_ROWS
from generator.measures.most_read import Sinks, most_read, on_border
from generator.measures.target_boxes import TargetBoxes

Places = npt.NDArray[np.int32]

_KEPT_NUMBERS = 10_000_000
"""Places of weights that are kept from layer to layer: 40 MB."""


def measure_sinks(
    forward: ForwardPass, sinks: Sinks, boxes: Mapping[str, TargetBoxes]
) -> Iterator[Measurement]:
    """Measures every layer.

    Args:
        boxes: by the suffix of the measure's name, as for `measure_encoder`.
    """
    for layer in range(len(sinks.cells)):
        yield from measure_sinks_layer(
            forward, layer, sinks.received[layer], sinks.cells[layer], boxes
        )


def measure_sinks_layer(
    forward: ForwardPass,
    layer: int,
    received: Weights,
    cells: Rows,
    boxes: Mapping[str, TargetBoxes],
) -> Iterator[Measurement]:
    """Measures one layer; `received` and `cells` as `Sinks` has them of it."""
    border = on_border(forward.grid_hw)
    maps, tokens = received.shape
    shares, brightest, shuffled = _measure_rows(forward, layer, cells)
    by_chance = np.take_along_axis(shuffled, most_read(shuffled), axis=-1)  # (1 + heads, n)
    random = {ANY_CELLS: np.full((maps, 1), cells.shape[1] / tokens)}
    share = {SHUFFLED_ROWS: by_chance.sum(axis=-1, keepdims=True) / tokens, **random}
    peak = {SHUFFLED_ROWS: by_chance.max(axis=-1, keepdims=True)}
    at_random = {ANY_CELLS: np.full((maps, 1), border.mean())}
    for measure, values, controls in (
        (SINK_SHARE, shares, share),
        (SINK_PEAK, received.max(axis=-1, keepdims=True), peak),
        (SINK_ON_BORDER, border[cells].astype(np.float64), at_random),
        (SINK_BRIGHTEST, brightest, random),
    ):
        yield from measurements_by_head(measure, ENCODER_SELF, layer, values, controls)
    for suffix, some in boxes.items():
        if len(some):
            touched = touched_cells(box_coverage(some.boxes_xyxy, Grid.of(forward))).ravel()
            yield from measurements_by_head(
                SINK_IN_BOXES,
                ENCODER_SELF,
                layer,
                touched[cells].astype(np.float64),
                {ANY_CELLS: np.full((maps, 1), touched.mean())},
                suffix=suffix,
            )


def _measure_rows(
    forward: ForwardPass, layer: int, cells: Rows
) -> tuple[Weights, Weights, Weights]:
    """What each row gives to the sinks, and a matrix of rows as sharp that agree on nothing.

    Args:
        cells: (1 + heads, n), the most-read cells of each map.

    Returns:
        (1 + heads, rows), the share of each row's weight on the sinks; (1 + heads, rows), 1 if
        its brightest cell is one, divided evenly among equals; (1 + heads, N), the sums of the
        columns once every row has its weights at random places, always the same ones.
    """
    pair, tokens = forward.encoder_self, forward.encoder_self.k.shape[2]
    blocks = layer_rows(pair, layer)
    places = random_places(len(cells), tokens, _block_sizes(pair))
    shares, brightest, shuffled = [], [], np.zeros((len(cells), tokens))
    rows = 0
    for block, place in zip(blocks, places, strict=True):
        share, bright = np.empty((2, *block.weights.shape[:2]))
        for one, of_map in enumerate(block.weights):
            taken = of_map[:, cells[one]]  # (rows, n)
            largest = of_map.max(axis=-1, keepdims=True)
            share[one] = taken.sum(axis=-1)
            bright[one] = (taken == largest).sum(axis=-1) / (of_map == largest).sum(axis=-1)
            to = place[one].ravel()
            shuffled[one] += np.bincount(to, weights=of_map.ravel(), minlength=tokens)
        shares.append(share)
        brightest.append(bright)
        rows += len(block.rows)
    shuffled *= tokens / rows
    return np.concatenate(shares, axis=1), np.concatenate(brightest, axis=1), shuffled


def _block_sizes(pair: QueriesAndKeys) -> tuple[int, ...]:
    rows = measured_rows(pair.k.shape[2])
    return tuple(len(block) for block in blocks_of_rows(pair, rows))


def random_places(maps: int, tokens: int, sizes: tuple[int, ...]) -> Iterable[Places]:
    """Where each weight goes in shuffled rows: for each block of rows, (maps, rows, N)."""
    if maps * sum(sizes) * tokens <= _KEPT_NUMBERS:
        return _kept_places(maps, tokens, sizes)
    return _made_places(maps, tokens, sizes)


@lru_cache(maxsize=1)
def _kept_places(maps: int, tokens: int, sizes: tuple[int, ...]) -> tuple[Places, ...]:
    """They are the same for all layers, and for all images of one size."""
    return tuple(_made_places(maps, tokens, sizes))


def _made_places(maps: int, tokens: int, sizes: tuple[int, ...]) -> Iterator[Places]:
    random = np.random.default_rng(0)
    for rows in sizes:
        in_order = np.arange(tokens, dtype=np.int32)
        come_from = random.permuted(np.broadcast_to(in_order, (maps, rows, tokens)), axis=-1)
        places = np.empty_like(come_from)
        for place, source in zip(
            places.reshape(-1, tokens), come_from.reshape(-1, tokens), strict=True
        ):
            place[source] = in_order
        yield places
