"""Whether a map puts first the cells that a detection needs.

In: `CausalTests`. Out: areas under the curves of deletion and insertion, for maps and controls.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from generator.inference.causal_tests import (
    ATTENTION,
    NEARNESS,
    ORDERS,
    RANDOM,
    RELEVANCE,
    ROLLOUT,
    CausalTests,
    Outcomes,
)
from generator.measures.catalogue_causal import DELETION_AREA, INSERTION_AREA
from generator.measures.measurement import Measurement, Values, measurements_by_head
from generator.measures.mechanisms import (
    DECODER_CROSS,
    DECODER_RELEVANCE,
    DECODER_ROLLOUT,
    NEARNESS_ORDER,
    RANDOM_ORDER,
)

_MAPS = {
    DECODER_CROSS: ATTENTION,
    DECODER_ROLLOUT: ROLLOUT,
    DECODER_RELEVANCE: RELEVANCE,
}
_CONTROLS = {NEARNESS_ORDER: NEARNESS, RANDOM_ORDER: RANDOM}


def shares_of_cells(tests: CausalTests) -> Values:
    """Which share of all cells is gone, or given, at each step of the curves: (F,), 0 to 1."""
    return np.asarray(tests.plan.counts / tests.plan.counts[-1])


def area_under(tests: CausalTests, outcomes: Outcomes) -> Values:
    """The area under each curve of similarity, by the trapezoidal rule: (O, n)."""
    heights = outcomes.similarity.astype(np.float64)  # (O, F, n)
    return np.asarray(np.trapezoid(heights, shares_of_cells(tests), axis=1))


def measure_orders(tests: CausalTests) -> Iterator[Measurement]:
    """Measures deletion and insertion by each map, beside nearness and lot."""
    last = tests.knocked_out.probability.shape[1] - 1
    for measure, outcomes in ((DELETION_AREA, tests.deleted), (INSERTION_AREA, tests.inserted)):
        areas = dict(zip(ORDERS, area_under(tests, outcomes), strict=True))
        controls = {control: areas[order][None] for control, order in _CONTROLS.items()}
        for mechanism, order in _MAPS.items():
            yield from measurements_by_head(measure, mechanism, last, areas[order][None], controls)
