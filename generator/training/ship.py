"""Puts trained weights where a build finds them, with a model card.

In: a state dictionary and how it was trained. Out: `detr_emoji.safetensors` and
`detr_emoji.json` in `generator/detr/weights`.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
import torchvision
from safetensors.torch import save
from torch import Tensor

from generator.detr.model import DETR
from generator.detr.weights import prepare
from generator.detr.zoo import EMBEDDED, embedded_card
from generator.files.write import write_if_different, write_json
from generator.inference.detector import Detector
from generator.training.attention_quality import measure_attention
from generator.training.evaluate import evaluate_network
from generator.training.glyphs import CLASSES, DISTRACTORS
from generator.training.recipe import ARCHITECTURE, LONG_SIDE_CAP, SHORT_SIDE, STRIDE, Recipe
from generator.training.scenes import (
    HELD_OUT_SEED,
    TRAINING_SEED,
    VALIDATION_SEED,
    SceneOptions,
)

HELD_OUT_SCENES = 500


def ship(
    state: Mapping[str, Tensor],
    recipe: Recipe,
    progress: Mapping[str, Any],
    curve: Path,
    font: Path,
) -> None:
    """Evaluates the weights on held-out scenes and writes them with their card."""
    network = DETR(ARCHITECTURE).eval()
    network.load_state_dict(dict(state))
    card: dict[str, Any] = {
        "name": "detr_emoji",
        "parameters": sum(p.numel() for p in network.parameters()),
        "architecture": dataclasses.asdict(ARCHITECTURE),
        "input": {
            "short_side": SHORT_SIDE,
            "long_side_cap": LONG_SIDE_CAP,
            "size_multiple": STRIDE,
        },
        "categories": [{"id": c.coco_id, "name": c.name} for c in CLASSES],
        "designs": {c.name: {"shown": c.designs, "held_out": c.held_out} for c in CLASSES},
        "distractors": DISTRACTORS,
        "recipe": dataclasses.asdict(recipe),
        "progress": dict(progress),
        "font_sha256": hashlib.sha256(font.read_bytes()).hexdigest(),
        "versions": {"torch": torch.__version__, "torchvision": torchvision.__version__},
        "seeds": {
            "training": TRAINING_SEED,
            "validation": VALIDATION_SEED,
            "held_out": HELD_OUT_SEED,
        },
        "held_out": _measure(network, font, SceneOptions()),
        "held_out_designs": _measure(network, font, SceneOptions(held_out_designs=True)),
        "curve": _thin([json.loads(line) for line in curve.read_text().splitlines()]),
    }
    detector = Detector(embedded_card(card), prepare(network), weights_sha256="")
    card["attention"] = _rounded(measure_attention(detector, HELD_OUT_SEED, HELD_OUT_SCENES, font))
    write_if_different(EMBEDDED / "detr_emoji.safetensors", save(dict(state)))
    write_json(EMBEDDED / "detr_emoji.json", card)


def _measure(network: DETR, font: Path, options: SceneOptions) -> dict[str, Any]:
    return _rounded(
        evaluate_network(network, HELD_OUT_SEED, HELD_OUT_SCENES, font, options=options)
    )


def _rounded(result: dict[str, Any]) -> dict[str, Any]:
    """The same numbers, rounded to four decimals."""
    text = json.dumps(result, allow_nan=False)
    return json.loads(text, parse_float=lambda digits: round(float(digits), 4))  # type: ignore[no-any-return]


def _thin(rows: list[dict[str, float]], most: int = 200) -> list[dict[str, float]]:
    """Every validation, and an even selection of the losses."""
    losses = [row for row in rows if "loss" in row]
    kept = losses[:: max(len(losses) // most, 1)]
    return sorted([*kept, *(row for row in rows if "AP" in row)], key=lambda row: row["scenes"])
