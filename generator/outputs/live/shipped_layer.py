"""One layer's queries and keys, made small enough to be loaded by a page.

In: the queries and keys of one attention in one layer. Out: a `ShippedLayer`, which holds them in
8 or 16 bits, and how far its weights are from the exact ones.

Softmax does not see a number that is added to a whole row of logits. So the keys' mean is taken
off, which leaves smaller numbers to be rounded; the queries' mean is taken off as well, and its
product with each key is kept as a bias. What is left is rounded to 8 bits, each head of each token
on a scale of its own, or to half precision.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from scipy.special import logsumexp, softmax

from generator.inference.forward_pass import FloatArray

Precision = Literal["int8", "float16"]
Array = npt.NDArray[Any]

MOST_BYTES_IN_HALF_PRECISION = 220_000
"""Queries and keys that take more than this in half precision are shipped in 8 bits."""
_STEPS = 127
_BLOCK = 512
"""Rows that are held at once."""


@dataclass(frozen=True, eq=False)
class ShippedLayer:
    """One attention of one layer as a page gets it.

    A logit is `q k^T / sqrt(d) + key_bias`, where q and k are what is stored times its scale.

    Attributes:
        precision: of q and k.
        q: (queries, heads, d), int8 or float16.
        k: (keys, heads, d), likewise.
        q_scale, k_scale: (queries, heads) and (keys, heads) float16; none in half precision.
        key_bias: (heads, keys), float16 beside int8, else float32.
        log_sum_exp: (heads, queries) float32, of each row of these logits: with it a column
            needs no other row.
        peak: (heads + 1, queries) float16, the exact largest weight of each row; the last
            row is of the mean of the heads.
        received: (keys,) float16, the exact sum of each column of the mean of the heads.
    """

    precision: Precision
    q: Array
    k: Array
    q_scale: Array | None
    k_scale: Array | None
    key_bias: Array
    log_sum_exp: FloatArray
    peak: Array
    received: Array

    def logits(self, head: int, rows: slice = slice(None)) -> FloatArray:
        """What the softmax of these rows is taken of, (rows, keys) float32."""
        q, k = _restored(self.q, self.q_scale, head), _restored(self.k, self.k_scale, head)
        products = q[rows] @ k.T / np.float32(math.sqrt(q.shape[1]))
        return np.asarray(products + self.key_bias[head].astype(np.float32))


def shipped(q: FloatArray, k: FloatArray, precision: Precision | None = None) -> ShippedLayer:
    """Makes the queries and keys of one layer small.

    Args:
        q: (heads, queries, d) float32.
        k: (heads, keys, d) float32.
        precision: None takes half precision where that is small.
    """
    if precision is None:
        is_small = 2 * (q.size + k.size) <= MOST_BYTES_IN_HALF_PRECISION
        precision = "float16" if is_small else "int8"
    mean = q.mean(axis=1, keepdims=True, dtype=np.float64)  # (heads, 1, d)
    of_keys = k - k.mean(axis=1, keepdims=True, dtype=np.float64)
    bias = (mean @ of_keys.transpose(0, 2, 1))[:, 0] / math.sqrt(q.shape[2])  # (heads, keys)
    bias -= bias.mean(axis=1, keepdims=True)
    pairs = [_rounded(one.transpose(1, 0, 2), precision) for one in (q - mean, of_keys)]
    (small_q, q_scale), (small_k, k_scale) = pairs
    peak, received = _exact(q, k)
    kept = ShippedLayer(
        precision=precision,
        q=small_q,
        k=small_k,
        q_scale=q_scale,
        k_scale=k_scale,
        key_bias=bias.astype(np.float16 if precision == "int8" else np.float32),
        log_sum_exp=np.zeros(q.shape[:2], np.float32),
        peak=peak,
        received=received,
    )
    for head in range(len(q)):
        for rows in _blocks(q.shape[1]):
            logits = kept.logits(head, rows).astype(np.float64)
            kept.log_sum_exp[head, rows] = logsumexp(logits, axis=1)
    return kept


def largest_error(layer: ShippedLayer, q: FloatArray, k: FloatArray) -> float:
    """How far a weight of any row, column or head, or of their mean, is from the exact one.

    Args:
        q, k: what the layer was made of.
    """
    largest, heads = 0.0, range(len(q))
    for rows in _blocks(q.shape[1]):
        for head in heads:
            exact = _exact_rows(q[head, rows], k[head])
            logits = layer.logits(head, rows).astype(np.float64)
            as_row = softmax(logits, axis=1)
            as_column = np.exp(logits - layer.log_sum_exp[head, rows, None])
            errors = (np.abs(one - exact).max() for one in (as_row, as_column))
            largest = max(largest, *map(float, errors))
    return largest


def _rounded(values: Array, precision: Precision) -> tuple[Array, Array | None]:
    """Values (tokens, heads, d) in fewer bits, and the scale of each token and head."""
    if precision == "float16":
        return values.astype(np.float16), None
    scale = (np.abs(values).max(axis=2) / _STEPS).astype(np.float16)
    steps = values / np.where(scale == 0, 1, scale.astype(np.float64))[..., None]
    return np.rint(steps).clip(-_STEPS, _STEPS).astype(np.int8), scale


def _restored(values: Array, scale: Array | None, head: int) -> FloatArray:
    """One head's queries or keys as float32, (tokens, d)."""
    of_head = values[:, head].astype(np.float32)
    return of_head if scale is None else of_head * scale[:, head, None].astype(np.float32)


def _exact(q: FloatArray, k: FloatArray) -> tuple[Array, Array]:
    """The largest weight of each row, by head and of the mean; and the sums of the columns."""
    heads, queries = q.shape[:2]
    peak = np.zeros((heads + 1, queries))
    received = np.zeros(k.shape[1])
    for rows in _blocks(queries):
        weights = np.stack([_exact_rows(q[head, rows], k[head]) for head in range(heads)])
        peak[:heads, rows] = weights.max(axis=2)
        peak[heads, rows] = weights.mean(axis=0).max(axis=1)
        received += weights.mean(axis=0).sum(axis=0)
    return peak.astype(np.float16), received.astype(np.float16)


def _exact_rows(q: FloatArray, k: FloatArray) -> npt.NDArray[np.float64]:
    """Rows of one head's attention."""
    logits = q.astype(np.float64) @ k.T.astype(np.float64) / math.sqrt(q.shape[1])
    return np.asarray(softmax(logits, axis=1))


def _blocks(queries: int) -> Iterator[slice]:
    return (slice(start, start + _BLOCK) for start in range(0, queries, _BLOCK))
