"""Puts trained weights where a build finds them, with the card that tells of them.

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
from safetensors.torch import save_file
from torch import Tensor

from generator.detr.model import DETR
from generator.detr.zoo import EMBEDDED
from generator.training.evaluate import evaluate_state
from generator.training.glyphs import CLASSES, DISTRACTORS
from generator.training.recipe import ARCHITECTURE, LONG_SIDE_CAP, SHORT_SIDE, Recipe
from generator.training.scenes import HELD_OUT_SEED, SceneOptions

WEIGHTS = EMBEDDED / "detr_emoji.safetensors"
CARD = EMBEDDED / "detr_emoji.json"
HELD_OUT_SCENES = 500


def ship(
    state: Mapping[str, Tensor],
    recipe: Recipe,
    progress: Mapping[str, Any],
    curve: Path,
    font: Path,
) -> None:
    """Evaluates the weights on held-out scenes and writes them with their card."""
    EMBEDDED.mkdir(exist_ok=True)
    save_file(dict(state), WEIGHTS)
    card = {
        "name": "detr_emoji",
        "parameters": sum(p.numel() for p in DETR(ARCHITECTURE).parameters()),
        "architecture": dataclasses.asdict(ARCHITECTURE),
        "input": {"short_side": SHORT_SIDE, "long_side_cap": LONG_SIDE_CAP},
        "categories": [{"id": c.coco_id, "name": c.name} for c in CLASSES],
        "designs": {c.name: {"shown": c.designs, "held_out": c.held_out} for c in CLASSES},
        "distractors": DISTRACTORS,
        "recipe": dataclasses.asdict(recipe),
        "progress": dict(progress),
        "font_sha256": hashlib.sha256(font.read_bytes()).hexdigest(),
        "versions": {"torch": torch.__version__, "torchvision": torchvision.__version__},
        "held_out": _measure(state, font, SceneOptions()),
        "held_out_designs": _measure(state, font, SceneOptions(held_out_designs=True)),
        "curve": _thin([json.loads(line) for line in curve.read_text().splitlines()]),
    }
    CARD.write_text(json.dumps(card, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _measure(state: Mapping[str, Tensor], font: Path, options: SceneOptions) -> dict[str, Any]:
    result = evaluate_state(state, HELD_OUT_SEED, HELD_OUT_SCENES, font, options=options)
    return json.loads(  # type: ignore[no-any-return]
        json.dumps(result), parse_float=lambda text: round(float(text), 4)
    )


def _thin(rows: list[dict[str, float]], most: int = 200) -> list[dict[str, float]]:
    """Every validation and an even choice of the losses."""
    losses = [row for row in rows if "loss" in row]
    kept = losses[:: max(len(losses) // most, 1)]
    return sorted([*kept, *(row for row in rows if "AP" in row)], key=lambda row: row["scenes"])
