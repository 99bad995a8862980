"""Any attention map of a forward pass, rebuilt exactly from its queries and keys.

In: a `ForwardPass`. Out: NumPy maps over the feature map's grid. It draws nothing, and averages
over heads alone.

A weight is `softmax(q k^T / sqrt(d))`, equation 1 of arXiv 1706.03762; what
`nn.MultiheadAttention(need_weights=True)` returns is the same to 1e-5.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from scipy.special import softmax

from generator.analysis.grid import Cell
from generator.inference.forward_pass import FloatArray, ForwardPass, QueriesAndKeys

# Rows of a (tokens, tokens) matrix that are held at once: 512 x 4,200 float32 are 9 MB.
_BLOCK = 512


@dataclass(frozen=True, eq=False)
class AttentionMaps:
    """The attention weights of one forward pass, by kind, layer and head.

    In every method `layer` counts from 0, or backwards from -1, the last; `head` likewise,
    and None means the mean over the heads. All raise IndexError for a layer, head or cell
    that does not exist. A cell is (row, column); h, w = `forward.grid_hw`, N = h * w.

    In a model with one stack, in which patches and detection tokens both sit, a row over the
    patches sums to less than 1: what is missing goes to the tokens.

    Attributes:
        forward: the forward pass; h, w and N are its grid's.
    """

    forward: ForwardPass
    _normalisers: dict[tuple[int, int], FloatArray] = field(
        default_factory=dict, init=False, repr=False
    )

    def encoder_self(self, layer: int = -1, head: int | None = None) -> FloatArray:
        """The whole matrix, (N, N) float32: row i is where token i looks, and sums to 1."""
        return _weights(self.forward.encoder_self, "encoder self-attention", layer, head)

    def encoder_row(self, cell: Cell, layer: int = -1, head: int | None = None) -> FloatArray:
        """Where the cell looks, (h, w) float32: one row of the matrix; sums to 1."""
        token = self._token(cell)
        pair = self.forward.encoder_self
        one = QueriesAndKeys(pair.q[:, :, token : token + 1], pair.k, pair.rest)
        row = _weights(one, "encoder self-attention", layer, head)
        return row.reshape(self.forward.grid_hw)

    def encoder_column(self, cell: Cell, layer: int = -1, head: int | None = None) -> FloatArray:
        """Who looks at the cell, (h, w) float32: one column of the matrix.

        It does not sum to 1: the sum says how much attention the cell receives, and is 1
        on average over all cells. Only the softmax's normalisers need the whole matrix;
        they are computed in blocks of rows, once per layer and head.
        """
        token = self._token(cell)
        pair = self.forward.encoder_self
        layer, heads = _resolve(pair, "encoder self-attention", layer, head)
        column = np.zeros(pair.q.shape[2], dtype=np.float32)
        for one_head in heads:
            key = pair.k[layer, one_head, token] / np.float32(math.sqrt(pair.k.shape[3]))
            column += np.exp(pair.q[layer, one_head] @ key - self._normaliser(layer, one_head))
        return (column / np.float32(len(heads))).reshape(self.forward.grid_hw)

    def decoder_cross(self, layer: int = -1, head: int | None = None) -> FloatArray:
        """Where each object query looks, (queries, h, w) float32; each map sums to 1."""
        maps = _weights(self.forward.decoder_cross, "decoder cross-attention", layer, head)
        return maps.reshape(-1, *self.forward.grid_hw)

    def cross_parts(self, layer: int = -1) -> tuple[FloatArray, FloatArray]:
        """Where queries would look by content alone, and by place alone; (queries, h, w) each.

        A logit is the sum of both parts' logits (arXiv 2108.06152, section 3), so that weights of
        the whole are, up to a factor of each row, the product of the parts' weights. Mean of the
        heads.

        Raises:
            ValueError: the model adds content and place up before it compares them.
        """
        pair = self.forward.decoder_cross
        if not pair.place:
            raise ValueError(f"{self.forward.model} keeps content and place in one")
        name = "decoder cross-attention"
        content, place = (
            _weights(part, name, layer, None).reshape(-1, *self.forward.grid_hw)
            for part in pair.parts
        )
        return content, place

    def decoder_self(self, layer: int = -1, head: int | None = None) -> FloatArray:
        """Which queries each query looks at, (queries, queries) float32; rows sum to 1."""
        return _weights(self.forward.decoder_self, "decoder self-attention", layer, head)

    def _token(self, cell: Cell) -> int:
        (row, column), (h, w) = cell, self.forward.grid_hw
        if not (0 <= row < h and 0 <= column < w):
            raise IndexError(
                f"there is no cell (row {row}, column {column}): the grid has {h} rows "
                f"and {w} columns"
            )
        return row * w + column

    def _normaliser(self, layer: int, head: int) -> FloatArray:
        """The logarithm of each row's softmax denominator, (N,)."""
        if (layer, head) not in self._normalisers:
            pair = self.forward.encoder_self
            q, k = pair.q[layer, head], _keys(pair, layer, head)
            blocks = [
                _log_sum_exp(_scores(q[start : start + _BLOCK], k))
                for start in range(0, len(q), _BLOCK)
            ]
            self._normalisers[layer, head] = np.concatenate(blocks)
        return self._normalisers[layer, head]


def _weights(pair: QueriesAndKeys, name: str, layer: int, head: int | None) -> FloatArray:
    """The attention weights, (n_queries, n_keys); head by head, to hold two matrices at most."""
    layer, heads = _resolve(pair, name, layer, head)
    keys = pair.k.shape[2]
    total = np.zeros((pair.q.shape[2], keys), dtype=np.float32)
    for one_head in heads:
        scores = _scores(pair.q[layer, one_head], _keys(pair, layer, one_head))
        total += softmax(scores, axis=-1)[:, :keys]
    return total / np.float32(len(heads))


def _keys(pair: QueriesAndKeys, layer: int, head: int) -> FloatArray:
    """All keys that the softmax of a row runs over, those that are shown first."""
    k = pair.k[layer, head]
    return k if pair.rest is None else np.concatenate([k, pair.rest[layer, head]])


def _scores(q: FloatArray, k: FloatArray) -> FloatArray:
    return np.asarray(q @ k.T / np.float32(math.sqrt(q.shape[1])))


def _log_sum_exp(scores: FloatArray) -> FloatArray:
    largest = scores.max(axis=1, keepdims=True)
    return np.asarray(largest[:, 0] + np.log(np.exp(scores - largest).sum(axis=1)))


def _resolve(
    pair: QueriesAndKeys, name: str, layer: int, head: int | None
) -> tuple[int, tuple[int, ...]]:
    """Checks the layer and head; returns the layer and the heads to average, from 0."""
    layers, heads = pair.q.shape[:2]
    if not -layers <= layer < layers:
        raise IndexError(
            f"there is no layer {layer}: this model's {name} has {layers} layers "
            f"(0 to {layers - 1})"
        )
    if head is None:
        return layer % layers, tuple(range(heads))
    if not -heads <= head < heads:
        raise IndexError(
            f"there is no head {head}: this model's {name} has {heads} heads (0 to {heads - 1})"
        )
    return layer % layers, (head % heads,)
