"""Small relatives with random weights, made on the spot: configurations, cards, networks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from generator.detr.relatives.architecture import RelativeArchitecture
from generator.detr.zoo import ModelCard
from tests.invented import invented_card

_RESNET = {
    "embedding_size": 8, "hidden_sizes": [8, 8, 16, 16], "depths": [1, 1, 1, 1],
    "layer_type": "basic",
}  # fmt: skip
_LAST = {"model_type": "resnet", "out_features": ["stage4"], **_RESNET}
_LEVELS = {"model_type": "resnet", "out_features": ["stage2", "stage3", "stage4"], **_RESNET}
_STACKS = {
    "num_queries": 9, "encoder_layers": 2, "decoder_layers": 3, "encoder_attention_heads": 4,
    "decoder_attention_heads": 2, "encoder_ffn_dim": 16, "decoder_ffn_dim": 16,
}  # fmt: skip
CONFIGS: dict[str, dict[str, Any]] = {
    "conditional_detr": {**_STACKS, "d_model": 32, "backbone_config": _LAST},
    "dab-detr": {**_STACKS, "hidden_size": 32, "backbone_config": _LAST},
    "yolos": {
        "num_detection_tokens": 9, "hidden_size": 32, "num_hidden_layers": 3,
        "num_attention_heads": 4, "intermediate_size": 16, "image_size": [64, 96], "patch_size": 16,
    },
    "deformable_detr": {**_STACKS, "d_model": 32, "backbone_config": _LEVELS},
    "rt_detr": {
        **_STACKS, "encoder_layers": 1, "d_model": 32, "encoder_hidden_dim": 32,
        "encoder_in_channels": [8, 16, 16], "decoder_in_channels": [32, 32, 32],
        "backbone_config": {**_LEVELS, "model_type": "rt_detr_resnet"},
    },
}  # fmt: skip
LABELS = ("cat", "dog", "tree")


def tiny_card(kind: str, names: Sequence[str] = LABELS, **changes: Any) -> ModelCard:
    """The card of a small model, whose sides are whole cells.

    Args:
        names: of its classes.
        changes: of its configuration.
    """
    labels = {str(number): label for number, label in enumerate(names)}
    config = {"model_type": kind, **CONFIGS[kind], **changes, "id2label": labels}
    return invented_card(
        f"tiny_{kind.replace('-', '_')}",
        architecture=RelativeArchitecture(kind, config),
        checkpoint_url="https://example.org/tiny-00000000.pth",
        short_side=96,
        long_side_cap=160,
        size_multiple=32,
        category_ids=tuple(range(len(names))),
        category_names=tuple(names),
    )


def save_tiny(kind: str, folder: Path, names: Sequence[str] = LABELS, **changes: Any) -> Any:
    """Writes a model as `save_pretrained` does; the model as transformers alone would run it."""
    import torch
    import transformers

    config = transformers.AutoConfig.for_model(
        kind,
        **{**CONFIGS[kind], **changes},
        id2label=dict(enumerate(names)),
        attn_implementation="eager",
    )
    torch.manual_seed(5)
    model = transformers.AutoModelForObjectDetection.from_config(config).eval()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "backbone" not in name:  # as they are drawn, all maps are even
                parameter.add_(torch.randn_like(parameter) * 0.25)
    model.save_pretrained(folder)
    return model


def a_picture(seed: int = 0) -> npt.NDArray[np.uint8]:
    """Noise of 96 by 128 pixels, which no model resizes."""
    return np.random.default_rng(seed).integers(0, 256, (96, 128, 3), np.uint8)
