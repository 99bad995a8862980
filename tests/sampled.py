"""A forward pass whose cross-attention samples points, and one with a single stack."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from generator.inference.forward_pass import (
    ForwardPass,
    QueriesAndKeys,
    blocks_of,
    no_attention,
)
from generator.inference.sampled_points import SampledPoints

LEVELS = ((6, 8), (3, 4))


def random_points(layers: int, queries: int, heads: int = 2, seed: int = 0) -> SampledPoints:
    """Points anywhere in the image, 3 on each of two levels."""
    random = np.random.default_rng(seed)
    shape = (layers, queries, heads, 2, 3)
    weights = random.random(shape) + 0.01
    weights /= weights.sum(axis=(3, 4), keepdims=True)
    places = random.random((*shape, 2)).astype(np.float32)
    references = random.random((layers, queries, 2)).astype(np.float32)
    return SampledPoints(places, weights.astype(np.float32), references, LEVELS)


def with_points(forward: ForwardPass) -> ForwardPass:
    """The same answers, of a model whose queries and cells sample points."""
    layers, queries = forward.logits.shape[:2]
    cells = sum(h * w for h, w in LEVELS)
    points = {
        "encoder_self": random_points(2, cells, seed=1),
        "decoder_cross": random_points(layers, queries),
    }
    nothing = no_attention()
    return replace(forward, points=points, encoder_self=nothing, decoder_cross=nothing)


def with_one_stack(forward: ForwardPass) -> ForwardPass:
    """The same answers, of a model in which patches and detection tokens sit together."""
    random, (h, w) = np.random.default_rng(2), forward.grid_hw
    tokens = 1 + h * w + forward.logits.shape[1]
    q, k = (random.normal(0, 1, (3, 2, tokens, 8)).astype(np.float32) for _ in range(2))
    joint = QueriesAndKeys(q, k)
    blocks: dict[str, Any] = blocks_of(joint, h * w, forward.logits.shape[1])
    last = slice(-1, None)
    logits, boxes = forward.logits[last], forward.boxes_cxcywh[last]
    return replace(
        forward,
        logits=logits,
        boxes_cxcywh=boxes,
        joint=joint,
        encoder_self=blocks["encoder_self"],
        decoder_self=blocks["decoder_self"],
        decoder_cross=blocks["decoder_cross"],
    )


def with_places(forward: ForwardPass) -> ForwardPass:
    """The same, of a model whose cross-attention compares contents and places side by side."""
    pair = forward.decoder_cross
    return replace(forward, decoder_cross=replace(pair, place=pair.q.shape[3] // 2))
