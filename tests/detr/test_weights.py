import argparse
import dataclasses
import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from generator.detr.architecture import DetrArchitecture
from generator.detr.weights import build_model, load_model, read_state
from generator.detr.zoo import ModelCard, model_card
from generator.errors import WeightsError
from tests.undrawn import undrawn_weights


@pytest.fixture
def card() -> ModelCard:
    """A model small enough to save and load in a moment."""
    return dataclasses.replace(
        model_card("detr_resnet50"),
        architecture=DetrArchitecture(
            "small", 91, num_queries=4, hidden_dim=16, nheads=2, num_encoder_layers=1,
            num_decoder_layers=1, dim_feedforward=8,
        ),
    )  # fmt: skip


def test_official_checkpoint_with_its_command_line_loads(
    card: ModelCard, tmp_path: Path, randomise: Callable[[nn.Module], nn.Module]
) -> None:
    model = randomise(build_model(card))
    file = tmp_path / "training.pth"
    torch.save({"model": model.state_dict(), "args": argparse.Namespace(lr=1e-4), "epoch": 3}, file)
    images = torch.randn(1, 3, 64, 80, generator=torch.Generator().manual_seed(2))
    with torch.inference_mode():
        wanted = model(images).logits
        actual = load_model(card, file)(images).logits
    torch.testing.assert_close(actual, wanted, atol=1e-4, rtol=1e-4)


def test_safetensors_load(card: ModelCard, tmp_path: Path) -> None:
    state = build_model(card).state_dict()
    save_file(state, tmp_path / "w.safetensors")
    read = read_state(tmp_path / "w.safetensors")
    assert all(torch.equal(read[name], value) for name, value in state.items())


class _Touch:
    """Pickles into a call, as a malicious checkpoint would."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return os.mkdir, (str(self.path),)


def test_checkpoint_that_would_run_code_is_refused(tmp_path: Path) -> None:
    file, made = tmp_path / "evil.pth", tmp_path / "made"
    torch.save({"model": _Touch(made)}, file)
    with pytest.raises(WeightsError, match="it was not run"):
        read_state(file)
    assert not made.exists()


@pytest.mark.parametrize("content", [b"", b"not a checkpoint", pickle.dumps({"a": 1}, protocol=4)])
@pytest.mark.parametrize("suffix", [".pth", ".safetensors"])
def test_damaged_file_is_a_sentence(content: bytes, suffix: str, tmp_path: Path) -> None:
    file = tmp_path / f"broken{suffix}"
    file.write_bytes(content)
    with pytest.raises(WeightsError, match=f"broken{suffix}"):
        read_state(file)


def test_checkpoint_of_another_model_says_how_it_differs(card: ModelCard, tmp_path: Path) -> None:
    state = build_model(card).state_dict()
    del state["query_embed.weight"]
    state["class_embed.bias"] = torch.zeros(7)
    state["mask_head.weight"] = torch.zeros(1)
    save_file(state, tmp_path / "other.safetensors")
    with pytest.raises(WeightsError) as caught:
        load_model(card, tmp_path / "other.safetensors")
    text = str(caught.value)
    assert "1 weights are missing, such as query_embed.weight" in text
    assert "1 weights are too many, such as mask_head.weight" in text
    assert "class_embed.bias is (7,) instead of (92,)" in text


@pytest.mark.parametrize(
    ("name", "wrapped"),
    [("detr_resnet50", True), ("detr_demo", False), ("detr_resnet101_dc5", True)],
)
def test_names_are_those_of_the_official_checkpoints(name: str, wrapped: bool) -> None:
    with torch.device("meta"), undrawn_weights():
        state = build_model(model_card(name)).state_dict()
    if wrapped:
        assert state["backbone.0.body.layer4.0.downsample.1.running_var"].shape == (2048,)
        cross = state["transformer.decoder.layers.5.multihead_attn.in_proj_weight"]
        assert cross.shape == (768, 256)
        assert state["transformer.decoder.norm.weight"].shape == (256,)
        assert state["bbox_embed.layers.2.weight"].shape == (4, 256)
        assert state["class_embed.weight"].shape == (92, 256)
        assert state["query_embed.weight"].shape == (100, 256)
        assert state["input_proj.weight"].shape == (256, 2048, 1, 1)
    else:
        assert state["backbone.layer1.0.bn1.num_batches_tracked"].shape == ()
        assert state["transformer.encoder.norm.weight"].shape == (256,)
        assert state["linear_class.weight"].shape == (92, 256)
        assert state["linear_bbox.weight"].shape == (4, 256)
        assert state["row_embed"].shape == state["col_embed"].shape == (50, 128)
        assert state["query_pos"].shape == (100, 256)
        assert state["conv.weight"].shape == (256, 2048, 1, 1)
