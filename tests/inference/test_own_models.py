"""Models of one's own in the detector: their input, their norm, their numbers, and causal tests."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch

from generator.detr.architecture import DetrArchitecture
from generator.detr.interventions import Replay
from generator.detr.relatives.architecture import RelativeArchitecture
from generator.detr.weights import build_model, prepare
from generator.detr.zoo import ModelCard, model_card
from generator.inference.cache import forward_key
from generator.inference.detector import Detector

SMALL = DetrArchitecture(
    "small", 2, num_queries=5, hidden_dim=16, nheads=2, num_encoder_layers=2,
    num_decoder_layers=3, dim_feedforward=8, pre_norm=True,
)  # fmt: skip
PIXELS = np.random.default_rng(0).integers(0, 256, (48, 96, 3), dtype=np.uint8)


@pytest.fixture(scope="module")
def card() -> ModelCard:
    return dataclasses.replace(
        model_card("detr_resnet50"), name="mine", architecture=SMALL, short_side=64,
        long_side_cap=128, category_ids=(0, 1), category_names=("cell", "nucleus"),
    )  # fmt: skip


def detector(card: ModelCard, precision: str = "float32") -> Detector:
    torch.manual_seed(0)
    return Detector(card, prepare(build_model(card)), "0" * 64, "cpu", precision)


@pytest.mark.slow
def test_a_pre_norm_model_can_be_replayed(card: ModelCard) -> None:
    ours = detector(card)
    forward = ours.run(PIXELS)
    with torch.no_grad():
        replay = Replay(ours.model, ours.prepared(PIXELS))
        again, later = replay.decode(), replay.decode(memory=replay.encode(1), first=1)
    for answer in (again, later):
        np.testing.assert_allclose(answer.logits[0], forward.logits[-1], atol=1e-5)
    encoder = ours.model.get_submodule("transformer.encoder")
    assert isinstance(encoder.norm, torch.nn.LayerNorm)


@pytest.mark.slow
def test_bf16_is_near_float32_and_not_the_same(card: ModelCard) -> None:
    exact, rough = detector(card).run(PIXELS), detector(card, "bf16").run(PIXELS)
    apart = float(np.abs(exact.logits - rough.logits).max())
    assert 0 < apart < 0.1
    assert rough.encoder_self.q.dtype == np.float32


@pytest.mark.slow
def test_an_input_of_its_own(card: ModelCard) -> None:
    square = dataclasses.replace(card, fixed_hw=(32, 64), mean=(0.0, 0.0, 0.0), std=(1.0, 1.0, 1.0))
    prepared = detector(square).prepared(np.full((48, 96, 3), 255, np.uint8))
    assert prepared.shape == (1, 3, 32, 64)
    assert float(prepared.min()) == pytest.approx(1.0)


@pytest.mark.parametrize(
    "changes",
    [
        {"mean": (0.0, 0.0, 0.0)},
        {"std": (1.0, 1.0, 1.0)},
        {"fixed_hw": (64, 64)},
        {"category_names": ("a", "b")},
        {"architecture": dataclasses.replace(SMALL, pre_norm=False)},
        {"name": "yours"},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_what_makes_a_model_makes_its_key(card: ModelCard, changes: dict[str, object]) -> None:
    other = dataclasses.replace(card, **changes)  # type: ignore[arg-type]
    assert forward_key("a", card, "b") != forward_key("a", other, "b")


def test_precision_makes_the_key_too(card: ModelCard) -> None:
    assert forward_key("a", card, "b") != forward_key("a", card, "b", "bf16")


def test_the_library_of_a_backbone_makes_the_key(
    card: ModelCard, monkeypatch: pytest.MonkeyPatch
) -> None:
    of_timm = RelativeArchitecture("conditional_detr", {"use_timm_backbone": True})
    of_itself = RelativeArchitecture("conditional_detr", {"use_timm_backbone": False})
    cards = [dataclasses.replace(card, architecture=one) for one in (of_timm, of_itself, SMALL)]
    before = [forward_key("a", one, "b") for one in cards]
    monkeypatch.setattr("generator.inference.cache.version_of", lambda library: f"{library} 9")
    after = [forward_key("a", one, "b") for one in cards]
    assert [one == other for one, other in zip(before, after, strict=True)] == [False, True, True]
