"""What a query finds if it may not look at some cells.

In: `CausalTests` and a threshold. Out: `Measurement`s of the knock-out of the query's own box, by
decoder layer, beside knock-outs of other cells.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np

from generator.analysis.boxes import box_iou, cxcywh_to_xyxy
from generator.inference.causal_tests import (
    BOX_PART,
    EQUAL_MASS,
    OTHER_BOX,
    OWN_BOX,
    RANDOM_CELLS,
    SINKS,
    CausalTests,
)
from generator.inference.forward_pass import ForwardPass
from generator.measures.attention_rows import attention_weights
from generator.measures.catalogue_causal import (
    KNOCK_OUT_DROP,
    KNOCK_OUT_IOU,
    KNOCK_OUT_KEPT,
    MATCHED_MASS,
    PART_DROP,
)
from generator.measures.causal.plan import mass_of_points
from generator.measures.measurement import Measure, Measurement, Values, measurements_by_head
from generator.measures.mechanisms import (
    DECODER_CROSS,
    DECODER_POINTS,
    EQUAL_MASS_CELLS,
    OTHER_BOX_CELLS,
    RANDOM_CELLS_CONTROL,
    SINK_CELLS,
)

_CONTROLS = {
    RANDOM_CELLS: RANDOM_CELLS_CONTROL,
    OTHER_BOX: OTHER_BOX_CELLS,
    SINKS: SINK_CELLS,
}


def drops(tests: CausalTests, kind: str, layer: int = -1) -> Values:
    """How much less probable each detection's class is, (draws, n); NaN where it was not tried."""
    after = tests.knocked_out.probability[_rows(tests, kind), layer]
    return np.asarray(tests.before.probability - after, np.float64)


def overlaps(tests: CausalTests, kind: str, layer: int = -1) -> Values:
    """IoU of each query's box with its undisturbed one, (draws, n)."""
    before = cxcywh_to_xyxy(tests.before.boxes_cxcywh)
    rows = tests.knocked_out.boxes_cxcywh[_rows(tests, kind), layer]  # (draws, n, 4)
    pairs = [np.diagonal(box_iou(cxcywh_to_xyxy(one), before)) for one in rows]
    tried = np.isfinite(rows[..., 0])
    return np.where(tried, np.array(pairs).reshape(tried.shape), np.nan)


def kept(tests: CausalTests, kind: str, threshold: float, layer: int = -1) -> Values:
    """1 for each query that still scores above the threshold with its class, else 0: (draws, n)."""
    after = np.asarray(tests.knocked_out.probability[_rows(tests, kind), layer], np.float64)
    return np.where(np.isfinite(after), after > threshold, np.nan)


def measure_knock_outs(
    forward: ForwardPass, tests: CausalTests, threshold: float
) -> Iterator[Measurement]:
    """Measures what each knock-out costs."""
    ways: Mapping[Measure, Callable[[str, int], Values]] = {
        KNOCK_OUT_DROP: lambda kind, layer: drops(tests, kind, layer),
        KNOCK_OUT_IOU: lambda kind, layer: overlaps(tests, kind, layer),
        KNOCK_OUT_KEPT: lambda kind, layer: kept(tests, kind, threshold, layer),
    }
    layers = tests.knocked_out.probability.shape[1]
    cross = DECODER_POINTS if "decoder_cross" in forward.points else DECODER_CROSS
    for layer in range(layers):
        for measure, of in ways.items():
            controls = {control: of(kind, layer).reshape(1, -1)
                        for kind, control in _CONTROLS.items()}  # fmt: skip
            yield from measurements_by_head(measure, cross, layer, of(OWN_BOX, layer), controls)
    part, equal = drops(tests, BOX_PART), drops(tests, EQUAL_MASS)
    last, tried = layers - 1, np.isfinite(part) & np.isfinite(equal)
    part, equal = (np.where(tried, one, np.nan) for one in (part, equal))
    yield from measurements_by_head(PART_DROP, cross, last, part, {EQUAL_MASS_CELLS: equal})
    masses = np.where(tried, _matched_mass(forward, tests), np.nan)
    yield from measurements_by_head(MATCHED_MASS, cross, last, masses)


def _matched_mass(forward: ForwardPass, tests: CausalTests) -> Values:
    """How much attention the cells of `BOX_PART` have, layers and heads averaged: (1, n)."""
    masks = tests.plan.knock_outs[_rows(tests, BOX_PART)]  # (1, n, N)
    if not forward.has_maps:
        return np.asarray((mass_of_points(forward)[tests.plan.queries] * masks).sum(axis=-1))
    layers = range(len(forward.decoder_cross.q))
    maps = [attention_weights(forward.decoder_cross, one, tests.plan.queries).mean(axis=0)
            for one in layers]  # fmt: skip
    return np.asarray((np.mean(maps, axis=0) * masks).sum(axis=-1))


def _rows(tests: CausalTests, kind: str) -> list[int]:
    return [row for row, one in enumerate(tests.plan.kinds) if one == kind]
