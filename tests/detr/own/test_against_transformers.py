"""Models that `save_pretrained` or a training wrote give the answers of transformers itself.

From config.json, or a training's command line, to boxes: the card, the names of the tensors, the
network, and the attentions, with random weights. The picture is a page with a table, resized as
each model asks for.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from generator.analysis.detections import detect
from generator.detr.checkpoint import read_state
from generator.detr.hugging_face import from_hugging_face
from generator.detr.own.cards import card_of_checkpoint, card_of_folder
from generator.detr.preprocessing import input_size_hw, normalise, resize
from generator.inference.detector import Detector
from tests.page_with_table import page_with_table

pytestmark = [
    pytest.mark.reference,
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
]

SMALL = {
    "num_labels": 3, "num_queries": 20, "encoder_layers": 2, "decoder_layers": 2, "d_model": 32,
    "encoder_attention_heads": 4, "decoder_attention_heads": 4, "encoder_ffn_dim": 64,
    "decoder_ffn_dim": 64,
}  # fmt: skip
TIMM = {"use_timm_backbone": True, "backbone": "resnet18", "use_pretrained_backbone": False}
MANY = {"num_labels": 250, "num_queries": 300, "encoder_layers": 1, "decoder_layers": 1}


@dataclass(frozen=True)
class Case:
    """A model, and who wrote it.

    Attributes:
        changes: of the configuration; None for a ResNet of transformers itself.
        training: what stands beside `model` in a file of the official training; None for a folder.
    """

    changes: Mapping[str, Any] | None
    kind: str = "Detr"
    training: tuple[str, ...] | None = None


CASES = {
    "timm": Case(TIMM),
    "resnet of transformers": Case(None),
    "DC5": Case({**TIMM, "backbone": "resnet50", "dilation": True}),
    "table transformer": Case(TIMM, kind="TableTransformer"),
    "300 queries, 250 classes": Case({**TIMM, **MANY}),
    "training, 2 classes": Case({**TIMM, "num_labels": 2}, training=("optimizer", "model_ema")),
    "training, 250 classes": Case({**TIMM, **MANY}, training=("optimizer",)),
}
SIZES = {"shortest_edge": 160, "longest_edge": 160}
"""Table Transformer's way: the long side gets this length."""


@pytest.fixture(scope="module", params=CASES)
def both(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    randomise: Callable[[nn.Module], nn.Module],
) -> tuple[Detector, Any]:
    """Our detector of a file, and their model with the same weights."""
    transformers = pytest.importorskip("transformers")  # here, since that takes seconds
    case = CASES[request.param]
    changes = case.changes
    if changes is None:
        resnet = transformers.ResNetConfig(
            hidden_sizes=[64, 128, 256, 512], depths=[2, 2, 2, 2], layer_type="basic",
            out_features=["stage4"],
        )  # fmt: skip
        changes = {"use_timm_backbone": False, "backbone_config": resnet}
    options = {**SMALL, **changes}
    config = getattr(transformers, f"{case.kind}Config")(**options, attn_implementation="eager")
    network = getattr(transformers, f"{case.kind}ForObjectDetection")
    torch.manual_seed(5)  # what is not drawn below is what the last test left
    model: Any = told_apart(randomise(network(config)))
    folder = tmp_path_factory.mktemp("saved")
    model.save_pretrained(folder)
    transformers.DetrImageProcessor(size=SIZES).save_pretrained(folder)
    if case.training is None:
        card = card_of_folder("saved", folder)
    else:
        card = card_of_checkpoint("saved", as_trained(folder, options, case.training))
        card = replace(card, short_side=160, long_side_cap=160)
    assert card.category_names == tuple(f"class {n}" for n in range(options["num_labels"]))
    assert card.detr is not None
    assert card.detr.num_queries == options["num_queries"]
    return Detector.load(card, card.file, "0" * 64), model


def as_trained(folder: Path, options: Mapping[str, Any], beside: tuple[str, ...]) -> Path:
    """A folder's weights as a file of the official training; of an average, `model` is another."""
    state = from_hugging_face(read_state(folder / "model.safetensors"))
    network = nn.ParameterDict({"a": torch.zeros(3, 2)})
    for one in network.values():
        one.grad = torch.ones_like(one)
    optimizer = torch.optim.AdamW(network.parameters())
    optimizer.step()
    saved = {
        "model": dict(state),
        "optimizer": optimizer.state_dict(),
        "epoch": 3,
        "args": argparse.Namespace(
            backbone=options["backbone"], dilation=False, hidden_dim=options["d_model"],
            nheads=options["encoder_attention_heads"], enc_layers=options["encoder_layers"],
            dec_layers=options["decoder_layers"], dim_feedforward=options["encoder_ffn_dim"],
            num_queries=options["num_queries"], pre_norm=False, dataset_file="cells",
        ),
    }  # fmt: skip
    assert "optimizer" in beside
    if "model_ema" in beside:
        saved |= {"model": {n: 2 * one for n, one in state.items()}, "model_ema": dict(state)}
    torch.save(saved, folder / "checkpoint.pth")
    return folder / "checkpoint.pth"


def told_apart(model: nn.Module) -> nn.Module:
    """Gives queries, projections and heads numbers large enough for answers that differ."""
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if parameter.dim() == 2:
                size = 1.0 if "query" in name else 4.0 if "class" in name else 1.5
                fan = 1.0 if "query" in name else parameter.shape[1] ** 0.5
                parameter.copy_(torch.randn(parameter.shape, generator=generator) * size / fan)
    return model


def test_answers_attentions_and_detections_are_theirs(
    both: tuple[Detector, Any],
) -> None:
    ours, theirs = both
    pixels = page_with_table()
    forward = ours.run(pixels)
    size = input_size_hw(pixels.shape[:2], 160, 160)
    assert forward.input_hw == size == (160, 124)
    with torch.inference_mode():
        image = normalise(resize(pixels, size))[None]
        wanted = theirs(pixel_values=image, output_attentions=True)
    close(forward.logits[-1], wanted.logits[0], 1e-4)
    close(forward.boxes_cxcywh[-1], wanted.pred_boxes[0], 1e-4)
    assert wanted.logits.std() > 0.1
    for pair, attentions in (
        (forward.encoder_self, wanted.encoder_attentions),
        (forward.decoder_self, wanted.decoder_attentions),
        (forward.decoder_cross, wanted.cross_attentions),
    ):
        assert len(attentions) == len(pair.q)
        for q, k, weights in zip(pair.q, pair.k, attentions, strict=True):
            scores = torch.from_numpy(q) @ torch.from_numpy(k).transpose(-1, -2)
            close((scores / q.shape[-1] ** 0.5).softmax(-1), weights[0], 1e-5)
    processor = pytest.importorskip("transformers").DetrImageProcessor()
    threshold = 0.7 * float(wanted.logits.softmax(-1)[..., :-1].max())
    (kept,) = processor.post_process_object_detection(wanted, threshold, [pixels.shape[:2]])
    found, order = detect(forward, threshold), kept["scores"].argsort(descending=True)
    assert len(found) > 0
    close(found.scores, kept["scores"][order], 1e-4)
    assert found.category_ids.tolist() == kept["labels"][order].tolist()


def close(actual: Any, expected: Tensor, tolerance: float) -> None:
    actual = torch.as_tensor(actual, dtype=torch.float32)
    torch.testing.assert_close(actual, expected, atol=tolerance, rtol=0)
