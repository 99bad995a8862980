"""The numbers that make one DETR different from another; no torch here.

In: nothing. Out: `DetrArchitecture`, which `model` builds from and model cards show, and the
`SmallBodySizes` of the backbones for small images.
"""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class SmallBodySizes:
    """The numbers of a backbone for small images: its stem, and its two stages.

    Attributes:
        kernel, stride: of the stem's convolution; each stage halves once more.
        stem: channels after the stem.
        planes: channels after each stage.
    """

    kernel: int
    stride: int
    stem: int
    planes: tuple[int, int]


SMALL_BODIES = {
    "small": SmallBodySizes(6, 4, 32, (64, 128)),  # stride 16
    "wide": SmallBodySizes(6, 4, 32, (80, 192)),  # the same cells, more to tell them apart by
}
"""The backbones for small images, by name."""
SMALL_BODY_PADDING = 1
"""Of the stem's convolution, whatever its kernel; that of a stage's is half its kernel."""


@dataclass(frozen=True)
class DetrArchitecture:
    """The numbers that make one DETR different from another.

    Attributes:
        backbone: a torchvision ResNet's name, or one of `SMALL_BODIES`.
        num_classes: classes without "no object".
        dilation: whether `layer4` dilates instead of halving the size (DC5).
        pre_norm: whether layers normalise what goes into their attention and feed-forward network,
            and the encoder its output, as Table Transformer does; else what comes out.
        position_temperature, position_scale: of the sine encoding.
    """

    backbone: str
    num_classes: int
    num_queries: int = 100
    dilation: bool = False
    hidden_dim: int = 256
    nheads: int = 8
    num_encoder_layers: int = 6
    num_decoder_layers: int = 6
    dim_feedforward: int = 2048
    dropout: float = 0.1
    position_temperature: float = 10000.0
    position_scale: float = 2 * math.pi
    pre_norm: bool = False
