"""`python -m generator.training.evaluate`: how good the embedded model is.

In: weights, a seed and a number of scenes. Out: AP, precision and recall, by object size
and by class, and the quality of the attention; as text or JSON.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import torch
from torch import Tensor, nn
from torchvision.ops import box_convert

from generator.detr.zoo import model_card
from generator.errors import GeneratorError
from generator.inference.detector import Detector
from generator.training.attention_quality import measure_attention
from generator.training.data import batch_of
from generator.training.glyphs import find_font
from generator.training.metrics import Predictions, average_precision, precision_recall
from generator.training.recipe import SHORT_SIDE
from generator.training.scenes import HELD_OUT_SEED, Scene, SceneOptions, compose_scene


def evaluate_network(
    network: nn.Module,
    seed: int,
    count: int,
    font: Path,
    short_side: int = SHORT_SIDE,
    threshold: float = 0.9,
    options: SceneOptions = SceneOptions(),  # noqa: B008 (frozen)
) -> dict[str, Any]:
    """Measures a network in evaluation mode on composed scenes.

    Returns:
        `scenes`, `seed`, `threshold`; `AP`, `AP50`, `AP75`; `precision` and `recall` at the
        threshold and IoU 0.5; `by_size` and `by_class`, which map names to AP and count.
    """
    scenes, predictions = [], []
    for batch in _batches(seed, count, (short_side, short_side), font, options):
        images, _ = batch_of(batch)
        with torch.inference_mode():
            output = network(images)
        scenes += batch
        predictions += _predictions(output.logits[-1], output.boxes_cxcywh[-1], short_side)
    result: dict[str, Any] = {"scenes": count, "seed": seed, "threshold": threshold}
    result |= average_precision(scenes, predictions)
    result |= precision_recall(scenes, predictions, threshold)
    return result


def _batches(
    seed: int, count: int, size_hw: tuple[int, int], font: Path, options: SceneOptions
) -> Iterator[list[Scene]]:
    for start in range(0, count, 20):
        indices = range(start, min(start + 20, count))
        yield [compose_scene(seed, i, size_hw, font, options) for i in indices]


def _predictions(logits: Tensor, boxes_cxcywh: Tensor, side: int) -> list[Predictions]:
    """Predictions, one image after the other, from logits (B, Q, C + 1) and boxes (B, Q, 4)."""
    scores, classes = logits.softmax(-1)[..., :-1].max(-1)
    boxes = box_convert(boxes_cxcywh, "cxcywh", "xyxy") * side
    return [
        Predictions(s.numpy(), c.numpy(), b.numpy())
        for s, c, b in zip(scores, classes, boxes, strict=True)
    ]


def _table(result: dict[str, Any]) -> str:
    lines = [f"{result['scenes']} scenes of seed {result['seed']}"]
    lines += [f"{key:<10} {_shown(result[key])}" for key in ("AP", "AP50", "AP75")]
    lines += [
        f"{key:<10} {_shown(result[key])} at score {result['threshold']}"
        for key in ("precision", "recall")
    ]
    for group in ("by_size", "by_class"):
        lines.append("")
        lines += [f"{name:<14} AP {_shown(row['AP'])}" for name, row in result[group].items()]
    lines.append("")
    lines += [
        f"{name.replace('_', ' ')} {found['value']:.2f} ({found['low']:.2f} to {found['high']:.2f})"
        for name, found in result["attention"].items()
        if found is not None
    ]
    return "\n".join(lines)


def _shown(number: float | None) -> str:
    return "-" if number is None else f"{number:.3f}"


@click.command(help=__doc__.split("\n\n")[0])
@click.option("--weights", type=click.Path(path_type=Path), help="Default: the shipped file.")
@click.option("--scenes", "count", type=int, default=500, show_default=True)
@click.option("--seed", type=int, default=HELD_OUT_SEED, show_default=True)
@click.option("--threshold", type=float, default=0.9, show_default=True)
@click.option("--held-out-designs", is_flag=True, help="Draw glyphs that training never shows.")
@click.option("--font", type=click.Path(path_type=Path), help="Colour emoji font file.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def main(
    weights: Path | None,
    count: int,
    seed: int,
    threshold: float,
    held_out_designs: bool,
    font: Path | None,
    as_json: bool,
) -> None:
    """Evaluates the embedded model."""
    options = SceneOptions(held_out_designs=held_out_designs)
    try:
        face = find_font(font)
        card = model_card("detr_emoji")
        file = weights or card.file
        detector = Detector.load(card, file, weights_sha256="")
        result = evaluate_network(
            detector.model, seed, count, face, threshold=threshold, options=options
        )
        result["attention"] = measure_attention(detector, seed, count, face, options)
    except GeneratorError as error:
        raise click.ClickException(str(error)) from error
    click.echo(json.dumps(result, indent=2, allow_nan=False) if as_json else _table(result))


if __name__ == "__main__":
    main()
