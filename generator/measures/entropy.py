"""How spread out a map is, and how different maps are: entropy and divergence.

In: attention weights, whose last axis sums to 1. Out: numbers. It knows no grid and no box.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from scipy.special import entr

Weights = npt.NDArray[np.float64]


def normalised_entropy(weights: npt.NDArray[np.floating]) -> Weights:
    """-sum_j A_ij ln A_ij / ln N: how evenly a row spreads over its N keys.

    The entropy of an attention row, as in arXiv 2303.06296, over that of a uniform row, so
    that images of different sizes can be compared.

    Args:
        weights: (..., N), rows that sum to 1.

    Returns:
        (...) in [0, 1], no unit: 1 for a uniform row, 0 for a row with a single weight, and
        for N = 1.
    """
    keys = weights.shape[-1]
    if keys == 1:
        return np.zeros(weights.shape[:-1])
    entropy = entr(np.asarray(weights, np.float64)).sum(axis=-1)
    return np.asarray(np.clip(entropy / math.log(keys), 0, 1))


def jensen_shannon(first: npt.NDArray[np.floating], second: npt.NDArray[np.floating]) -> Weights:
    """The Jensen-Shannon divergence: H((P + Q) / 2) - (H(P) + H(Q)) / 2, in bits.

    Lin 1991, doi 10.1109/18.61115.

    Args:
        first, second: (..., N), each sums to 1.

    Returns:
        (...) in [0, 1]: 0 for equal maps, 1 for maps that share no key.
    """
    p, q = np.asarray(first, np.float64), np.asarray(second, np.float64)
    return _divergence(p, q, entr(p).sum(axis=-1), entr(q).sum(axis=-1))


def _divergence(p: Weights, q: Weights, entropy_p: Weights, entropy_q: Weights) -> Weights:
    """The divergence in bits, from both entropies in nats."""
    mixed = entr((p + q) / 2).sum(axis=-1)
    return np.asarray(np.clip((mixed - (entropy_p + entropy_q) / 2) / math.log(2), 0, 1))


def head_diversity(weights: npt.NDArray[np.floating]) -> Weights:
    """Mean Jensen-Shannon divergence of each head's rows from the other heads' rows.

    The mean over heads is the mean over all pairs of heads. Clark et al. 2019 (arXiv
    1906.04341) compare the heads of BERT by the same divergence.

    Args:
        weights: (heads, n, N), rows that sum to 1; at least two heads.

    Returns:
        (heads, n) in [0, 1], bits: 0 where all heads look alike, 1 where no two share a key.

    Raises:
        ValueError: there is only one head, and nothing to compare it with.
    """
    heads, rows, _ = weights.shape
    if heads < 2:
        raise ValueError("expected weights of at least two heads, (heads, n, N), got one head")
    maps = np.asarray(weights, np.float64)
    entropies = entr(maps).sum(axis=-1)  # (heads, n)
    total = np.zeros((heads, rows))
    for head in range(heads - 1):
        divergence = _divergence(  # (later heads, n)
            maps[head], maps[head + 1 :], entropies[head], entropies[head + 1 :]
        )
        total[head] += divergence.sum(axis=0)
        total[head + 1 :] += divergence
    return np.asarray(total / (heads - 1))
