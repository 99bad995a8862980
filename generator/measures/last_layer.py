"""The few measurements of an image that a reader can take in: the last layer, mean of the heads.

In: all measurements of an image. Out: those of the three attentions and of what was found. Every
layer and head, rollout and what is measured without the sinks are in the JSON.
"""

from __future__ import annotations

from collections.abc import Sequence

from generator.measures.catalogue_sinks import WITHOUT_SINKS
from generator.measures.measurement import Measurement
from generator.measures.mechanisms import ATTENTIONS, PREDICTIONS, Mechanism

MECHANISMS: tuple[Mechanism, ...] = (*ATTENTIONS, PREDICTIONS)
"""What is told of, in the order of the forward pass."""


def last_layer(
    measurements: Sequence[Measurement],
) -> tuple[tuple[Mechanism, tuple[Measurement, ...]], ...]:
    """The measurements of each mechanism that has any, in the order in which they were made."""
    chosen = []
    for mechanism in MECHANISMS:
        own = [one for one in measurements if one.mechanism == mechanism.name and one.head is None]
        last = max((one.layer for one in own), default=0)
        told = tuple(
            one for one in own if one.layer == last and not one.measure.endswith(WITHOUT_SINKS)
        )
        if told:
            chosen.append((mechanism, told))
    return tuple(chosen)
