"""What the network finds if attention does not choose where it looks, or adds nothing.

In: a forward pass, its `CausalTests` and a threshold. Out: `Measurement`s, by mechanism, layer and
head, and whether a few heads carry it all.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from generator.analysis.boxes import cut_off, cxcywh_to_xyxy, removed_by_nms
from generator.inference.causal_tests import CausalTests, Predictions
from generator.inference.forward_pass import ForwardPass
from generator.measures.catalogue_causal import (
    ALL_EVEN_KEPT,
    EVEN_DROP,
    EVEN_KEPT,
    FEW_HEADS,
    REMOVED_DETECTED,
    REMOVED_DUPLICATES,
    REMOVED_KEPT,
)
from generator.measures.duplicates import duplicates_by_layer
from generator.measures.measurement import Measurement, Values, measurements_by_head
from generator.measures.mechanisms import HEADS_BY_LOT, INTACT, MECHANISMS, Mechanism

_DEALS = 100
"""How often the heads' costs are dealt out anew."""
_FEW = 0.25
"""Which share of the heads counts as a few."""


def measure_ablations(
    forward: ForwardPass, tests: CausalTests, threshold: float
) -> Iterator[Measurement]:
    """Measures every ablation."""
    intact = duplicates_by_layer(forward, threshold)[-1]
    for name in tests.alone:
        mechanism = MECHANISMS[name]
        costs = _costs(tests, name)  # (L, 1 + H, n)
        for layer, drops in enumerate(costs):
            yield from measurements_by_head(EVEN_DROP, mechanism, layer, drops)
            still = tests.alone[name].probability[layer] > threshold
            yield from measurements_by_head(EVEN_KEPT, mechanism, layer, still.astype(np.float64))
        yield from _few_heads(mechanism, costs[:, 1:])
        for layer in range(len(costs)):
            for measure, of in ((ALL_EVEN_KEPT, tests.up_to), (REMOVED_KEPT, tests.silent)):
                still = of[name].probability[layer][None] > threshold
                yield from measurements_by_head(measure, mechanism, layer, still.astype(np.float64))
            counts = found_and_removed(tests.silent[name], layer, threshold)
            for measure, value, before in zip(
                (REMOVED_DETECTED, REMOVED_DUPLICATES), counts, intact.tolist(), strict=True
            ):
                controls = ((INTACT.name, float(before)),)
                yield Measurement(
                    measure.name, name, layer, None, float(value), counts[0], controls
                )


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
    if not n:
        return
    flat = costs.reshape(layers * heads, n)
    dealt = np.random.default_rng(0).permuted(np.tile(flat, (_DEALS, 1, 1)), axis=1)
    values, by_lot = (share_of_few(one.mean(axis=-1)) for one in (flat, dealt))
    yield from measurements_by_head(
        FEW_HEADS, mechanism, layers - 1, values.reshape(1, 1), {HEADS_BY_LOT: by_lot[None]}
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
