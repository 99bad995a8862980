"""The embedded model over scenes of the lab, in Python: scene and switches in, answers out.

Experiments say what comes of a scene; tests ask the network here, not the page.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from scipy.special import softmax
from torch import nn

from generator.analysis.attention import AttentionMaps
from generator.analysis.grid import Grid
from generator.detr.interventions import evenly, one_memory, silently
from generator.detr.zoo import LAB_MODEL, model_card
from generator.figures.lab.compose import ComposedScene, compose, size_of_scenes
from generator.inference.detector import Detector
from generator.inference.forward_pass import ForwardPass
from generator.outputs.live.lab_scripts import label_of
from generator.project.experiments import (
    Experiment,
    PreparedScene,
    read_experiments,
    sprite_files,
)

ROOT = Path(__file__).parents[2]
SPRITES = sprite_files(ROOT / "templates")
THRESHOLD = 0.9
_STACKS = {
    "encoder_self": ("encoder", "self_attn"),
    "decoder_self": ("decoder", "self_attn"),
    "decoder_cross": ("decoder", "multihead_attn"),
}


@functools.cache
def experiments() -> dict[str, Experiment]:
    """The shipped experiments, by name."""
    return {one.name: one for one in read_experiments(ROOT / "content", list(SPRITES))}


def moved(scene: PreparedScene, number: int, **changes: Any) -> PreparedScene:
    """A scene in which a thing, counted from 1, was changed."""
    objects = list(scene.objects)
    objects[number - 1] = replace(objects[number - 1], **changes)
    return replace(scene, objects=tuple(objects))


@dataclass(frozen=True, eq=False)
class Look:
    """What the network made of a scene.

    Attributes:
        scene, composed: what it was given.
        forward: its forward pass.
    """

    scene: PreparedScene
    composed: ComposedScene
    forward: ForwardPass

    @functools.cached_property
    def probabilities(self) -> npt.NDArray[np.float64]:
        """(layers, Q, C)."""
        return np.asarray(softmax(self.forward.logits.astype(np.float64), -1)[..., :-1])

    @functools.cached_property
    def boxes(self) -> npt.NDArray[np.float64]:
        """(layers, Q, 4) pixels, x0, y0, x1, y1, cut at the border."""
        height, width = self.forward.size_hw
        x, y, w, h = np.moveaxis(self.forward.boxes_cxcywh.astype(np.float64), -1, 0)
        sides = np.stack([x - w / 2, y - h / 2, x + w / 2, y + h / 2], -1).clip(0, 1)
        return np.asarray(sides * np.array([width, height, width, height]))

    @functools.cached_property
    def maps(self) -> AttentionMaps:
        """Its attention."""
        return AttentionMaps(self.forward)

    @functools.cached_property
    def grid(self) -> Grid:
        """Where its cells lie."""
        return Grid.of(self.forward)

    def kept(self, threshold: float = THRESHOLD, layer: int = -1) -> list[tuple[int, str, float]]:
        """Query, label and score of what is above the threshold, best first."""
        found = self.probabilities[layer]
        rows = [
            (query, self.forward.category_names[int(row.argmax())], float(row.max()))
            for query, row in enumerate(found)
            if row.max() > threshold
        ]
        return sorted(rows, key=lambda row: -row[2])

    def labels(self, threshold: float = THRESHOLD, layer: int = -1) -> list[str]:
        """What is found, in the order of the alphabet."""
        return sorted(label for _, label, _ in self.kept(threshold, layer))

    def answer(self, number: int = 1, layer: int = -1) -> tuple[int, str, float, float]:
        """Query, label, score and IoU of what answers for a thing, counted from 1."""
        box = self.composed.boxes_xyxy[number - 1]
        overlaps = np.array([iou(one, box) for one in self.boxes[layer]])
        scores = self.probabilities[layer].max(-1)
        query = int((overlaps * scores).argmax())
        label = self.forward.category_names[int(self.probabilities[layer, query].argmax())]
        return query, label, float(scores[query]), float(overlaps[query])

    def is_found(self, number: int = 1, threshold: float = THRESHOLD) -> bool:
        """Whether a thing is: its own class, above the threshold, with an IoU of at least 0.5."""
        _, label, score, overlap = self.answer(number)
        own = label_of(self.scene.objects[number - 1].sprite)
        return label == own and score > threshold and overlap >= 0.5


def iou(a: npt.NDArray[np.float64], b: npt.NDArray[np.float64]) -> float:
    """Shared area by joint area."""
    width, height = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    areas = [(one[2] - one[0]) * (one[3] - one[1]) for one in (a, b)]
    return float(width * height / (sum(areas) - width * height))


@functools.cache
def detector() -> Detector:
    """The embedded model."""
    card = model_card(LAB_MODEL)
    return Detector.load(card, card.file, "0" * 64)


def look(scene: PreparedScene, off: Iterable[str] = ()) -> Look:
    """Runs the network over a scene.

    Args:
        off: names as in `templates/assets/live/lab_knock.js`.
    """
    composed = compose(scene, SPRITES, size_of_scenes(detector().card.short_side))
    with switched_off(detector().model, off):
        return Look(scene, composed, detector().run(composed.pixels))


def everywhere(mechanism: str) -> list[str]:
    """The names of an attention in all layers."""
    stack, _ = _STACKS[mechanism]
    layers = detector().model.get_submodule(f"transformer.{stack}.layers")
    return [f"{mechanism}.{layer + 1}" for layer in range(len(layers))]  # type: ignore[arg-type]


@contextmanager
def switched_off(model: nn.Module, off: Iterable[str]) -> Iterator[None]:
    """While open, parts of the network are off."""
    with ExitStack() as stack:
        cells = [int(name.split(".")[1]) for name in off if name.startswith("cell.")]
        for name in off:
            mechanism, *numbers = name.split(".")
            if mechanism == "positions":
                stack.enter_context(_without_positions(model))
            elif mechanism in _STACKS:
                layer, *heads = (int(one) - 1 for one in numbers)
                attention = _attention(model, mechanism, layer)
                one = evenly(attention, heads) if heads else silently(attention)
                stack.enter_context(one)
        if cells:
            blocked = torch.zeros(1, 1, _tokens(), dtype=torch.bool)
            blocked[..., cells] = True
            for layer in range(len(everywhere("decoder_cross"))):
                attention = _attention(model, "decoder_cross", layer)
                stack.enter_context(one_memory(attention, blocked))
        yield


def _attention(model: nn.Module, mechanism: str, layer: int) -> nn.MultiheadAttention:
    stack, name = _STACKS[mechanism]
    found = model.get_submodule(f"transformer.{stack}.layers.{layer}.{name}")
    assert isinstance(found, nn.MultiheadAttention)
    return found


def _tokens() -> int:
    height, width = size_of_scenes(detector().card.short_side)
    blank = np.zeros((height, width, 3), np.uint8)
    h, w = detector().run(blank).grid_hw
    return h * w


@contextmanager
def _without_positions(model: nn.Module) -> Iterator[None]:
    """While open, no cell is told where it lies."""
    encoding = next(
        one for name, one in model.named_modules() if type(one).__name__.startswith("Position")
    )
    handle = encoding.register_forward_hook(lambda _, __, output: torch.zeros_like(output))
    try:
        yield
    finally:
        handle.remove()
