import argparse
import dataclasses
import os
import pickle
import random
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from generator.detr import checkpoint
from generator.detr.architecture import DetrArchitecture
from generator.detr.checkpoint import read_state
from generator.detr.weights import build_model, load_model
from generator.detr.zoo import ModelCard, model_card
from generator.errors import ChangedError, WeightsError
from generator.files.fingerprint import sha256_of
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


@pytest.mark.slow
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
    state["other.weight"] = torch.zeros(1)
    save_file(state, tmp_path / "other.safetensors")
    with pytest.raises(WeightsError) as caught:
        load_model(card, tmp_path / "other.safetensors")
    text = str(caught.value)
    assert "1 weights are missing, such as query_embed.weight" in text
    assert "1 weights are too many, such as other.weight" in text
    assert "class_embed.bias is (7,) instead of (92,)" in text


@pytest.mark.slow
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


def sentence(file: Path, card: ModelCard | None = None) -> str:
    """The one line with which a file is refused."""
    with pytest.raises(WeightsError) as caught:
        read_state(file) if card is None else load_model(card, file)
    text = str(caught.value)
    assert str(file) in text
    assert "\n" not in text
    return text


def complaint(file: Path) -> str | None:
    """The same, or None if the file can be read."""
    try:
        read_state(file)
    except WeightsError as error:
        return str(error)
    return None


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_weights_that_are_no_numbers_are_refused(
    card: ModelCard, tmp_path: Path, value: float
) -> None:
    state = build_model(card).state_dict()
    state["class_embed.weight"][3, 5] = value
    save_file(state, tmp_path / "diverged.safetensors")
    text = sentence(tmp_path / "diverged.safetensors", card)
    assert "holds NaN or infinity where weights should be, in class_embed.weight" in text


@pytest.mark.parametrize("suffix", [".pth", ".safetensors"])
@pytest.mark.parametrize("page", ["<!DOCTYPE html><p>Log in", "\n <HTML>Log in", "<?xml?><Error/>"])
def test_web_page_is_called_so(tmp_path: Path, page: str, suffix: str) -> None:
    file = tmp_path / f"model{suffix}"
    file.write_text(page)
    assert "a web page, not a checkpoint" in sentence(file)


@pytest.mark.slow
def test_every_damaged_file_is_one_sentence(card: ModelCard, tmp_path: Path) -> None:
    whole, file = tmp_path / "whole.pth", tmp_path / "damaged.pth"
    torch.save({"model": {"a": torch.zeros(40), "b": torch.ones(3, 4)}}, whole)
    new = whole.read_bytes()
    torch.save({"a": torch.zeros(40)}, whole, _use_new_zipfile_serialization=False)
    old, dice = whole.read_bytes(), random.Random(0)
    save_file({"a": torch.zeros(40)}, tmp_path / "whole.safetensors")
    tensors, refused = (tmp_path / "whole.safetensors").read_bytes(), 0
    for content in (new, old, tensors):
        for _ in range(60):
            spoilt = bytearray(content)
            for _ in range(dice.randrange(1, 9)):
                spoilt[dice.randrange(len(spoilt))] = dice.randrange(256)
            for one in (bytes(spoilt), content[: dice.randrange(len(content))]):
                for place in (file, file.with_suffix(".safetensors")):
                    place.write_bytes(one)
                    if (told := complaint(place)) is None:
                        continue  # what was spoilt says nothing, or only other numbers
                    refused += 1
                    assert told.startswith(f"{place}: ")
                    assert "\n" not in told
    assert refused > 500  # of 720; each that is cut short among them


@pytest.mark.parametrize(
    ("saved", "says"),
    [
        ([1, 2], "expected weights by name"),
        ({"model": None}, "expected weights by name"),
        ({"model": {1: torch.zeros(1)}}, "expected weights by name"),
        ({"model": {"a": "b"}}, "expected weights by name"),
        ({"a": torch.zeros(1, dtype=torch.complex64)}, "a is no plain array of numbers"),
        ({"a": torch.zeros(2, 2).to_sparse()}, "a is no plain array of numbers"),
        (torch.zeros(3), "expected weights by name"),
        (7, "expected weights by name"),
    ],
    ids=str,
)
def test_what_is_no_weights_by_name_is_one_sentence(
    tmp_path: Path, saved: object, says: str
) -> None:
    torch.save(saved, tmp_path / "odd.pth")
    assert says in sentence(tmp_path / "odd.pth")


def test_storage_bombs_are_refused_by_their_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoint, "MOST_BYTES", 1_000_000)
    packed = tmp_path / "packed.pth"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("archive/data/0", bytes(1_000_001))
    assert packed.stat().st_size < 3000
    assert "take 1,000,001 bytes, more than the limit of 1,000,000" in sentence(packed)
    spread = tmp_path / "spread.pth"
    torch.save({"a": torch.zeros(1).expand(10**12)}, spread)
    assert "take 4,000,000,000,000 bytes" in sentence(spread)


def test_projections_that_do_not_go_together_are_one_sentence(
    card: ModelCard, tmp_path: Path
) -> None:
    name = "model.encoder.layers.0.self_attn"
    state = {f"{name}.{one}_proj.weight": torch.zeros(size, 3) for size, one in enumerate("qkv", 1)}
    state[f"{name}.v_proj.weight"] = torch.zeros(1, 9)
    state["class_labels_classifier.weight"] = torch.zeros(1)
    save_file(state, tmp_path / "odd.safetensors")
    assert "q, k and v of an attention have shapes that do not go together" in sentence(
        tmp_path / "odd.safetensors", card
    )


def test_file_that_was_replaced_is_not_taken_for_the_one_before(
    card: ModelCard, tmp_path: Path
) -> None:
    file = tmp_path / "model.safetensors"
    save_file(build_model(card).state_dict(), file)
    sha256 = sha256_of(file)
    load_model(card, file, sha256)
    save_file(build_model(card).state_dict(), file)
    with pytest.raises(ChangedError, match="was replaced by another file"):
        load_model(card, file, sha256)
