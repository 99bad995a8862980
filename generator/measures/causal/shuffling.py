"""How much of a map is left when the weights are shuffled (arXiv 1810.03292).

In: a forward pass and its `CausalTests`. Out: rank correlations of maps with themselves, beside
those with the maps of other detections. A map that survives says little about the detection.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt

from generator.inference.causal_tests import (
    ALL_SHUFFLED,
    DECODER_SHUFFLED,
    STAGES,
    CausalTests,
)
from generator.inference.forward_pass import ForwardPass
from generator.measures.attention_rows import Rows, attention_weights
from generator.measures.catalogue_causal import (
    ALL_SHUFFLED_LIKENESS,
    DECODER_SHUFFLED_LIKENESS,
)
from generator.measures.measurement import Measurement, Values, measurements_by_head
from generator.measures.mechanisms import (
    DECODER_CROSS,
    DECODER_RELEVANCE,
    ENCODER_SELF,
    OTHER_MAPS,
    Mechanism,
)

Map = npt.NDArray[np.floating]

_MEASURES = {
    DECODER_SHUFFLED: DECODER_SHUFFLED_LIKENESS,
    ALL_SHUFFLED: ALL_SHUFFLED_LIKENESS,
}


def measure_shuffling(forward: ForwardPass, tests: CausalTests) -> Iterator[Measurement]:
    """Measures how much of each map survives."""
    plan, pairs_of = tests.plan, {DECODER_CROSS: forward.decoder_cross,
                                  DECODER_RELEVANCE: forward.decoder_cross,
                                  ENCODER_SELF: forward.encoder_self}  # fmt: skip
    last = {DECODER_CROSS: len(forward.decoder_cross.q) - 1,
            ENCODER_SELF: len(forward.encoder_self.q) - 1}  # fmt: skip
    last[DECODER_RELEVANCE] = last[DECODER_CROSS]
    ways: dict[Mechanism, Callable[[], Map]] = {
        DECODER_CROSS: lambda: _mean(forward, DECODER_CROSS.name, plan.queries),
        DECODER_RELEVANCE: lambda: tests.relevance,
        ENCODER_SELF: lambda: _mean(forward, ENCODER_SELF.name, plan.middles),
    }
    before = {mechanism: way() for mechanism, way in ways.items() if len(pairs_of[mechanism])}
    after: dict[Mechanism, Map] = {
        DECODER_CROSS: tests.shuffled_attention,
        DECODER_RELEVANCE: tests.shuffled_relevance,
        ENCODER_SELF: tests.shuffled_rows,
    }
    for stage, measure in _MEASURES.items():
        for mechanism in measure.mechanisms:
            drawn = after[mechanism][STAGES.index(stage)]  # (D, n, N)
            if mechanism not in before or np.isnan(drawn).any():
                continue  # sampled attention has no maps, a single stack no decoder
            maps = before[mechanism]
            alike = np.array([np.diagonal(rank_correlations(maps, one)) for one in drawn])
            pairs = rank_correlations(maps, maps)
            others = pairs[~np.eye(len(pairs), dtype=bool)][None]
            yield from measurements_by_head(
                measure, mechanism, last[mechanism], alike.mean(axis=0)[None], {OTHER_MAPS: others}
            )


def rank_correlations(maps: Map, others: Map) -> Values:
    """Spearman's rho of each pair of maps, (n, N) and (m, N) to (n, m); NaN if one is even."""
    from scipy.stats import rankdata  # only here: a build without causal tests needs it not

    first, second = (_standardised(rankdata(one, axis=-1)) for one in (maps, others))
    return np.asarray(first @ second.T)


def _standardised(ranks: Values) -> Values:
    away = ranks - ranks.mean(axis=-1, keepdims=True)
    size = np.linalg.norm(away, axis=-1, keepdims=True)
    out = np.full_like(away, np.nan)
    return np.asarray(np.divide(away, size, out=out, where=size > 0))


def _mean(forward: ForwardPass, attention: str, rows: Rows) -> Values:
    """The last layer's rows, heads averaged: (n, N)."""
    pair = getattr(forward, attention)
    return np.asarray(attention_weights(pair, len(pair.q) - 1, rows).mean(axis=0))
