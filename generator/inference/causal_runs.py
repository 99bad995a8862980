"""How often the causal tests of an image run a network, and what that takes.

In: a plan, the heads of each layer. Out: a number of runs, and a sentence if they take minutes.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from generator.inference.causal_tests import BY_LAYER, CausalPlan

_PATIENCE_S = 120.0
"""What takes longer is announced."""


def planned_runs(plan: CausalPlan, heads: Mapping[str, list[int]], orders: int) -> int:
    """How many masks and ablations a plan asks for; each is one item of a run.

    Args:
        heads: of each layer, by attention; the last layer of the longest one has all knock-outs.
        orders: in how many orders cells are deleted and inserted.
    """
    layers = max(map(len, heads.values()))
    by_kind = plan.knock_outs.any(axis=-1).sum(axis=1)  # (K,)
    in_first = sum(int(count) for count, kind in zip(by_kind, plan.kinds, strict=True)
                   if kind in BY_LAYER)  # fmt: skip
    masks = int(by_kind.sum()) + (layers - 1) * in_first
    steps = np.count_nonzero((plan.counts > 0) & (plan.counts < plan.orders.shape[-1]))
    curves = 2 * int(steps) * orders * len(plan.queries)
    ablations = sum(1 + of_layer + 2 for one in heads.values() for of_layer in one)
    return masks + curves + ablations


def told_if_long(runs: int, seconds: float) -> str | None:
    """What to tell somebody who would wait for minutes; None where it is not worth a word.

    Args:
        seconds: of one run.
    """
    if runs * seconds < _PATIENCE_S:
        return None
    minutes = round(runs * seconds / 60)
    return (
        f"the causal tests run all of this model some {runs} times, which takes about {minutes} "
        "minutes an image here; `causal: off` in site_config.yml leaves them out"
    )
