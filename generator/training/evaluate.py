"""`python -m generator.training.evaluate`: how good the embedded model is.

In: weights, the emoji sets, a number of scenes. Out: AP, precision and recall, over all styles
and on the family that training never shows; where the model ends; how it behaves when something
is dragged, unknown or switched off; the quality of the attention. As text or JSON.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
import numpy as np
from PIL import Image
from torch import nn

from generator.detr.zoo import model_card
from generator.errors import GeneratorError
from generator.inference.detector import Detector
from generator.training.attention_quality import measure_attention
from generator.training.behaviour import false_boxes, knocked_out, steadiness
from generator.training.curves import calibration, share_found
from generator.training.families import families_option, find_packages, training_world, unseen_world
from generator.training.metrics import average_precision, precision_recall
from generator.training.predict import held_out_scenes, predict
from generator.training.recipe import SHORT_SIDE
from generator.training.scenes import HELD_OUT_SEED, SceneOptions
from generator.training.sprites import SpriteWorld

logger = logging.getLogger("generator.training")


def evaluate_network(
    network: nn.Module,
    seed: int,
    count: int,
    world: SpriteWorld,
    short_side: int = SHORT_SIDE,
    threshold: float = 0.9,
    options: SceneOptions = SceneOptions(),  # noqa: B008 (frozen)
) -> dict[str, Any]:
    """Measures a network in evaluation mode on composed scenes.

    Returns:
        `scenes`, `seed`, `threshold`; `AP`, `AP50`, `AP75`; `precision` and `recall` at the
        threshold and IoU 0.5; `by_size` and `by_class`, which map names to AP and count;
        `found`, shares by side, degrees and visible part; `calibration`.
    """
    scenes = [s for some in held_out_scenes(seed, count, short_side, world, options) for s in some]
    predictions = predict(network, scenes)
    result: dict[str, Any] = {"scenes": count, "seed": seed, "threshold": threshold}
    result |= average_precision(scenes, predictions, world.names)
    result |= precision_recall(scenes, predictions, threshold)
    result["found"] = share_found(scenes, predictions, threshold)
    result["calibration"] = calibration(scenes, predictions)
    return result


def evaluate_all(
    detector: Detector,
    seen: SpriteWorld,
    unseen: SpriteWorld,
    seed: int = HELD_OUT_SEED,
    count: int = 500,
    threshold: float = 0.9,
    photographs: Sequence[Path] = (),
) -> dict[str, Any]:
    """Everything that is measured of the embedded model.

    Returns:
        `all_styles` and `unseen_family`, as of `evaluate_network`; `false_boxes` on things that
        training never shows; `dragged`; `encoder`, AP without its layers; `attention`; and
        `photographs`, if some were given: boxes above the threshold, per picture.
    """
    network, side = detector.model, detector.card.short_side
    result: dict[str, Any] = {}
    for name, world in (("all_styles", seen), ("unseen_family", unseen)):
        logger.info("%s: %d scenes", name, count)
        result[name] = evaluate_network(network, seed, count, world, side, threshold)
    logger.info("behaviour")
    result["false_boxes"] = false_boxes(network, unseen, side, threshold, seed)
    result["dragged"] = steadiness(network, seen, side, threshold, seed)
    options = SceneOptions()
    scenes = [s for some in held_out_scenes(seed, count, side, seen, options) for s in some]
    result["encoder"] = knocked_out(network, scenes, seen.names)
    logger.info("attention")
    result["attention"] = measure_attention(detector, seed, count, seen, options)
    if photographs:
        result["photographs"] = _on_photographs(detector, photographs, threshold)
    return result


def _on_photographs(
    detector: Detector, files: Sequence[Path], threshold: float
) -> dict[str, float]:
    kept = 0
    for file in files:
        forward = detector.run(np.asarray(Image.open(file).convert("RGB")))
        probability = np.exp(forward.logits[-1] - forward.logits[-1].max(-1, keepdims=True))
        probability /= probability.sum(-1, keepdims=True)
        kept += int((probability[:, :-1].max(-1) > threshold).sum())
    return {"photographs": len(files), "per_picture": kept / len(files)}


def _table(result: dict[str, Any]) -> str:
    lines = []
    for title in ("all_styles", "unseen_family"):
        one = result[title]
        lines += [f"{title.replace('_', ' ')}: {one['scenes']} scenes of seed {one['seed']}"]
        lines += [f"  {key:<10} {_shown(one[key])}" for key in ("AP", "AP50", "AP75")]
        lines += [
            f"  {key:<10} {_shown(one[key])} at score {one['threshold']}"
            for key in ("precision", "recall")
        ]
        error = one["calibration"]["expected_calibration_error"]
        lines += [f"  expected calibration error {_shown(error)}"]
        for name, rows in one["found"].items():
            shares = (f"{r['low']:g}-{r['high']:g} {_shown(r['found'])}" for r in rows)
            lines += [f"  found by {name}: " + ", ".join(shares)]
        for group in ("by_size", "by_class"):
            lines += [f"  {name:<14} AP {_shown(row['AP'])}" for name, row in one[group].items()]
    lines += [f"false boxes on unseen things: {_shown(result['false_boxes']['per_picture'])}"]
    lines += ["dragged: " + ", ".join(f"{k} {_shown(v)}" for k, v in result["dragged"].items())]
    lines += ["AP without encoder layers: "
              + ", ".join(f"{k} {_shown(v)}" for k, v in result["encoder"].items())]  # fmt: skip
    lines += [
        f"{name.replace('_', ' ')} {found['value']:.2f} ({found['low']:.2f} to {found['high']:.2f})"
        for name, found in result["attention"].items()
        if found is not None
    ]
    if "photographs" in result:
        lines += [f"boxes on photographs: {_shown(result['photographs']['per_picture'])}"]
    return "\n".join(lines)


def _shown(number: float | None) -> str:
    return "-" if number is None else f"{number:.3f}"


@click.command(help=__doc__.split("\n\n")[0])
@click.option("--weights", type=click.Path(path_type=Path), help="Default: the shipped file.")
@click.option("--scenes", "count", type=int, default=500, show_default=True)
@click.option("--seed", type=int, default=HELD_OUT_SEED, show_default=True)
@click.option("--threshold", type=float, default=0.9, show_default=True)
@families_option
@click.option(
    "--cache",
    type=click.Path(path_type=Path),
    default=Path("runs"),
    show_default=True,
    help="Folder that keeps the drawn emoji.",
)
@click.option(
    "--photographs",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Folder of photographs; counts the boxes on them.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def main(
    weights: Path | None,
    count: int,
    seed: int,
    threshold: float,
    families: Path | None,
    cache: Path,
    photographs: Path | None,
    as_json: bool,
) -> None:
    """Evaluates the embedded model."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        root = find_packages(families)
        card = model_card("detr_emoji")
        detector = Detector.load(card, weights or card.file, weights_sha256="")
        names = card.category_names
        seen, unseen = training_world(root, cache).of(names), unseen_world(root, cache).of(names)
        files = sorted(f for f in photographs.iterdir() if f.is_file()) if photographs else []
        result = evaluate_all(detector, seen, unseen, seed, count, threshold, files)
    except GeneratorError as error:
        raise click.ClickException(str(error)) from error
    click.echo(json.dumps(result, indent=2, allow_nan=False) if as_json else _table(result))


if __name__ == "__main__":
    main()
