"""Attention rollout: attention followed through all layers, back to the encoder's input.

In: a `ForwardPass`. Out: maps over the grid, for cells and for object queries. The rule is
that of Abnar and Zuidema (arXiv 2005.00928): a layer's output is half its attention's
mixture, averaged over heads, and half its own input, the residual connection; mixtures of
mixtures are matrix products.

It is not the relevance of Chefer et al. (arXiv 2103.15679). Their rule weights every attention
map by its gradient with respect to one class score and keeps the positive part (their equation
5). That needs a backward pass for each detection, which `detr.relevance` makes. Rollout needs no
class; their paper shows it in DETR as a baseline.
"""

from __future__ import annotations

import numpy as np

from generator.inference.forward_pass import FloatArray, ForwardPass
from generator.measures.attention_rows import Rows, Weights, attention_weights, blocks_of_rows
from generator.measures.layer_rows import mean_weights, remembered

_ALL = slice(None)


@remembered
def decoder_mixture(forward: ForwardPass) -> Weights:
    """The share of each token of the encoder's memory in each query's last state.

    With x = 0 at first, in every layer x = (x + A_self x) / 2, then x = (x + A_cross) / 2:
    the decoder's two attentions and their residual connections. After L layers a row sums to
    1 - 2^-L, as the rest is the query itself; rows are scaled to sum to 1.

    Returns:
        (queries, N).
    """
    queries, tokens = forward.decoder_cross.q.shape[2], forward.decoder_cross.k.shape[2]
    mixture = np.zeros((queries, tokens))
    for layer in range(len(forward.decoder_cross.q)):
        among = attention_weights(forward.decoder_self, layer, _ALL).mean(axis=0)
        looking = attention_weights(forward.decoder_cross, layer, _ALL).mean(axis=0)
        mixture = (mixture + among @ mixture) / 2
        mixture = (mixture + looking) / 2
    return np.asarray(mixture / mixture.sum(axis=1, keepdims=True))


@remembered
def query_rollout(forward: ForwardPass) -> FloatArray:
    """The share of each cell of the encoder's input in each query's last state.

    Returns:
        (queries, h, w) float32, each map sums to 1.
    """
    rows = through_encoder(forward, decoder_mixture(forward))
    return rows.reshape(-1, *forward.grid_hw).astype(np.float32)


def through_encoder(forward: ForwardPass, mixtures: Weights) -> Weights:
    """Follows mixtures of the memory's tokens back to the encoder's input.

    From the last layer to the first, x = (x + x A) / 2. The product of all layers' matrices
    is never formed, only its product with the mixtures, so that memory stays small.

    Args:
        mixtures: (n, N), rows that sum to 1; a single 1 follows one cell.

    Returns:
        (n, N), rows that sum to 1.
    """
    rows: Rows = np.arange(forward.encoder_self.q.shape[2], dtype=np.int64)
    for layer in reversed(range(len(forward.encoder_self.q))):
        mixed = np.zeros_like(mixtures)
        for block in blocks_of_rows(forward.encoder_self, rows):
            mixed += mixtures[:, block] @ mean_weights(forward.encoder_self, layer, block)
        mixtures = (mixtures + mixed) / 2
    return mixtures
