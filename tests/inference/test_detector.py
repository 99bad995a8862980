import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from generator.analysis.attention import AttentionMaps
from generator.detr.architecture import DetrArchitecture
from generator.detr.weights import build_model
from generator.detr.zoo import ModelCard, model_card
from generator.errors import UsageError, WeightsError
from generator.inference.detector import Detector, choose_device

SMALL = DetrArchitecture(
    "small", 91, num_queries=5, hidden_dim=16, nheads=2, num_encoder_layers=2,
    num_decoder_layers=3, dim_feedforward=8,
)  # fmt: skip


@pytest.fixture
def detector(tmp_path: Path) -> Detector:
    card: ModelCard = dataclasses.replace(
        model_card("detr_resnet50"), architecture=SMALL, short_side=64, long_side_cap=128
    )
    torch.manual_seed(0)
    save_file(build_model(card).state_dict(), tmp_path / "w.safetensors")
    return Detector.load(card, tmp_path / "w.safetensors", "ab" * 32)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("size_hw", "input_hw"),
    [((48, 96), (64, 128)), ((96, 48), (128, 64)), ((10, 300), (4, 120)), ((7, 7), (64, 64))],
)
def test_one_run_records_everything(
    detector: Detector, size_hw: tuple[int, int], input_hw: tuple[int, int]
) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (*size_hw, 3), dtype=np.uint8)
    forward = detector.run(pixels)
    assert forward.size_hw == size_hw
    assert forward.input_hw == input_hw
    assert (forward.stride, forward.first_centre) == (16, 1.5)
    tokens = forward.grid_hw[0] * forward.grid_hw[1]
    assert forward.logits.shape == (3, 5, 92)
    assert forward.encoder_self.q.shape == (2, 2, tokens, 8)
    assert forward.decoder_self.k.shape == (3, 2, 5, 8)
    assert forward.decoder_cross.q.shape == (3, 2, 5, 8)
    assert forward.decoder_cross.k.shape == (3, 2, tokens, 8)
    np.testing.assert_allclose(AttentionMaps(forward).decoder_cross().sum((1, 2)), 1, atol=1e-5)
    shapes, parts = forward.profile.shapes, forward.profile.parts
    assert (shapes["image"], shapes["input"]) == ((3, *size_hw), (3, *input_hw))
    assert shapes["features"] == (forward.feature_channels, *forward.grid_hw)
    assert shapes["tokens"] == shapes["memory"] == (tokens, 16)
    assert shapes["classes"] == forward.logits.shape[1:]
    built = build_model(detector.card)  # batch norm not folded, as in the checkpoint
    assert forward.profile.parameters == sum(p.numel() for p in built.parameters())
    assert parts["queries"].parameters == 5 * 16


@pytest.mark.slow
def test_the_detector_answers_like_the_plain_model(detector: Detector, tmp_path: Path) -> None:
    """Folding, layout and capture change nothing, compared with the plain network."""
    from safetensors.torch import load_file

    from generator.detr.preprocessing import normalise

    plain = build_model(detector.card).eval()
    plain.load_state_dict(load_file(tmp_path / "w.safetensors"))
    pixels = np.random.default_rng(1).integers(0, 256, (64, 80, 3), dtype=np.uint8)
    with torch.inference_mode():
        wanted = plain(normalise(pixels)[None])
    forward = detector.run(pixels)
    np.testing.assert_allclose(forward.logits, wanted.logits[:, 0], atol=1e-4)
    np.testing.assert_allclose(forward.boxes_cxcywh, wanted.boxes_cxcywh[:, 0], atol=1e-4)


def test_device_that_is_not_there_is_a_sentence() -> None:
    assert choose_device("cpu").type == "cpu"
    assert choose_device("auto").type in ("cuda", "mps", "cpu")
    if not torch.cuda.is_available():
        with pytest.raises(UsageError, match="has no cuda"):
            choose_device("cuda")


@pytest.mark.slow
def test_numbers_that_overflow_are_an_error(detector: Detector) -> None:
    with torch.no_grad():
        for weight in detector.model.get_submodule("transformer.encoder").parameters():
            weight.fill_(3e38)
    with pytest.raises(WeightsError, match="its numbers for this image are NaN or infinite"):
        detector.run(np.zeros((48, 96, 3), np.uint8))
