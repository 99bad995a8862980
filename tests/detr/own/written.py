"""Folders and checkpoints of models of one's own, as small as their headers allow."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import Tensor

CONFIG: dict[str, Any] = {
    "model_type": "detr",
    "d_model": 32,
    "encoder_layers": 2,
    "decoder_layers": 3,
    "encoder_attention_heads": 4,
    "decoder_attention_heads": 4,
    "encoder_ffn_dim": 64,
    "decoder_ffn_dim": 64,
    "num_queries": 20,
    "use_timm_backbone": True,
    "backbone": "resnet18",
    "id2label": {"0": "cell", "1": "nucleus", "2": "debris"},
}
PREPROCESSOR = {"size": {"shortest_edge": 224, "longest_edge": 320}, "image_mean": [0.5, 0.5, 0.5]}
ARGUMENTS = {
    "backbone": "resnet18", "dilation": False, "hidden_dim": 32, "nheads": 4, "enc_layers": 2,
    "dec_layers": 3, "dim_feedforward": 64, "num_queries": 20, "pre_norm": False,
    "dataset_file": "cells",
}  # fmt: skip


def config_of(**changes: Any) -> dict[str, Any]:
    """A config.json; a key whose value is None is left out."""
    return {key: one for key, one in {**CONFIG, **changes}.items() if one is not None}


def heads(outputs: int = 4, width: int = 32, queries: int = 20) -> dict[str, Tensor]:
    """The tensors by which an official checkpoint is known."""
    return {
        "class_embed.weight": torch.zeros(outputs, width),
        "query_embed.weight": torch.zeros(queries, width),
    }


def of_transformers(outputs: int = 4, width: int = 32) -> dict[str, Tensor]:
    return {"class_labels_classifier.weight": torch.zeros(outputs, width)}


def folder(
    path: Path, config: Mapping[str, Any], tensors: Mapping[str, Tensor] | None = None
) -> Path:
    """Writes what `save_pretrained` writes."""
    path.mkdir(parents=True, exist_ok=True)
    (path / "config.json").write_text(json.dumps(config))
    (path / "preprocessor_config.json").write_text(json.dumps(PREPROCESSOR))
    save_file(dict(of_transformers() if tensors is None else tensors), path / "model.safetensors")
    return path


def checkpoint(path: Path, model: Any = None, **arguments: Any) -> Path:
    """Writes what the official training writes."""
    saved = {
        "model": heads() if model is None else model,
        "optimizer": {"state": {}, "param_groups": [{"lr": 1e-4}]},
        "epoch": 3,
        "args": argparse.Namespace(**{**ARGUMENTS, **arguments}),
    }
    torch.save(saved, path)
    return path
