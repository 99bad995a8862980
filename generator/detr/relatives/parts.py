"""Where the layers of a relative are, and the attentions in them.

In: a network of transformers and its kind. Out: `Parts`. An attention is named as the three of DETR
are; those of a model with one stack are blocks of one matrix.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from torch import nn

from generator.detr.relatives.architecture import RelativeArchitecture

_SAMPLED = ("DeformableDetrMultiscaleDeformableAttention", "RTDetrMultiscaleDeformableAttention")


@dataclass(frozen=True, eq=False)
class Attention:
    """One attention of one layer, or a block of it.

    Attributes:
        module: what computes it.
        num_heads: of it.
        rows, keys: the tokens that look and those that are looked at; all, or a block's.
        is_block: whether other tokens sit in the same matrix.
        is_sampled: whether it reads points and compares no keys.
    """

    module: nn.Module
    num_heads: int
    rows: slice = field(default_factory=lambda: slice(None))
    keys: slice = field(default_factory=lambda: slice(None))
    is_block: bool = False
    is_sampled: bool = False


@dataclass(frozen=True, eq=False)
class Parts:
    """The parts of a network.

    Attributes:
        attentions: by kind, one a layer.
        before: modules whose output is kept while a decoder runs again, the backbone first.
        encoder, decoder: layers; a single stack is the decoder here.
        encoder_starts_anywhere: whether the encoder's layers can be begun in the middle.
    """

    attentions: Mapping[str, Sequence[Attention]]
    before: tuple[nn.Module, ...]
    encoder: Sequence[nn.Module]
    decoder: Sequence[nn.Module]
    encoder_starts_anywhere: bool


def parts_of(model: nn.Module, architecture: RelativeArchitecture, cells: int) -> Parts:
    """The parts of a network.

    Args:
        cells: of the feature map, or patches.
    """
    if not architecture.about.has_two_stacks:
        return _one_stack(model, architecture, cells)
    network: Any = model
    is_hybrid = architecture.kind == "rt_detr"
    encoder = (
        [layer for one in network.model.encoder.aifi for layer in one.layers]
        if is_hybrid
        else list(network.model.encoder.layers)
    )
    decoder = list(network.model.decoder.layers)
    own, cross = _NAMES.get(architecture.kind, ("self_attn", "encoder_attn"))
    of_encoder, of_decoder = architecture.heads
    return Parts(
        attentions={
            "encoder_self": [_whole(one.self_attn, of_encoder) for one in encoder],
            "decoder_self": [_whole(one.get_submodule(own), of_decoder) for one in decoder],
            "decoder_cross": [_whole(one.get_submodule(cross), of_decoder) for one in decoder],
        },
        before=(network.model.backbone, network.model.encoder),
        encoder=encoder,
        decoder=decoder,
        encoder_starts_anywhere=not is_hybrid,
    )


_NAMES = {"dab-detr": ("self_attn.self_attn", "cross_attn.cross_attn")}
"""The attentions in a decoder layer, where they are not called as in most."""


def _whole(module: nn.Module, heads: int) -> Attention:
    return Attention(module, heads, is_sampled=type(module).__name__ in _SAMPLED)


def _one_stack(model: Any, architecture: RelativeArchitecture, cells: int) -> Parts:
    """Tokens are one for the class, then the patches, then the detection tokens."""
    layers = list(model.vit.encoder.layer)
    patches, tokens = slice(1, 1 + cells), slice(1 + cells, None)

    def blocks(rows: slice, keys: slice) -> list[Attention]:
        heads = architecture.heads[0]
        return [
            Attention(one.attention.attention, heads, rows, keys, is_block=True) for one in layers
        ]

    return Parts(
        attentions={
            "encoder_self": blocks(patches, patches),
            "decoder_self": blocks(tokens, tokens),
            "decoder_cross": blocks(tokens, patches),
        },
        before=(),
        encoder=(),
        decoder=layers,
        encoder_starts_anywhere=False,
    )
