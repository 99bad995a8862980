"""The measured rows of a layer of the encoder, made once for all that measures them.

In: queries and keys. Out: blocks of weights, with the mean of the heads and the entropies. The
blocks of the layer that was asked for last stay in memory while they are small, and so do the
mean maps of all layers, which rollout multiplies; they are forgotten with their forward pass.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import wraps
from typing import Generic, TypeVar

import numpy as np

from generator.inference.forward_pass import QueriesAndKeys
from generator.measures.attention_rows import (
    Rows,
    Weights,
    attention_weights,
    blocks_of_rows,
    fill_with_weights,
    measured_rows,
)

_KEPT_NUMBERS = 10_000_000
"""Weights of a layer, over all heads, that are kept: 80 MB; a grid of 1,024 cells has 9 million."""

Of = TypeVar("Of")
Result = TypeVar("Result")


@dataclass(frozen=True, eq=False)
class RowsBlock:
    """Some of the measured rows of a layer; the first of `1 + heads` maps is the heads' mean.

    Attributes:
        rows: (n,), the tokens.
        part: where they are among the measured rows.
        weights: (1 + heads, n, N), each row sums to 1.
        entropy: (1 + heads, n), in nats.
    """

    rows: Rows
    part: slice
    weights: Weights
    entropy: Weights


class Remembered(Generic[Of, Result]):
    """What was made last of an object; forgotten with the object, or when another one comes."""

    def __init__(self, make: Callable[[Of], Result]) -> None:
        self._make = make
        self._of: weakref.ref[object] | None = None
        self._result: Result | None = None

    def __call__(self, of: Of) -> Result:
        """The result for this very object."""
        if self._of is None or self._of() is not of or self._result is None:
            self._result = self._make(of)
            self._of = weakref.ref(of, self._forget)
        return self._result

    def _forget(self, of: object) -> None:
        if of is self._of:
            self._of = self._result = None


def remembered(make: Callable[[Of], Result]) -> Callable[[Of], Result]:
    """Makes a function of one object keep its last result."""
    last = Remembered(make)

    @wraps(make)
    def call(of: Of) -> Result:
        return last(of)

    return call


@dataclass(eq=False)
class _Kept:
    """What is kept of the attention of one forward pass.

    Attributes:
        layer, size: of which layer the blocks are, and in how many rows and numbers.
        means: by layer, the mean of the heads, (N, N).
    """

    layer: int
    size: tuple[int, int]
    blocks: list[RowsBlock]
    means: dict[int, Weights]


@remembered
def _kept(_of: QueriesAndKeys) -> _Kept:
    return _Kept(-1, (0, 0), [], {})


def layer_rows(pair: QueriesAndKeys, layer: int) -> Iterable[RowsBlock]:
    """The measured rows of a layer, block by block; nobody may write to them."""
    heads, tokens = pair.k.shape[1:3]
    rows = measured_rows(tokens)
    numbers = (1 + heads) * len(rows) * tokens
    if numbers > _KEPT_NUMBERS:
        return _made(pair, layer, rows)
    kept, size = _kept(pair), (len(rows), numbers)
    if (kept.layer, kept.size) != (layer, size):
        kept.blocks = []  # frees the last ones before there are others
        kept.blocks, kept.layer, kept.size = list(_made(pair, layer, rows)), layer, size
        if len(rows) == tokens:
            kept.means[layer] = np.concatenate([block.weights[0] for block in kept.blocks])
    return kept.blocks


def mean_weights(pair: QueriesAndKeys, layer: int, rows: Rows) -> Weights:
    """The mean of the heads' maps in some rows, (rows, N); taken from what is there already."""
    means = _kept(pair).means
    if layer in means:
        return means[layer][rows]
    return np.asarray(attention_weights(pair, layer, rows).mean(axis=0))


def _made(pair: QueriesAndKeys, layer: int, rows: Rows) -> Iterator[RowsBlock]:
    from scipy.special import entr  # only here: a build in which nothing changed needs it not

    heads, tokens = pair.k.shape[1:3]
    start = 0
    for block in blocks_of_rows(pair, rows):
        weights = np.empty((1 + heads, len(block), tokens))
        q = pair.q[layer][:, block].astype(np.float64)
        entropy = fill_with_weights(q, pair.k[layer], weights[1:])
        weights[1:].mean(axis=0, out=weights[0])
        entropy = np.concatenate([entr(weights[0]).sum(axis=-1)[None], entropy])
        yield RowsBlock(block, slice(start, start + len(block)), weights, entropy)
        start += len(block)
