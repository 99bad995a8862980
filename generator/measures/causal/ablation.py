"""What the network finds if attention is uniform, or removed.

In: a forward pass, its `CausalTests` and a threshold. Out: `Measurement`s, by mechanism, layer and
head, and whether a few heads carry it all.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from generator.analysis.average_precision import Objects, coco_precision, mean_precision
from generator.analysis.boxes import cut_off, cxcywh_to_xyxy, removed_by_nms
from generator.inference.causal_tests import CausalTests, Predictions
from generator.inference.forward_pass import ForwardPass
from generator.measures.catalogue_causal import (
    ALL_EVEN_DUPLICATES,
    ALL_EVEN_KEPT,
    EVEN_DROP,
    EVEN_KEPT,
    FEW_HEADS,
    REMOVED_AP,
    REMOVED_DETECTED,
    REMOVED_DUPLICATES,
    REMOVED_KEPT,
)
from generator.measures.duplicates import duplicates_by_layer
from generator.measures.measurement import Measurement, Values, measurements_by_head
from generator.measures.mechanisms import (
    DECODER_POINTS,
    ENCODER_POINTS,
    INTACT,
    MECHANISMS,
    SHUFFLED_HEADS,
    Mechanism,
)
from generator.measures.target_boxes import TargetBoxes

_DEALS = 100
"""How often the heads' costs are dealt out anew."""
_FEW = 0.25
"""Which share of the heads counts as a few."""
_SAMPLED = {"encoder_self": ENCODER_POINTS, "decoder_cross": DECODER_POINTS}
"""What is measured where points are read."""


def measure_ablations(
    forward: ForwardPass,
    tests: CausalTests,
    threshold: float,
    truth: TargetBoxes | None = None,
) -> Iterator[Measurement]:
    """Measures every ablation; AP only where the true boxes are known."""
    detected, removed = duplicates_by_layer(forward, threshold)[-1].tolist()
    intact = (detected, removed)
    for name in tests.alone:
        mechanism = _SAMPLED[name] if name in forward.points else MECHANISMS[name]
        costs = _costs(tests, name)  # (L, 1 + H, n)
        for layer, drops in enumerate(costs):
            yield from measurements_by_head(EVEN_DROP, mechanism, layer, drops)
            still = _still(tests.alone[name].probability[layer], threshold)
            yield from measurements_by_head(EVEN_KEPT, mechanism, layer, still)
        yield from _few_heads(mechanism, costs[:, 1:])
        for layer in range(len(costs)):
            for measure, of in ((ALL_EVEN_KEPT, tests.up_to), (REMOVED_KEPT, tests.silent)):
                still = _still(of[name].probability[layer][None], threshold)
                yield from measurements_by_head(measure, mechanism, layer, still)
            yield from _counts(tests, name, mechanism, layer, threshold, intact)
        if truth is not None and len(truth):
            yield from _precisions(forward, tests.silent[name], mechanism, truth)


def _still(probability: npt.NDArray[np.floating], threshold: float) -> Values:
    """1 where a detection is above the threshold, else 0; NaN where its query is another one."""
    return np.where(np.isfinite(probability), (probability > threshold).astype(np.float64), np.nan)


def _counts(
    tests: CausalTests,
    name: str,
    mechanism: Mechanism,
    layer: int,
    threshold: float,
    intact: tuple[int, int],
) -> Iterator[Measurement]:
    """How many boxes there are, and how many of them are duplicates."""
    detected, removed = found_and_removed(tests.silent[name], layer, threshold)
    of_even, even = found_and_removed(tests.up_to[name], layer, threshold)
    for measure, value, before, count in (
        (REMOVED_DETECTED, detected, intact[0], detected),
        (REMOVED_DUPLICATES, removed, intact[1], detected),
        (ALL_EVEN_DUPLICATES, even, intact[1], of_even),
    ):
        controls = ((INTACT.name, float(before)),)
        yield Measurement(measure.name, mechanism.name, layer, None, float(value), count, controls)


def _precisions(
    forward: ForwardPass, silent: Predictions, mechanism: Mechanism, truth: TargetBoxes
) -> Iterator[Measurement]:
    """The AP of the image after each ablation, over its true boxes."""
    names = forward.category_names
    labels = np.array([names.index(one) for one in truth.labels])
    chances = forward.scores()  # (Q, C)
    best = chances.max(axis=1), chances.argmax(axis=1), forward.boxes_cxcywh[-1]
    controls = ((INTACT.name, _precision(labels, truth, *best)),)
    for layer, found in enumerate(zip(silent.scores, silent.classes, silent.boxes_cxcywh,
                                      strict=True)):  # fmt: skip
        value = _precision(labels, truth, *found)
        yield Measurement(REMOVED_AP.name, mechanism.name, layer, None, value, len(truth), controls)


def _precision(
    labels: npt.NDArray[np.int64],
    truth: TargetBoxes,
    scores: npt.NDArray[np.floating],
    classes: npt.NDArray[np.int64],
    boxes_cxcywh: npt.NDArray[np.floating],
) -> float:
    """The AP of one image; predictions of classes that are not there are left out, as they are by
    COCO, and classes are numbered anew, as pycocotools goes through all of them.
    """
    present = np.unique(labels)
    counted = np.isin(classes, present)
    there = Objects(np.searchsorted(present, labels), truth.boxes_xyxy)
    found = Objects(
        np.searchsorted(present, classes[counted]),
        cxcywh_to_xyxy(boxes_cxcywh[counted]),
        scores[counted],
    )
    return mean_precision(coco_precision([there], [found], len(present))) or 0.0


def found_and_removed(predictions: Predictions, layer: int, threshold: float) -> tuple[int, int]:
    """Boxes above the threshold under one condition, and how many of them NMS would remove."""
    kept, boxes_xyxy = found(predictions, layer, threshold)
    return len(kept), int(removed_by_nms(boxes_xyxy, predictions.classes[layer][kept]).sum())


def found(
    predictions: Predictions, layer: int, threshold: float
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """The queries above the threshold, best first, and their boxes (k, 4) as fractions."""
    scores = predictions.scores[layer].astype(np.float64)
    kept = np.flatnonzero(scores > threshold)
    kept = kept[np.lexsort((kept, -scores[kept]))]
    return kept, cut_off(cxcywh_to_xyxy(predictions.boxes_cxcywh[layer][kept]))


def _costs(tests: CausalTests, name: str) -> Values:
    """How much less probable each detection's class is: (L, 1 + H, n)."""
    after = tests.alone[name].probability.astype(np.float64)
    return np.asarray(tests.before.probability.astype(np.float64) - after)


def _few_heads(mechanism: Mechanism, costs: Values) -> Iterator[Measurement]:
    """Whether the same few heads cost most for all detections; costs are (L, H, n)."""
    layers, heads, n = costs.shape
    if not n or not np.isfinite(costs).all():
        return
    flat = costs.reshape(layers * heads, n)
    dealt = np.random.default_rng(0).permuted(np.tile(flat, (_DEALS, 1, 1)), axis=1)
    values, shuffled = (share_of_few(one.mean(axis=-1)) for one in (flat, dealt))
    yield from measurements_by_head(
        FEW_HEADS, mechanism, layers - 1, values.reshape(1, 1), {SHUFFLED_HEADS: shuffled[None]}
    )


def share_of_few(costs: Values) -> Values:
    """The share of the sum of all positive costs that the largest quarter has: (..., k) to (...).

    NaN if nothing costs anything.
    """
    positive = np.sort(np.clip(costs, 0, None), axis=-1)[..., ::-1]
    few = math.ceil(_FEW * positive.shape[-1])
    total = positive.sum(axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(total > 0, positive[..., :few].sum(axis=-1) / total, np.nan))
