"""`python -m generator.training.ship`: puts trained weights where a build finds them, with a card.

In: the checkpoint of a run. Out: `detr_emoji.safetensors` and `detr_emoji.json` in
`generator/detr/weights`.
"""

from __future__ import annotations

import dataclasses
import json
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click
import torch
import torchvision
from safetensors.torch import save
from torch import Tensor

from generator.detr.model import DETR
from generator.detr.weights import prepare
from generator.detr.zoo import EMBEDDED, embedded_card
from generator.errors import GeneratorError
from generator.files.write import write_if_different, write_json
from generator.inference.detector import Detector
from generator.training.evaluate import evaluate_all
from generator.training.families import (
    FAMILIES,
    UNSEEN_FAMILY,
    Family,
    families_option,
    find_packages,
    training_world,
    unseen_world,
)
from generator.training.network import shipped_state
from generator.training.recipe import ARCHITECTURE, LONG_SIDE_CAP, SHORT_SIDE, STRIDE, Recipe
from generator.training.scenes import HELD_OUT_SEED, TRAINING_SEED, VALIDATION_SEED
from generator.training.sprites import SpriteWorld
from generator.training.vocabulary import CLASSES, DISTRACTORS, UNSEEN_DISTRACTORS

HELD_OUT_SCENES = 500
CHECKPOINT = "checkpoint.pt"
CURVE = "curve.jsonl"


def card_of(
    state: Mapping[str, Tensor],
    recipe: Mapping[str, Any],
    progress: Mapping[str, Any],
    curve: list[dict[str, float]],
    seen: SpriteWorld,
    unseen: SpriteWorld,
    photographs: Sequence[Path] = (),
) -> dict[str, Any]:
    """The model card of trained weights, which are measured for it on held-out scenes."""
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
        "designs": {c.name: list(c.designs) for c in CLASSES},
        "families": [_told(family) for family in FAMILIES],
        "unseen_family": _told(UNSEEN_FAMILY),
        "distractors": list(DISTRACTORS),
        "unseen_distractors": list(UNSEEN_DISTRACTORS),
        "recipe": dict(recipe),
        "progress": dict(progress),
        "versions": {"torch": torch.__version__, "torchvision": torchvision.__version__},
        "seeds": {
            "training": TRAINING_SEED,
            "validation": VALIDATION_SEED,
            "held_out": HELD_OUT_SEED,
        },
        "curve": _thin(curve),
    }
    # The card is not whole yet, but what a detector needs of it is there.
    detector = Detector(embedded_card({**card, "held_out": {"AP": 0.0}}), prepare(network), "")
    measured = _rounded(
        evaluate_all(
            detector, seen, unseen, HELD_OUT_SEED, HELD_OUT_SCENES, photographs=photographs
        )
    )
    card["held_out"] = measured.pop("all_styles")
    card["held_out_designs"] = measured.pop("unseen_family")
    card["limits"] = card["held_out"]["found"]
    return card | measured


def recipe_of(recipe: Recipe) -> dict[str, Any]:
    """A recipe for the card, with the short sides over the share of the scenes seen."""
    told = dataclasses.asdict(recipe)
    told["short_sides"] = [
        (stage.start / recipe.scenes, stage.short_side)
        for stage in recipe.stages
        if stage.start < recipe.scenes
    ]
    return told


AGAIN = ("recipe", "progress", "held_out", "held_out_designs", "false_boxes", "dragged", "encoder",
         "attention")  # fmt: skip
"""What a card tells of a second training, so that one sees what is chance."""


def trained_again(card: Mapping[str, Any]) -> dict[str, Any]:
    """What the card of the first training says of the second, from the second one's own card."""
    told = {name: dict(card[name]) for name in AGAIN if name in card}
    told["recipe"] = {"seed": told["recipe"]["seed"]}
    for name in ("held_out", "held_out_designs"):
        for group in ("by_class", "by_size"):
            told[name].pop(group, None)
    return told


def ship(card: Mapping[str, Any], state: Mapping[str, Tensor], folder: Path = EMBEDDED) -> None:
    """Writes weights and card."""
    write_if_different(folder / "detr_emoji.safetensors", save(dict(state)))
    write_json(folder / "detr_emoji.json", card)


def _told(family: Family) -> dict[str, Any]:
    return dataclasses.asdict(family)


def _rounded(result: dict[str, Any]) -> dict[str, Any]:
    """The same numbers, rounded to four decimals."""
    text = json.dumps(result, allow_nan=False)
    return json.loads(text, parse_float=lambda digits: round(float(digits), 4))  # type: ignore[no-any-return]


def _thin(rows: list[dict[str, float]], most: int = 200) -> list[dict[str, float]]:
    """Every validation, and an even selection of the losses."""
    losses = [row for row in rows if "loss" in row]
    kept = losses[:: max(len(losses) // most, 1)]
    return sorted([*kept, *(row for row in rows if "AP" in row)], key=lambda row: row["scenes"])


@click.command(help=__doc__.split("\n\n")[0])
@click.option(
    "--run",
    "folder",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    default=Path("runs/emoji"),
    show_default=True,
    help="Folder of the checkpoint.",
)
@families_option
@click.option(
    "--photographs",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Folder of photographs; the card says how many boxes the model sees on them.",
)
@click.option(
    "--again",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="The card of a second training with another seed, which this command wrote elsewhere.",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    default=EMBEDDED,
    help="Folder for weights and card; default: where builds find them.",
)
def main(
    folder: Path,
    families: Path | None,
    photographs: Path | None,
    again: Path | None,
    output: Path,
) -> None:
    """Measures the weights of a run and ships them."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        root = find_packages(families)
        if not (folder / CHECKPOINT).is_file():
            raise GeneratorError(
                f"{folder}: there is no {CHECKPOINT}; name a run's folder with --run"
            )
        saved = torch.load(folder / CHECKPOINT, weights_only=True)
        state = shipped_state(saved["average"])
        curve = [json.loads(line) for line in (folder / CURVE).read_text().splitlines()]
        worlds = training_world(root, folder), unseen_world(root, folder)
        files = sorted(f for f in photographs.iterdir() if f.is_file()) if photographs else []
        card = card_of(state, saved["told"], saved["progress"], curve, *worlds, photographs=files)
        if again is not None:
            card["trained_again"] = trained_again(json.loads(again.read_text()))
        ship(card, state, output)
    except GeneratorError as error:
        raise click.ClickException(str(error)) from error


if __name__ == "__main__":
    main()
