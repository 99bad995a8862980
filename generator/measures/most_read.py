"""Attention sinks: the cells of the grid that are read most.

In: a forward pass. Out: how much each cell is read, the most-read 5 % of the cells, and which
cells lie on the border. Whether they deserve it is for `sinks` to measure.

In vision transformers a few tokens with little content of their own take in much of the attention
(arXiv 2309.16588, who know them by the norms of their outputs, and find about 2 %). Here a cell
is judged by what it receives, the sum of its column: a forward pass keeps queries and keys alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from generator.inference.forward_pass import ForwardPass, QueriesAndKeys
from generator.measures.attention_rows import (
    Rows,
    Weights,
    measured_rows,
    with_mean,
)
from generator.measures.layer_rows import layer_rows, remembered

SHARE = 0.05
"""How many of the cells are called the most read."""


@dataclass(frozen=True, eq=False)
class Sinks:
    """The most-read cells of an image, by layer of the encoder and by map.

    Attributes:
        grid_hw: rows and columns of the grid.
        received: (layers, 1 + heads, N), the sums of the columns, 1 on average; the first map
            is the mean of the heads.
        cells: (layers, 1 + heads, n), the most-read tokens, in the order of the grid.
    """

    grid_hw: tuple[int, int]
    received: Weights
    cells: Rows


@remembered
def find_sinks(forward: ForwardPass) -> Sinks:
    """The most-read cells of every layer and head of the encoder."""
    pair = forward.encoder_self
    if not len(pair):  # no cell looks at all others
        nothing = (0, 1, forward.grid_hw[0] * forward.grid_hw[1])
        return Sinks(forward.grid_hw, np.zeros(nothing), np.zeros((0, 1, 0), np.int64))
    received = np.stack([attention_received(pair, layer) for layer in range(len(pair.q))])
    return Sinks(forward.grid_hw, received, most_read(received))


def attention_received(pair: QueriesAndKeys, layer: int) -> Weights:
    """sum_i A_ij: how much each token is read by all, and 1 on average.

    Returns:
        (1 + heads, N), the mean of the heads first. In grids of more than `MOST_ROWS` cells the
        rows are a sample, and the sums scaled accordingly.
    """
    heads, tokens = pair.k.shape[1:3]
    known, rows = _received(pair), len(measured_rows(tokens))
    if (layer, rows) not in known:
        total = np.zeros((heads, tokens))
        for block in layer_rows(pair, layer):
            total += block.weights[1:].sum(axis=1)
        known[layer, rows] = with_mean(total * (tokens / rows))
    return known[layer, rows]


@remembered
def _received(_of: QueriesAndKeys) -> dict[tuple[int, int], Weights]:
    """What was added up already, by layer and number of measured rows."""
    return {}


def most_read(received: Weights) -> Rows:
    """The tokens with the largest sums, 5 % of all but at least one.

    Args:
        received: (..., N).

    Returns:
        (..., n), each in rising order; of equal sums the first tokens.
    """
    number = max(1, round(SHARE * received.shape[-1]))
    order = np.argsort(-np.round(received, 9), axis=-1, kind="stable")
    return np.asarray(np.sort(order[..., :number], axis=-1), dtype=np.int64)


def on_border(grid_hw: tuple[int, int]) -> npt.NDArray[np.bool_]:
    """Whether each cell lies on the grid's border: (h * w,)."""
    inside = np.zeros(grid_hw, dtype=bool)
    inside[1:-1, 1:-1] = True
    return np.asarray(~inside.ravel())
