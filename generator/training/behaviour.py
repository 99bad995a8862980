"""How the embedded model behaves where AP does not look.

In: a network in evaluation mode and a world. Out: false boxes on things that it never saw, how
steady it is while an object is dragged, and what its encoder contributes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from torch import Tensor, nn

from generator.training.backgrounds import draw_background
from generator.training.metrics import average_precision
from generator.training.predict import predict
from generator.training.scenes import (
    HELD_OUT_SEED,
    Placed,
    Scene,
    SceneOptions,
    lay_over,
    single,
)
from generator.training.sprites import SpriteWorld

DRAGS = 40
STEPS = 24
"""Pixels that an object is dragged, one by one."""
JUMP = 3.0
"""Pixels that an edge of the box may move in a step of one pixel; more is a jump."""


def false_boxes(
    network: nn.Module,
    world: SpriteWorld,
    short_side: int,
    threshold: float,
    seed: int = HELD_OUT_SEED,
    pictures_each: int = 4,
) -> dict[str, Any]:
    """Boxes above the threshold in pictures of one thing each that has no class.

    Returns:
        `pictures`, and the false boxes `per_picture`.
    """
    options = SceneOptions(min_side=0.2, max_side=0.6, usual_sides=(0.2, 0.6), min_visible=0.8)
    scenes = []
    for number in range(len(world.distractors)):
        for again in range(pictures_each):
            rng = np.random.default_rng([seed, number, again, 3])
            label = len(world.names) + number
            scenes.append(_bare(single(rng, world, label, (short_side, short_side), options)))
    kept = sum(int((p.scores > threshold).sum()) for p in predict(network, scenes))
    return {"pictures": len(scenes), "per_picture": kept / len(scenes)}


def steadiness(
    network: nn.Module,
    world: SpriteWorld,
    short_side: int,
    threshold: float,
    seed: int = HELD_OUT_SEED,
) -> dict[str, Any]:
    """Drags single objects to the right, pixel by pixel.

    Returns:
        `drags`, `steps` in all, and the shares of steps at which the object is `lost` or found
        (`flips`: it is found on one side of the step and not on the other), and at which its box
        `jumps` by more than `JUMP` pixels.
    """
    flips = jumps = steps = missing = 0
    for number in range(DRAGS):
        rng = np.random.default_rng([seed, number, 4])
        label = int(rng.integers(len(world.names)))
        scenes = _dragged(rng, world.an_object(rng, label), short_side)
        before = None
        for step, p in enumerate(predict(network, scenes)):
            best = int(np.where(p.classes == label, p.scores, 0).argmax())
            found = bool(p.classes[best] == label and p.scores[best] > threshold)
            box = p.boxes_xyxy[best] - np.array([step, 0, step, 0], np.float32)
            missing += not found
            if before is not None:
                steps += 1
                flips += found != before[0]
                jumps += bool(found and before[0] and np.abs(box - before[1]).max() > JUMP)
            before = found, box
    return {
        "drags": DRAGS,
        "steps": steps,
        "lost": missing / (DRAGS * (STEPS + 1)),
        "flips": flips / steps,
        "jumps": jumps / steps,
    }


def _dragged(rng: np.random.Generator, sprite: Any, side: int) -> list[Scene]:
    """Scenes in which one upright object stands one pixel further right each."""
    background = draw_background(rng, (side, side))
    drawn = sprite.drawn(side * float(rng.uniform(0.25, 0.45)))
    h, w = drawn.shape[:2]
    top = int(rng.integers(0, side - h))
    left = int(rng.integers(0, side - w - STEPS))
    scenes = []
    for step in range(STEPS + 1):
        pixels = background.copy()
        lay_over(pixels, Placed(drawn, top, left + step, 0))
        scenes.append(_bare((np.clip(pixels, 0, 1) * 255).astype(np.uint8)))
    return scenes


def _bare(pixels: np.ndarray[Any, np.dtype[np.uint8]]) -> Scene:
    return Scene(pixels, np.zeros(0, np.int64), np.zeros((0, 4), np.float32))


def knocked_out(
    network: nn.Module, scenes: Sequence[Scene], names: Sequence[str]
) -> dict[str, float | None]:
    """AP with the encoder, without each of its layers, and without all of them.

    A layer that is knocked out hands on what it is given, so that its weights are not used.
    """
    transformer: Any = network.transformer
    layers = list(transformer.encoder.layers)
    found = {"none": average_precision(scenes, predict(network, scenes), names)["AP"]}
    for number in range(len(layers)):
        with _identity([layers[number]]):
            found[f"layer {number + 1}"] = average_precision(
                scenes, predict(network, scenes), names
            )["AP"]
    with _identity(layers):
        found["all"] = average_precision(scenes, predict(network, scenes), names)["AP"]
    return found


@contextmanager
def _identity(layers: Sequence[nn.Module]) -> Iterator[None]:
    """While open, the layers give back what they are given."""

    def unchanged(_: nn.Module, arguments: tuple[Tensor, ...], __: Any) -> Tensor:
        return arguments[0]

    handles = [layer.register_forward_hook(unchanged) for layer in layers]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()
