"""`python -m generator.training.evaluate`: how good the embedded model is.

In: weights, a seed and a number of scenes. Out: COCO's AP (pycocotools), precision and
recall at a score threshold, by object size and by class, as text or JSON.
"""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import numpy as np
import numpy.typing as npt
import torch
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval
from safetensors.torch import load_file
from torch import Tensor
from torchvision.ops import box_convert, box_iou

from generator.detr.model import DETR
from generator.detr.zoo import EMBEDDED
from generator.errors import GeneratorError
from generator.training.data import batch_of
from generator.training.glyphs import CLASSES, find_font
from generator.training.recipe import ARCHITECTURE, SHORT_SIDE
from generator.training.scenes import HELD_OUT_SEED, Scene, SceneOptions, compose_scene

SIZES = {"small": (0.0, 0.25), "medium": (0.25, 0.4), "large": (0.4, 10.0)}
"""Square root of an object's box area, as a share of the scene's short side."""

PREDICTION_MATCH_IOU = 0.5


@dataclass(frozen=True)
class Predictions:
    """One scene's best class per query.

    Attributes:
        scores: (Q,), probability of the best class that is not "no object".
        classes: (Q,), index into `CLASSES`.
        boxes_xyxy: (Q, 4) pixels.
    """

    scores: npt.NDArray[np.float32]
    classes: npt.NDArray[np.int64]
    boxes_xyxy: npt.NDArray[np.float32]


def evaluate_state(
    state: Mapping[str, Tensor],
    seed: int,
    count: int,
    font: Path,
    short_side: int = SHORT_SIDE,
    threshold: float = 0.9,
    options: SceneOptions = SceneOptions(),  # noqa: B008 (frozen)
) -> dict[str, Any]:
    """Measures weights of `detr_emoji` on composed scenes.

    Returns:
        `scenes`, `seed`, `threshold`; `AP`, `AP50`, `AP75`; `precision` and `recall` at the
        threshold and IoU 0.5; `by_size` and `by_class`, each name to its AP and count.
    """
    network = DETR(ARCHITECTURE)
    network.load_state_dict(dict(state))
    network.eval()
    scenes, predictions = [], []
    for batch in _batches(seed, count, (short_side, short_side), font, options):
        images, _ = batch_of(batch)
        with torch.inference_mode():
            output = network(images)
        scenes += batch
        predictions += _predictions(output.logits[-1], output.boxes_cxcywh[-1], short_side)
    result: dict[str, Any] = {"scenes": count, "seed": seed, "threshold": threshold}
    result |= _average_precision(scenes, predictions)
    result |= _precision_recall(scenes, predictions, threshold)
    return result


def _batches(
    seed: int, count: int, size_hw: tuple[int, int], font: Path, options: SceneOptions
) -> Iterator[list[Scene]]:
    for start in range(0, count, 20):
        indices = range(start, min(start + 20, count))
        yield [compose_scene(seed, i, size_hw, font, options) for i in indices]


def _predictions(logits: Tensor, boxes_cxcywh: Tensor, side: int) -> list[Predictions]:
    """Of logits (B, Q, C + 1) and boxes (B, Q, 4), one image after the other."""
    scores, classes = logits.softmax(-1)[..., :-1].max(-1)
    boxes = box_convert(boxes_cxcywh, "cxcywh", "xyxy") * side
    return [
        Predictions(s.numpy(), c.numpy(), b.numpy())
        for s, c, b in zip(scores, classes, boxes, strict=True)
    ]


def _average_precision(scenes: list[Scene], predictions: list[Predictions]) -> dict[str, Any]:
    """COCO's AP over all, by size and by class."""
    truth = _coco_truth(scenes)
    rows = [
        [image, *box[:2], *(box[2:] - box[:2]), score, label + 1]
        for image, p in enumerate(predictions)
        for box, score, label in zip(p.boxes_xyxy, p.scores, p.classes, strict=True)
    ]
    with contextlib.redirect_stdout(io.StringIO()):
        found = truth.loadRes(np.array(rows, dtype=np.float64))
        evaluation = COCOeval(truth, found, "bbox")
        areas = [(low * SHORT_SIDE, high * SHORT_SIDE) for low, high in SIZES.values()]
        side = scenes[0].pixels.shape[0] / SHORT_SIDE
        evaluation.params.areaRng = [
            [0, 1e10], *([(low * side) ** 2, (high * side) ** 2] for low, high in areas)
        ]  # fmt: skip
        evaluation.params.areaRngLbl = ["all", *SIZES]
        evaluation.evaluate()
        evaluation.accumulate()
    precision = evaluation.eval["precision"]  # (IoU, recall, class, area, detections)
    labels = np.concatenate([scene.classes for scene in scenes])
    return {
        "AP": _mean(precision[:, :, :, 0, -1]),
        "AP50": _mean(precision[0, :, :, 0, -1]),
        "AP75": _mean(precision[5, :, :, 0, -1]),
        "by_size": {
            name: {"AP": _mean(precision[:, :, :, i + 1, -1])} for i, name in enumerate(SIZES)
        },
        "by_class": {
            c.name: {"AP": _mean(precision[:, :, i, 0, -1]), "objects": int((labels == i).sum())}
            for i, c in enumerate(CLASSES)
        },
    }


def _mean(precision: npt.NDArray[np.float64]) -> float:
    """Mean over what COCO could measure; it writes -1 where there was no object."""
    known = precision[precision > -1]
    return float(known.mean()) if known.size else float("nan")


def _coco_truth(scenes: list[Scene]) -> Any:
    """The truth as pycocotools wants it."""
    annotations: list[dict[str, Any]] = []
    for image, scene in enumerate(scenes):
        for label, (x0, y0, x1, y1) in zip(
            scene.classes.tolist(), scene.boxes_xyxy.tolist(), strict=True
        ):
            width, height = x1 - x0, y1 - y0
            annotations.append(
                {"id": len(annotations) + 1, "image_id": image, "category_id": label + 1,
                 "bbox": [x0, y0, width, height], "area": width * height, "iscrowd": 0}
            )  # fmt: skip
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO()
        truth.dataset = {
            "images": [{"id": i} for i in range(len(scenes))],
            "annotations": annotations,
            "categories": [{"id": i + 1, "name": c.name} for i, c in enumerate(CLASSES)],
        }
        truth.createIndex()
    return truth


def _precision_recall(
    scenes: list[Scene], predictions: list[Predictions], threshold: float
) -> dict[str, float]:
    """Share of kept predictions that are right, and of objects that are found.

    In the order of their scores, each prediction takes the free object of its class that
    it overlaps most, if their IoU is at least 0.5.
    """
    right = kept = objects = 0
    for scene, p in zip(scenes, predictions, strict=True):
        order = [i for i in np.argsort(-p.scores, kind="stable") if p.scores[i] > threshold]
        kept += len(order)
        objects += len(scene.classes)
        if not order or not len(scene.classes):
            continue
        iou = box_iou(torch.from_numpy(p.boxes_xyxy), torch.from_numpy(scene.boxes_xyxy)).numpy()
        iou = np.where(p.classes[:, None] == scene.classes[None], iou, 0.0)
        for query in order:
            best = int(iou[query].argmax())
            if iou[query, best] >= PREDICTION_MATCH_IOU:
                right += 1
                iou[:, best] = 0.0
    return {
        "precision": right / kept if kept else float("nan"),
        "recall": right / objects if objects else float("nan"),
    }


def _table(result: dict[str, Any]) -> str:
    lines = [f"{result['scenes']} scenes of seed {result['seed']}"]
    lines += [f"{key:<10} {result[key]:.3f}" for key in ("AP", "AP50", "AP75")]
    lines += [
        f"{key:<10} {result[key]:.3f} at score {result['threshold']}"
        for key in ("precision", "recall")
    ]
    for group in ("by_size", "by_class"):
        lines.append("")
        lines += [f"{name:<14} AP {row['AP']:.3f}" for name, row in result[group].items()]
    return "\n".join(lines)


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
    try:
        result = evaluate_state(
            load_file(weights or EMBEDDED / "detr_emoji.safetensors"),
            seed,
            count,
            find_font(font),
            threshold=threshold,
            options=SceneOptions(held_out_designs=held_out_designs),
        )
    except GeneratorError as error:
        raise click.ClickException(str(error)) from error
    click.echo(json.dumps(result, indent=2) if as_json else _table(result))


if __name__ == "__main__":
    main()
