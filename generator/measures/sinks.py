"""The attention sinks of one image's encoder: how much they take in, and where they lie.

In: a forward pass, its most-read cells, and boxes. Out: `Measurement`s by layer and head. What is
left of other measures without these cells is for `without_sinks`; whether they are the same cells
in all images, for `same_sinks`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from generator.analysis.grid import Grid
from generator.inference.forward_pass import ForwardPass
from generator.measures.attention_rows import (
    Weights,
    attention_weights,
    blocks_of_rows,
    measured_rows,
    with_mean,
)
from generator.measures.catalogue_sinks import (
    SINK_BRIGHTEST,
    SINK_IN_BOXES,
    SINK_ON_BORDER,
    SINK_PEAK,
    SINK_SHARE,
)
from generator.measures.localisation import box_coverage, touched_cells
from generator.measures.measurement import Measurement, measurements_by_head
from generator.measures.mechanisms import ANY_CELLS, ENCODER_SELF, SHUFFLED_ROWS
from generator.measures.most_read import Sinks, most_read, on_border
from generator.measures.target_boxes import TargetBoxes


def measure_sinks(
    forward: ForwardPass, sinks: Sinks, boxes: Mapping[str, TargetBoxes]
) -> Iterator[Measurement]:
    """Measures every layer.

    Args:
        boxes: by the suffix of the measure's name, as for `measure_encoder`.
    """
    border = on_border(forward.grid_hw)
    for layer, cells in enumerate(sinks.cells):  # (1 + heads, n)
        received = sinks.received[layer]  # (1 + heads, N)
        maps, tokens = received.shape
        is_sink = np.zeros((maps, tokens))
        np.put_along_axis(is_sink, cells, 1, axis=-1)
        shares, brightest, shuffled = _measure_rows(forward, layer, is_sink)
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
    forward: ForwardPass, layer: int, is_sink: Weights
) -> tuple[Weights, Weights, Weights]:
    """What each row gives to the sinks, and a matrix of rows as sharp that agree on nothing.

    Args:
        is_sink: (1 + heads, N), 1 at the most-read cells of each map.

    Returns:
        (1 + heads, rows), the share of each row's weight on the sinks; (1 + heads, rows), 1 if
        its brightest cell is one, divided evenly among equals; (1 + heads, N), the sums of the
        columns once every row has its weights at random places, always the same ones.
    """
    pair, rows = forward.encoder_self, measured_rows(is_sink.shape[-1])
    random = np.random.default_rng(0)
    shares, brightest, shuffled = [], [], np.zeros_like(is_sink)
    for block in blocks_of_rows(pair, rows):
        weights = with_mean(attention_weights(pair, layer, block))  # (1 + heads, rows, N)
        shares.append((weights @ is_sink[..., None])[..., 0])
        largest = weights == weights.max(axis=-1, keepdims=True)
        brightest.append((largest @ is_sink[..., None])[..., 0] / largest.sum(axis=-1))
        shuffled += random.permuted(weights, axis=-1).sum(axis=1)
    shuffled *= is_sink.shape[-1] / len(rows)
    return np.concatenate(shares, axis=1), np.concatenate(brightest, axis=1), shuffled
