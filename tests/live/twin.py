"""The JavaScript network beside the Python one: pictures in, what each makes of them out.

`Twin` is what JavaScript gave, as arrays of the shapes that a `ForwardPass` has. `assert_equal_to`
holds the bounds that the handout states.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from safetensors.torch import save
from scipy.special import softmax

from generator.analysis.boxes import pixel_boxes
from generator.detr.architecture import DetrArchitecture
from generator.detr.model import DETR
from generator.detr.weights import build_model, prepare
from generator.detr.zoo import ModelCard, model_card
from generator.inference.detector import Detector
from generator.inference.forward_pass import ForwardPass, QueriesAndKeys
from generator.outputs.live.bundle import WORKER_SCRIPTS, Precision, live_bundle
from generator.outputs.live.network import LiveNetwork, live_network, read_tensors
from tests.live.node import LIVE, run

Pixels = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]
MECHANISMS = ("encoder_self", "decoder_self", "decoder_cross")
NETWORK_SCRIPTS = [name for name in WORKER_SCRIPTS if name != "worker.js"]
FORWARD = """
const model = Live.model.load(Live.bundle, { simd: value.simd });
return { simd: model.tensors.kernels.hasSimd,
  found: value.pictures.map((picture, index) =>
    Live.detr.forward(model, picture, value.changes[index])) };
"""
THRESHOLD = 0.5


@dataclass(frozen=True, eq=False)
class Twin:
    """What JavaScript found in one picture; arrays as in `ForwardPass`."""

    logits: Floats
    boxes_cxcywh: Floats
    pairs: Mapping[str, QueriesAndKeys]
    grid_hw: tuple[int, int]
    input_hw: tuple[int, int]
    stride: int
    first_centre: float

    @classmethod
    def of(cls, found: Mapping[str, Any]) -> Twin:
        """From what `Live.detr.forward` gives."""
        attention = found["attention"]
        queries = attention["decoder_cross"][0]["queryCount"]
        return cls(
            np.stack([one.reshape(queries, -1) for one in found["classLogits"]]),
            np.stack([one.reshape(queries, 4) for one in found["boxes"]]),
            {name: _pair(attention[name]) for name in MECHANISMS},
            (found["grid"]["height"], found["grid"]["width"]),
            (found["inputSize"]["height"], found["inputSize"]["width"]),
            found["stride"],
            found["firstCentre"],
        )


def _pair(layers: Sequence[Mapping[str, Any]]) -> QueriesAndKeys:
    heads = layers[0]["heads"]
    q, k = (
        np.stack([one[name].reshape(-1, heads, one["headWidth"]).swapaxes(0, 1) for one in layers])
        for name in ("q", "k")
    )
    return QueriesAndKeys(q, k)


def twins(
    bundle: Path,
    pictures: Sequence[Pixels],
    changes: Sequence[Mapping[str, Any]] | None = None,
    *,
    simd: bool = True,
) -> list[Twin]:
    """Runs the network of a bundle under Node, on each picture with its changes."""
    value = {
        "pictures": [picture_of(one) for one in pictures],
        "changes": changes or [{}] * len(pictures),
        "simd": simd,
    }
    given = run([*NETWORK_SCRIPTS, bundle], FORWARD, value)
    assert given["simd"] == simd
    return [Twin.of(one) for one in given["found"]]


def picture_of(pixels: Pixels) -> dict[str, Any]:
    """(H, W, 3 or 4) as a `Picture`."""
    return {"width": pixels.shape[1], "height": pixels.shape[0], "data": pixels}


def embedded() -> ModelCard:
    """The card of the embedded model."""
    return model_card("detr_emoji")


@functools.cache
def embedded_detector() -> Detector:
    """The embedded model in Python."""
    card = embedded()
    return Detector.load(card, card.file, "0" * 64)


def embedded_network() -> LiveNetwork:
    """The embedded model for the browser."""
    card = embedded()
    return live_network(card, read_tensors(card.file))


def write_bundle(folder: Path, network: LiveNetwork, precision: Precision) -> Path:
    """A bundle's file."""
    path = folder / f"{precision}.js"
    path.write_text(live_bundle(network, LIVE, precision), encoding="utf-8")
    return path


def random_pair(
    folder: Path, architecture: DetrArchitecture, input_of: Mapping[str, Any]
) -> tuple[Detector, Path]:
    """A detector with random weights, and its bundle in single precision."""
    names = tuple(f"class {number}" for number in range(architecture.num_classes))
    card = replace(
        embedded(), architecture=architecture, category_names=names,
        category_ids=tuple(range(len(names))), **input_of,
    )  # fmt: skip
    torch.manual_seed(5)
    model = build_model(card)
    assert isinstance(model, DETR)
    _randomise(model)
    file = folder / "random.safetensors"
    file.write_bytes(save(model.state_dict()))
    bundle = write_bundle(folder, live_network(card, read_tensors(file)), "float32")
    return Detector(card, prepare(model), "0" * 64), bundle


@torch.no_grad()
def _randomise(model: DETR) -> None:
    """Numbers that let each part matter: biases, norms that are not 1 and 0, uneven attention."""
    for name, one in model.state_dict().items():
        if name.endswith("running_var") or ("norm" in name and name.endswith("weight")):
            one.uniform_(0.7, 1.4)
        elif one.dim() == 1:
            one.uniform_(-0.3, 0.3)
        elif name.endswith("in_proj_weight"):
            one *= 4


def assert_equal_to(wanted: ForwardPass, twin: Twin, logits: float) -> None:
    """The same input, cells and numbers, but for rounding: logits, boxes to 0.01 of that, keys."""
    assert (twin.grid_hw, twin.input_hw) == (wanted.grid_hw, wanted.input_hw)
    assert (twin.stride, twin.first_centre) == (wanted.stride, wanted.first_centre)
    np.testing.assert_allclose(twin.logits, wanted.logits, atol=logits, rtol=0)
    np.testing.assert_allclose(twin.boxes_cxcywh, wanted.boxes_cxcywh, atol=logits / 10, rtol=0)
    for name, pair in twin.pairs.items():
        other: QueriesAndKeys = getattr(wanted, name)
        np.testing.assert_allclose(pair.q, other.q, atol=logits, rtol=1e-5)
        np.testing.assert_allclose(pair.k, other.k, atol=logits, rtol=1e-5)


@dataclass(frozen=True)
class Agreement:
    """How far JavaScript is from `detect` in one picture.

    Attributes:
        detections: how many Python found.
        flips: queries that only one of both keeps, or to which they give different classes.
        score, pixels, weight: the largest differences of scores, of the sides of boxes in pixels
            of the picture, both of queries that both keep, and of attention weights.
    """

    detections: int
    flips: int
    score: float
    pixels: float
    weight: float


def agreement_of(wanted: ForwardPass, twin: Twin, threshold: float = THRESHOLD) -> Agreement:
    """Compares what both find above a threshold, and all attention of both."""
    ours, theirs = (softmax(one[-1].astype(np.float64), axis=-1)[:, :-1]
                    for one in (wanted.logits, twin.logits))  # fmt: skip
    kept, other = ours.max(axis=-1) > threshold, theirs.max(axis=-1) > threshold
    both = kept & other
    classes_differ = ours.argmax(axis=-1) != theirs.argmax(axis=-1)
    boxes, their_boxes = (pixel_boxes(one[-1][both], wanted.size_hw)
                          for one in (wanted.boxes_cxcywh, twin.boxes_cxcywh))  # fmt: skip
    return Agreement(
        int(kept.sum()),
        int((kept != other).sum() + (both & classes_differ).sum()),
        _largest(ours.max(axis=-1)[both] - theirs.max(axis=-1)[both]),
        _largest(boxes - their_boxes),
        max(_largest(_weights(getattr(wanted, name)) - _weights(pair))
            for name, pair in twin.pairs.items()),
    )  # fmt: skip


def _largest(difference: npt.NDArray[Any]) -> float:
    return float(np.abs(difference).max(initial=0))


def _weights(pair: QueriesAndKeys) -> Floats:
    """(layers, heads, queries, keys)."""
    logits = pair.q @ pair.k.swapaxes(-1, -2) / math.sqrt(pair.q.shape[-1])
    return np.asarray(softmax(logits, axis=-1), np.float32)
