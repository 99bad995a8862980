"""How spread out a map is, and how different maps are: entropy and divergence.

In: attention weights, whose last axis sums to 1. Out: numbers. It knows no grid and no box.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from scipy.special import entr

Weights = npt.NDArray[np.float64]

_CACHED_NUMBERS = 2**17
"""Weights that are worked on at once, so that they stay in a cache: 1 MB."""
_NEARLY_0 = 1e-300
"""Added to weights whose logarithm is taken: it changes none that is above 0."""


def normalised_entropy(
    weights: npt.NDArray[np.floating], entropies: Weights | None = None
) -> Weights:
    """-sum_j A_ij ln A_ij / ln N: how evenly a row spreads over its N keys.

    The entropy of an attention row, as in arXiv 2303.06296, over that of a uniform row, so
    that images of different sizes can be compared.

    Args:
        weights: (..., N), rows that sum to 1.
        entropies: (...), of the rows in nats, if they are known.

    Returns:
        (...) in [0, 1], no unit: 1 for a uniform row, 0 for a row with a single weight, and
        for N = 1.
    """
    keys = weights.shape[-1]
    if keys == 1:
        return np.zeros(weights.shape[:-1])
    if entropies is None:
        entropies = entr(np.asarray(weights, np.float64)).sum(axis=-1)
    return np.asarray(np.clip(entropies / math.log(keys), 0, 1))


def jensen_shannon(first: npt.NDArray[np.floating], second: npt.NDArray[np.floating]) -> Weights:
    """The Jensen-Shannon divergence: H((P + Q) / 2) - (H(P) + H(Q)) / 2, in bits.

    Lin 1991, doi 10.1109/18.61115.

    Args:
        first, second: (..., N), each sums to 1.

    Returns:
        (...) in [0, 1]: 0 for equal maps, 1 for maps that share no key.
    """
    p, q = np.asarray(first, np.float64), np.asarray(second, np.float64)
    apart = entr((p + q) / 2).sum(axis=-1) - (entr(p).sum(axis=-1) + entr(q).sum(axis=-1)) / 2
    return np.asarray(np.clip(apart / math.log(2), 0, 1))


def head_diversity(weights: npt.NDArray[np.floating], entropies: Weights | None = None) -> Weights:
    """Mean Jensen-Shannon divergence of each head's rows from the other heads' rows.

    The mean over heads is the mean over all pairs of heads. Clark et al. 2019 (arXiv
    1906.04341) compare the heads of BERT by the same divergence.

    Args:
        weights: (heads, n, N), rows that sum to 1; at least two heads.
        entropies: (heads, n), of the rows in nats, if they are known.

    Returns:
        (heads, n) in [0, 1], bits: 0 where all heads look alike, 1 where no two share a key.

    Raises:
        ValueError: there is only one head, and nothing to compare it with.
    """
    heads, rows, keys = weights.shape
    if heads < 2:
        raise ValueError("expected weights of at least two heads, (heads, n, N), got one head")
    maps = np.asarray(weights, np.float64)
    if entropies is None:
        entropies = entr(maps).sum(axis=-1)
    total, step = np.zeros((heads, rows)), max(1, _CACHED_NUMBERS // (heads * keys))
    sums, logarithms = np.empty((2, heads - 1, min(step, rows), keys))
    for start in range(0, rows, step):
        some = slice(start, start + step)
        block, entropy = maps[:, some] + _NEARLY_0, entropies[:, some]
        n = block.shape[1]
        for head in range(heads - 1):
            later = heads - 1 - head
            both = np.add(block[head], block[head + 1 :], out=sums[:later, :n])
            logs = np.log(both, out=logarithms[:later, :n])
            # With s = p + q, H(s / 2) = sum_j s_j (ln 2 - ln s_j) / 2, and s sums to 2.
            mixed = math.log(2) - np.einsum("hij,hij->hi", both, logs) / 2
            divergence = mixed - (entropy[head] + entropy[head + 1 :]) / 2
            divergence = np.clip(divergence / math.log(2), 0, 1)  # (later heads, n)
            total[head, some] += divergence.sum(axis=0)
            total[head + 1 :, some] += divergence
    return np.asarray(total / (heads - 1))
