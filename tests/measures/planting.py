"""Forward passes whose attention is known, because it was planted."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from generator.inference.forward_pass import QueriesAndKeys

Array = npt.NDArray[np.float64]


def planted(weights: npt.NDArray[np.floating]) -> QueriesAndKeys:
    """Queries and keys whose attention is `weights`, (layers, heads, n, m), rows sum to 1."""
    layers, heads, _, keys = weights.shape
    q = np.log(np.maximum(weights, 1e-30)).astype(np.float32)
    k = np.broadcast_to(np.eye(keys) * math.sqrt(keys), (layers, heads, keys, keys))
    return QueriesAndKeys(q, k.astype(np.float32))


def random_rows(*shape: int, seed: int = 0) -> Array:
    """Positive rows that sum to 1."""
    rows = np.random.default_rng(seed).random(shape) ** 3 + 1e-3
    return np.asarray(rows / rows.sum(axis=-1, keepdims=True))


def one_hot(columns: npt.ArrayLike, keys: int) -> Array:
    """Rows with all their weight on one key."""
    return np.asarray(np.eye(keys)[np.asarray(columns)])
