"""The catalogue's entries about attention sinks, the few cells that are read by all others.

In: nothing. Out: the measures of sinks themselves, and measures of the encoder's self-attention
with the sinks taken out. `catalogue` lists them with all the others. Sinks were first described
for language models (arXiv 2309.17453), and for vision transformers, as artefacts of their
attention maps, in arXiv 2309.16588; the measures are ours.
"""

from __future__ import annotations

from generator.measures.measurement import Measure
from generator.measures.mechanisms import (
    ANY_CELLS,
    ANY_ON_BORDER,
    CEILING,
    DISTANCE_ONLY,
    ENCODER_SELF,
    OTHER_BOXES,
    SHUFFLED_ROWS,
    UNIFORM,
)

WITHOUT_SINKS = "_without_sinks"
"""The end of a measure's name if the most-read cells are taken out of the keys, each map's own
5 %, and what is left of each row is scaled to sum to 1."""

_SOURCE = "ours, after arXiv 2309.16588"
_RENORMALISED = "with A_ij / sum_{k not in S} A_ik, j not in S, in place of A_ij"
_SINKS = "without the most-read 5 % of the cells"

SINK_SHARE = Measure(
    name="sink_share",
    text="the share of all weight that goes to S, the most-read 5 % of the cells, those with the "
    "largest column sums",
    formula="sum_i sum_{j in S} A_ij / N",
    range=(0, 1),
    source=_SOURCE,
    mechanisms={ENCODER_SELF: (ANY_CELLS, SHUFFLED_ROWS)},
)
SINK_PEAK = Measure(
    name="sink_peak",
    text="how often more than the average cell the most-read cell is read: the largest column sum "
    "over the mean of all column sums, which is 1",
    formula="max_j sum_i A_ij",
    range=(1, None),
    source=_SOURCE,
    mechanisms={ENCODER_SELF: (SHUFFLED_ROWS,)},
)
SINK_ON_BORDER = Measure(
    name="sink_on_border",
    text="the share of the most-read 5 % of the cells that lie on the grid's border",
    formula="|S and border| / |S|",
    range=(0, 1),
    source=_SOURCE,
    mechanisms={ENCODER_SELF: (ANY_CELLS,)},
)
SINK_IN_BOXES = Measure(
    name="sink_in_boxes",
    text="the share of the most-read 5 % of the cells that a detection's box touches: cells that "
    "may be read for what they show",
    formula="|S and boxes| / |S|",
    range=(0, 1),
    source=_SOURCE,
    mechanisms={ENCODER_SELF: (ANY_CELLS,)},
    of_boxes=(ENCODER_SELF,),
)
SINK_BRIGHTEST = Measure(
    name="sink_brightest",
    text="the share of rows whose brightest cell is one of the most-read 5 %",
    formula="argmax_j A_ij in S",
    range=(0, 1),
    source=_SOURCE,
    mechanisms={ENCODER_SELF: (ANY_CELLS,)},
)
SAME_SINKS = Measure(
    name="same_sinks",
    text="the share of an image's most-read 5 % of the cells that are at the place of one in "
    "another image, places being fractions of the grid; mean over the other images",
    formula="|S_a and S_b| / |S_a|",
    range=(0, 1),
    source=_SOURCE,
    mechanisms={ENCODER_SELF: (ANY_CELLS, ANY_ON_BORDER)},
)
SINK_SHARE_WITHOUT_SINKS = Measure(
    name=f"sink_share{WITHOUT_SINKS}",
    text="once S is taken out, the share of all weight that is left which goes to the most-read "
    "cells of the rest, as many again; where it is large, S was not all that is read by everybody",
    formula=f"sum_i sum_{{j in S'}} A_ij / N, {_RENORMALISED}",
    range=(0, 1),
    source=_SOURCE,
    mechanisms={ENCODER_SELF: (ANY_CELLS,)},
)
ENTROPY_WITHOUT_SINKS = Measure(
    name=f"entropy{WITHOUT_SINKS}",
    text=f"how evenly a row is spread over its keys, {_SINKS}; otherwise as entropy",
    formula=f"-sum_j A_ij ln A_ij / ln (N - |S|), {_RENORMALISED}",
    range=(0, 1),
    source=_SOURCE,
    mechanisms={ENCODER_SELF: (UNIFORM,)},
)
DISTANCE_WITHOUT_SINKS = Measure(
    name=f"distance{WITHOUT_SINKS}",
    text=f"how far a row looks on average, {_SINKS}; otherwise as distance",
    formula=f"sum_j A_ij |p_i - p_j| / sqrt(h^2 + w^2), {_RENORMALISED}",
    unit="diagonals",
    range=(0, 1),
    source=_SOURCE,
    mechanisms={ENCODER_SELF: (UNIFORM,)},
)


def _of_points(name: str, text: str, formula: str, low: int, high: int | None) -> Measure:
    """A measure of points in boxes without the sinks, with the controls of the one with them."""
    controls = (DISTANCE_ONLY, UNIFORM) if high else (CEILING, DISTANCE_ONLY, OTHER_BOXES, UNIFORM)
    return Measure(
        name=f"{name}{WITHOUT_SINKS}",
        text=f"{text}, {_SINKS}; otherwise as {name}",
        formula=f"{formula}, {_RENORMALISED}",
        range=(low, high),
        source=_SOURCE,
        mechanisms={ENCODER_SELF: controls},
        of_boxes=(ENCODER_SELF,),
    )


_LIFT = "lift of the box that a point is the centre of"
_INDEX = "(lift_own - lift_others) / (lift_own + lift_others)"
SINK_MEASURES = (
    SINK_SHARE,
    SINK_PEAK,
    SINK_ON_BORDER,
    SINK_IN_BOXES,
    SINK_BRIGHTEST,
    SAME_SINKS,
    SINK_SHARE_WITHOUT_SINKS,
    ENTROPY_WITHOUT_SINKS,
    DISTANCE_WITHOUT_SINKS,
    _of_points("own_lift", _LIFT, "lift_own", 0, None),
    _of_points("own_lift_same_class", _LIFT, "lift_own", 0, None),
    _of_points("separation", "instance separation", _INDEX, -1, 1),
    _of_points("separation_same_class", "instance separation in a class", _INDEX, -1, 1),
)
"""All of them, in the order of the catalogue."""
