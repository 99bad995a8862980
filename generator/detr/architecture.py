"""The numbers that make one DETR different from another; no torch here.

In: nothing. Out: `DetrArchitecture`, which `model` builds from and model cards show.
"""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class DetrArchitecture:
    """The numbers that make one DETR different from another.

    Attributes:
        backbone: a torchvision ResNet's name, or "small".
        num_classes: classes without "no object".
        dilation: whether `layer4` dilates instead of halving the size (DC5).
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
