"""Attention weights in double precision, a few rows at a time, for measuring.

In: the queries and keys of a forward pass. Out: blocks of weights for all heads at once.
`analysis.attention` rebuilds single maps in float32 for drawing. Measures use float64, so that
a number rounded for a file does not depend on how many threads added it up.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from generator.inference.forward_pass import QueriesAndKeys

Weights = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]

MOST_ROWS = 1024
"""In a grid with more cells, only this many rows are measured, spread evenly over it."""

_BLOCK_NUMBERS = 2**22
"""Weights held in one block, over all heads: 4 million float64 are 34 MB."""


def attention_weights(pair: QueriesAndKeys, layer: int, rows: Rows | slice) -> Weights:
    """softmax(Q K^T / sqrt(d)), equation 1 of arXiv 1706.03762, for some rows in every head.

    Args:
        pair: one kind of attention.
        layer: from 0.
        rows: which queries.

    Returns:
        (heads, rows, n_keys); each row sums to 1, over the keys of `pair.k` alone: of a model in
        which patches and detection tokens sit together, it is the share of what they give to
        these keys.
    """
    from scipy.special import softmax  # only here: a build in which nothing changed needs it not

    q = pair.q[layer][:, rows].astype(np.float64)
    k = pair.k[layer].astype(np.float64)
    scores = q @ k.transpose(0, 2, 1) / math.sqrt(q.shape[-1])
    return np.asarray(softmax(scores, axis=-1), dtype=np.float64)


def measured_rows(tokens: int) -> Rows:
    """The rows of the matrix that are measured: all, or `MOST_ROWS` spread evenly."""
    number = min(tokens, MOST_ROWS)
    return np.asarray(((np.arange(number) + 0.5) * tokens / number).astype(np.int64))


def blocks_of_rows(pair: QueriesAndKeys, rows: Rows) -> Iterator[Rows]:
    """Splits rows so that the weights of one block, for all heads, take little memory."""
    heads, keys = pair.k.shape[1:3]
    size = max(1, _BLOCK_NUMBERS // (heads * keys))
    for start in range(0, len(rows), size):
        yield rows[start : start + size]


def with_mean(weights: Weights) -> Weights:
    """Puts the mean of the heads' maps before them: (heads, ...) to (1 + heads, ...)."""
    return np.concatenate([weights.mean(axis=0, keepdims=True), weights])
