"""Shapes from numbers alone are those of the network itself."""

from __future__ import annotations

import pytest
import torch

from generator.detr.architecture import DetrArchitecture
from generator.detr.model import DETR
from generator.detr.own.expected_shapes import expected_shapes
from generator.detr.own.resnet_names import RESNETS


@pytest.mark.slow
@pytest.mark.parametrize("backbone", RESNETS)
def test_a_network_needs_what_is_expected(backbone: str) -> None:
    architecture = DetrArchitecture(
        backbone, 5, num_queries=7, hidden_dim=24, nheads=2, dim_feedforward=40,
        num_encoder_layers=2, num_decoder_layers=3, pre_norm=backbone == "resnet50",
    )  # fmt: skip
    with torch.device("meta"):
        state = DETR(architecture).state_dict()
    assert expected_shapes(architecture) == {n: tuple(one.shape) for n, one in state.items()}
