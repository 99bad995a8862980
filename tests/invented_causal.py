"""Invented results of causal tests, for the tests of measures, figures and pages."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from generator.analysis.detections import detect
from generator.inference.causal_tests import (
    ATTENTIONS,
    BOX_PART,
    EQUAL_MASS,
    ORDERS,
    OTHER_BOX,
    OWN_BOX,
    RANDOM_CELLS,
    SINKS,
    STAGES,
    CausalPlan,
    CausalTests,
    Outcomes,
    Predictions,
)
from generator.inference.forward_pass import ForwardPass

KINDS = (OWN_BOX, RANDOM_CELLS, RANDOM_CELLS, OTHER_BOX, BOX_PART, EQUAL_MASS, SINKS)


def invented_causal_tests(
    forward: ForwardPass, threshold: float = 0.9, seed: int = 0
) -> CausalTests:
    """Random results that fit a forward pass; its detections are all tested."""
    random = np.random.default_rng(seed)
    queries = detect(forward, threshold).queries
    n, cells = len(queries), forward.grid_hw[0] * forward.grid_hw[1]
    layers, heads = forward.decoder_cross.q.shape[:2]
    everyone = forward.logits.shape[1]

    def numbers(*shape: int) -> Any:
        return random.uniform(0, 1, shape).astype(np.float32)

    def boxes(*shape: int) -> Any:
        return random.uniform(0.2, 0.6, (*shape, 4)).astype(np.float32)

    def outcomes(*shape: int) -> Outcomes:
        return Outcomes(numbers(*shape, n), boxes(*shape, n), numbers(*shape, n))

    def predictions(*shape: int) -> Predictions:
        classes = random.integers(0, forward.logits.shape[2] - 1, (*shape, everyone))
        return Predictions(
            numbers(*shape, everyone), classes, boxes(*shape, everyone), numbers(*shape, n)
        )

    def maps(*shape: int) -> Any:
        made = random.dirichlet(np.ones(cells), (*shape, n))
        return made.astype(np.float32)

    masks = random.uniform(0, 1, (len(KINDS), n, cells)) < 0.3
    masks[..., 0] = True
    counts = np.unique(np.round(np.array([0, 0.1, 0.3, 0.6, 1]) * cells)).astype(np.int64)
    orders = random.permuted(np.tile(np.arange(cells), (len(ORDERS) - 1, n, 1)), axis=-1)
    depth = {one: getattr(forward, one).q.shape[0] for one in ATTENTIONS}
    return CausalTests(
        plan=CausalPlan(
            queries=queries,
            classes=forward.logits[-1][queries, :-1].argmax(axis=1),
            middles=random.integers(0, cells, n),
            kinds=KINDS,
            knock_outs=masks,
            counts=counts,
            orders=orders,
        ),
        before=outcomes(),
        knocked_out=outcomes(len(KINDS), layers),
        deleted=outcomes(len(ORDERS), len(counts)),
        inserted=outcomes(len(ORDERS), len(counts)),
        alone={one: predictions(depth[one], 1 + heads) for one in ATTENTIONS},
        up_to={one: predictions(depth[one]) for one in ATTENTIONS},
        silent={one: predictions(depth[one]) for one in ATTENTIONS},
        relevance=numbers(n, cells),
        shuffled_attention=maps(len(STAGES), 2),
        shuffled_relevance=numbers(len(STAGES), 2, n, cells),
        shuffled_rows=maps(len(STAGES), 2),
    )


def without_maps(tests: CausalTests) -> CausalTests:
    """The same of a model that samples points: what needs a map is NaN, and no order is there."""

    def nothing(array: Any) -> Any:
        return np.full_like(array, np.nan)

    def no_outcomes(one: Outcomes) -> Outcomes:
        return Outcomes(*(nothing(array) for array in vars(one).values()))

    names = ("relevance", "shuffled_attention", "shuffled_relevance", "shuffled_rows")
    return dataclasses.replace(
        tests,
        plan=dataclasses.replace(tests.plan, orders=np.full_like(tests.plan.orders, -1)),
        deleted=no_outcomes(tests.deleted),
        inserted=no_outcomes(tests.inserted),
        **{name: nothing(getattr(tests, name)) for name in names},
    )
