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
CACHED_NUMBERS = 2**16
"""Numbers that are worked on at once, so that they stay in a core's cache: 512 KB."""


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
    q = pair.q[layer][:, rows].astype(np.float64)
    weights = np.empty((*q.shape[:2], pair.k.shape[2]))
    fill_with_weights(q, pair.k[layer], weights)
    return weights


def fill_with_weights(q: Weights, k: npt.NDArray[np.floating], weights: Weights) -> Weights:
    """Writes softmax(Q K^T / sqrt(d)) of every head, and returns the rows' entropies.

    With s the logits less their maximum, H = ln sum_j exp(s_j) - sum_j p_j s_j: the entropy takes
    no logarithm of a weight.

    Args:
        q: (heads, rows, d).
        k: (heads, n_keys, d).
        weights: (heads, rows, n_keys), to be filled.

    Returns:
        (heads, rows), in nats.
    """
    entropies = np.empty(q.shape[:2])
    scale, step = 1 / math.sqrt(q.shape[-1]), max(1, CACHED_NUMBERS // k.shape[1])
    for head, of_head in enumerate(q):
        keys = np.ascontiguousarray(k[head].T, np.float64) * scale
        for start in range(0, len(of_head), step):
            some = slice(start, start + step)
            scores = of_head[some] @ keys
            scores -= scores.max(axis=-1, keepdims=True)
            part = np.exp(scores, out=weights[head, some])
            total = part.sum(axis=-1, keepdims=True)
            part /= total
            entropies[head, some] = np.log(total[:, 0]) - np.einsum("ij,ij->i", part, scores)
    return entropies


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
