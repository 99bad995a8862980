"""The tensors that a DETR of our own network needs, from its numbers alone: no torch.

In: a `DetrArchitecture` with a ResNet. Out: names and shapes as `DETR(...).state_dict()` has them.
So a file can be compared with a network by headers, in milliseconds; a test holds both alike.
"""

from __future__ import annotations

from collections.abc import Iterator

from generator.detr.architecture import DetrArchitecture
from generator.detr.own.resnet_names import BASIC

Shapes = Iterator[tuple[str, tuple[int, ...]]]

_DEPTHS = {
    "resnet18": (2, 2, 2, 2),
    "resnet34": (3, 4, 6, 3),
    "resnet50": (3, 4, 6, 3),
    "resnet101": (3, 4, 23, 3),
    "resnet152": (3, 8, 36, 3),
    "resnext50_32x4d": (3, 4, 6, 3),
    "resnext101_32x8d": (3, 4, 23, 3),
    "wide_resnet50_2": (3, 4, 6, 3),
    "wide_resnet101_2": (3, 4, 23, 3),
}
"""Blocks of each stage."""
_GROUPS_AND_WIDTHS = {
    "resnext50_32x4d": (32, 4),
    "resnext101_32x8d": (32, 8),
    "wide_resnet50_2": (1, 128),
    "wide_resnet101_2": (1, 128),
}
"""Groups of a block's middle convolution, and the width of each at 64 channels; else 1 and 64."""
_NORM = ("weight", "bias", "running_mean", "running_var")


def expected_shapes(architecture: DetrArchitecture) -> dict[str, tuple[int, ...]]:
    """The shapes of all tensors, by official name.

    Raises:
        KeyError: the backbone is no ResNet.
    """
    a, d = architecture, architecture.hidden_dim
    channels = 512 if a.backbone in BASIC else 2048
    norms = ("transformer.encoder.norm",) if a.pre_norm else ()
    return dict((
        *_resnet("backbone.0.body.", a.backbone),
        ("input_proj.weight", (d, channels, 1, 1)),
        ("input_proj.bias", (d,)),
        *_layers("transformer.encoder.layers.", a.num_encoder_layers, ("self_attn",), a),
        *_layers("transformer.decoder.layers.", a.num_decoder_layers,
                 ("self_attn", "multihead_attn"), a),
        *((f"{name}.{part}", (d,)) for name in (*norms, "transformer.decoder.norm")
          for part in ("weight", "bias")),
        ("query_embed.weight", (a.num_queries, d)),
        *_linear("class_embed", a.num_classes + 1, d),
        *_linear("bbox_embed.layers.0", d, d),
        *_linear("bbox_embed.layers.1", d, d),
        *_linear("bbox_embed.layers.2", 4, d),
    ))  # fmt: skip


def _linear(name: str, outputs: int, inputs: int) -> Shapes:
    yield f"{name}.weight", (outputs, inputs)
    yield f"{name}.bias", (outputs,)


def _layers(prefix: str, count: int, attentions: tuple[str, ...], a: DetrArchitecture) -> Shapes:
    """The layers of a stack: attentions, a feed-forward network, and a norm after each of them."""
    d = a.hidden_dim
    for layer in (f"{prefix}{number}." for number in range(count)):
        for attention in attentions:
            yield f"{layer}{attention}.in_proj_weight", (3 * d, d)
            yield f"{layer}{attention}.in_proj_bias", (3 * d,)
            yield from _linear(f"{layer}{attention}.out_proj", d, d)
        yield from _linear(f"{layer}linear1", a.dim_feedforward, d)
        yield from _linear(f"{layer}linear2", d, a.dim_feedforward)
        for number in range(1, len(attentions) + 2):
            yield f"{layer}norm{number}.weight", (d,)
            yield f"{layer}norm{number}.bias", (d,)


def _resnet(prefix: str, name: str) -> Shapes:
    yield f"{prefix}conv1.weight", (64, 3, 7, 7)
    yield from _norm(f"{prefix}bn1", 64)
    inputs, expansion = 64, 1 if name in BASIC else 4
    for stage, depth in enumerate(_DEPTHS[name]):
        planes = 64 * 2**stage
        outputs = planes * expansion
        for number in range(depth):
            block = f"{prefix}layer{stage + 1}.{number}."
            for place, shape in enumerate(_convolutions(name, inputs, planes), 1):
                yield f"{block}conv{place}.weight", shape
                yield from _norm(f"{block}bn{place}", shape[0])
            if number == 0 and (stage > 0 or inputs != outputs):
                yield f"{block}downsample.0.weight", (outputs, inputs, 1, 1)
                yield from _norm(f"{block}downsample.1", outputs)
            inputs = outputs


def _convolutions(name: str, inputs: int, planes: int) -> tuple[tuple[int, ...], ...]:
    """The shapes of a block's convolutions."""
    if name in BASIC:
        return (planes, inputs, 3, 3), (planes, planes, 3, 3)
    groups, width = _GROUPS_AND_WIDTHS.get(name, (1, 64))
    width = planes * width // 64 * groups
    return (width, inputs, 1, 1), (width, width // groups, 3, 3), (4 * planes, width, 1, 1)


def _norm(name: str, channels: int) -> Shapes:
    yield from ((f"{name}.{part}", (channels,)) for part in _NORM)
