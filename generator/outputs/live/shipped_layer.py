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
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from scipy.special import logsumexp

from generator.inference.forward_pass import FloatArray

Precision = Literal["int8", "float16"]
Array = npt.NDArray[Any]
Floats = npt.NDArray[np.float64]

MOST_BYTES_IN_HALF_PRECISION = 220_000
"""Queries and keys that take more than this in half precision are shipped in 8 bits."""
_STEPS = 127
_BLOCK = 64
"""Rows that are held at once; of 850 cells they stay in a core's cache."""


@dataclass(frozen=True, eq=False)
class RoundedPair:
    """Queries and keys in few bits: a logit is `q k^T / sqrt(d) + key_bias`.

    Attributes:
        precision: of q and k.
        q: (queries, heads, d), int8 or float16.
        k: (keys, heads, d), likewise.
        q_scale, k_scale: (queries, heads) and (keys, heads) float16, what int8 is to be multiplied
            by; none in half precision.
        key_bias: (heads, keys), float16 beside int8, else float32.
    """

    precision: Precision
    q: Array
    k: Array
    q_scale: Array | None
    k_scale: Array | None
    key_bias: Array

    def restored(self) -> tuple[Floats, Floats]:
        """What a page computes with, (heads, queries, d) and (heads, keys, d)."""
        return _restored(self.q, self.q_scale), _restored(self.k, self.k_scale)


@dataclass(frozen=True, eq=False)
class ShippedLayer:
    """One attention of one layer as a page gets it.

    Attributes:
        pair: its queries and keys.
        log_sum_exp: (heads, queries) float32, of each row of the pair's logits: with it a column
            needs no other row.
        peak: (heads + 1, queries) float16, the exact largest weight of each row; the last row is
            of the mean of the heads.
        received: (keys,) float16, the exact sum of each column of the mean of the heads.
        largest_error: how far a weight of any row, column or head is from the exact one.
        rest: (heads, queries) float32, the logarithm of what keys that are not shipped add to each
            row's denominator; None if there are none.
    """

    pair: RoundedPair
    log_sum_exp: FloatArray
    peak: Array
    received: Array
    largest_error: float
    rest: FloatArray | None = None


def shipped(
    q: FloatArray,
    k: FloatArray,
    precision: Precision | None = None,
    rest: FloatArray | None = None,
) -> ShippedLayer:
    """Makes the queries and keys of one layer small.

    Args:
        q: (heads, queries, d) float32.
        k: (heads, keys, d) float32.
        precision: None takes half precision where that is small.
        rest: (heads, others, d), keys that the softmax runs over as well.
    """
    if precision is None:
        is_small = 2 * (q.size + k.size) <= MOST_BYTES_IN_HALF_PRECISION
        precision = "float16" if is_small else "int8"
    mean = q.mean(axis=1, keepdims=True, dtype=np.float64)  # (heads, 1, d)
    of_keys = k - k.mean(axis=1, keepdims=True, dtype=np.float64)
    bias = (mean @ of_keys.transpose(0, 2, 1))[:, 0] / math.sqrt(q.shape[2])  # (heads, keys)
    middle = bias.mean(axis=1, keepdims=True)  # (heads, 1)
    bias -= middle
    pairs = [_rounded(one.transpose(1, 0, 2), precision) for one in (q - mean, of_keys)]
    (small_q, q_scale), (small_k, k_scale) = pairs
    small = RoundedPair(
        precision=precision,
        q=small_q,
        k=small_k,
        q_scale=q_scale,
        k_scale=k_scale,
        key_bias=bias.astype(np.float16 if precision == "int8" else np.float32),
    )
    if rest is None:
        return _compared(small, q, k)
    # What was taken off every logit of a row has to be taken off these, too.
    taken = np.stack([_logits(q[one], k[one].mean(axis=0, keepdims=True)) for one in range(len(q))])
    beside = np.stack([_logits(q[one], rest[one]) for one in range(len(q))])  # (heads, queries, .)
    added = logsumexp(beside, axis=-1) - taken[..., 0] - middle  # (heads, queries)
    return _compared(small, q, np.concatenate([k, rest], axis=1), added.astype(np.float32))


def _compared(
    pair: RoundedPair, q: FloatArray, k: FloatArray, added: FloatArray | None = None
) -> ShippedLayer:
    """Adds what is said of rows and columns, and how far off they are.

    Args:
        k: with `added`, the keys that are shipped are its first ones.
    """
    heads, queries = q.shape[:2]
    log_sum_exp, keys = np.zeros((heads, queries), np.float32), len(pair.k)
    peak, received, error = np.zeros((heads + 1, queries)), np.zeros(keys), 0.0
    q, k = q.astype(np.float64), k.astype(np.float64)
    small_q, small_k = pair.restored()
    for rows in (slice(start, start + _BLOCK) for start in range(0, queries, _BLOCK)):
        mean = np.zeros((len(q[0, rows]), keys))
        for head in range(heads):
            exact = _softmax(_logits(q[head, rows], k[head]))[0][:, :keys]
            logits = _logits(small_q[head, rows], small_k[head])
            logits += pair.key_bias[head]
            row, logarithm = _softmax(logits, None if added is None else added[head, rows])
            rounded = logarithm.astype(np.float32)
            column = row * np.exp(logarithm - rounded)[:, None]
            for one in (row, column):
                off = np.subtract(one, exact, out=one)
                error = max(error, float(off.max()), -float(off.min()))
            log_sum_exp[head, rows] = rounded
            peak[head, rows] = exact.max(axis=1)
            exact /= heads
            mean += exact
        peak[heads, rows] = mean.max(axis=1)
        received += mean.sum(axis=0)
    return ShippedLayer(
        pair, log_sum_exp, peak.astype(np.float16), received.astype(np.float16), error, added
    )


def _rounded(values: Array, precision: Precision) -> tuple[Array, Array | None]:
    """Values (tokens, heads, d) in fewer bits, and the scale of each token and head."""
    if precision == "float16":
        return values.astype(np.float16), None
    scale = (np.abs(values).max(axis=2) / _STEPS).astype(np.float16)
    steps = values / np.where(scale == 0, 1, scale.astype(np.float64))[..., None]
    return np.rint(steps).clip(-_STEPS, _STEPS).astype(np.int8), scale


def _restored(values: Array, scale: Array | None) -> Floats:
    """Queries or keys (tokens, heads, d) as a page makes float32 of them, (heads, tokens, d)."""
    restored = values.transpose(1, 0, 2).astype(np.float32, order="C")
    if scale is not None:
        restored *= scale.T[..., None].astype(np.float32)
    return restored.astype(np.float64)


def _logits(q: FloatArray | Floats, k: FloatArray | Floats) -> Floats:
    logits: Floats = q.astype(np.float64, copy=False) @ k.T.astype(np.float64, copy=False)
    logits /= math.sqrt(q.shape[1])
    return logits


def _softmax(logits: Floats, added: FloatArray | None = None) -> tuple[Floats, Floats]:
    """The softmax of each row, in place of the logits, and the logarithm of its denominator.

    Args:
        added: of each row, the logarithm of what else is in the denominator.
    """
    if added is not None:
        logits = np.concatenate([logits, added[:, None].astype(np.float64)], axis=1)
        weights, logarithm = _softmax(logits)
        return weights[:, :-1], logarithm
    largest = logits.max(axis=1, keepdims=True)
    powers = np.exp(np.subtract(logits, largest, out=logits), out=logits)
    sums = powers.sum(axis=1, keepdims=True)
    powers /= sums
    return powers, (largest + np.log(sums))[:, 0]
