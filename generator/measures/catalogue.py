"""Every measure, described once: its texts, and the mechanisms that it is measured for.

In: nothing. Out: an entry for each measure. The function that computes the numbers refers to it,
and so do figures; claims, quotes and `measures.json` use its name. A test compares all of them.
"""

from __future__ import annotations

from collections.abc import Mapping

from generator.measures.catalogue_causal import CAUSAL_MEASURES
from generator.measures.catalogue_points import POINT_MEASURES
from generator.measures.catalogue_sinks import SINK_MEASURES
from generator.measures.measurement import Measure, Mechanisms
from generator.measures.mechanisms import (
    CEILING,
    DECODER_CROSS,
    DECODER_POINTS,
    DECODER_ROLLOUT,
    DECODER_SELF,
    DISTANCE_ONLY,
    ENCODER_ROLLOUT,
    ENCODER_SELF,
    OTHER_BOXES,
    OTHER_IMAGES,
    OTHER_QUERIES,
    PREDICTIONS,
    SHUFFLED,
    UNIFORM,
    UNMATCHED,
)

TRUE = "_true"
"""The suffix of a measure's name if it uses the true boxes, not the model's own."""

_FIGURE_3 = "arXiv 2005.12872, figure 3"
_FIGURE_4 = "arXiv 2005.12872, figure 4"
_FIGURE_6 = "ours, for arXiv 2005.12872, figure 6"
_FIGURE_7 = "ours, for arXiv 2005.12872, figure 7"
_VIT = "arXiv 2010.11929, figure 11"
_DIVERGENCE = "H((P + Q) / 2) - (H(P) + H(Q)) / 2"
_SEPARATION = "(lift_own - lift_others) / (lift_own + lift_others), of the means over points"

_NOT_KEPT = (UNIFORM, UNMATCHED)
_OF_QUERIES = (DECODER_CROSS, DECODER_ROLLOUT)
_READ = (*_OF_QUERIES, DECODER_POINTS)
_OF_POINTS = (ENCODER_SELF, ENCODER_ROLLOUT)
_BOXES: Mechanisms = dict.fromkeys(_OF_QUERIES, (SHUFFLED, *_NOT_KEPT))
_POINTS: Mechanisms = {DECODER_POINTS: (SHUFFLED, *_NOT_KEPT)}
_MASSES: Mechanisms = {**_BOXES, **_POINTS, DECODER_CROSS: (OTHER_IMAGES, SHUFFLED, *_NOT_KEPT)}
_LIFTS_OF_QUERIES: Mechanisms = {one: (CEILING, *of) for one, of in _MASSES.items()}
_DISTANCES: Mechanisms = {ENCODER_SELF: (UNIFORM,), DECODER_SELF: _NOT_KEPT, **_BOXES}
_LIFTS: Mechanisms = {
    ENCODER_SELF: (CEILING, DISTANCE_ONLY, OTHER_BOXES, UNIFORM),
    ENCODER_ROLLOUT: (CEILING, OTHER_BOXES, UNIFORM),
}
_SEPARATIONS: Mechanisms = {ENCODER_SELF: (DISTANCE_ONLY, UNIFORM), ENCODER_ROLLOUT: (UNIFORM,)}
_AMONG: Mechanisms = {DECODER_SELF: _NOT_KEPT}

ENTROPY = Measure(
    name="entropy",
    text="how evenly a row is spread over its keys; 1 is uniform, 0 a single key; mean over the "
    "kept queries, in the encoder over rows",
    formula="-sum_j A_ij ln A_ij / ln N",
    range=(0, 1),
    source="arXiv 2303.06296",
    mechanisms={ENCODER_SELF: (UNIFORM,), **dict.fromkeys((DECODER_SELF, *_OF_QUERIES), _NOT_KEPT)},
)
DISTANCE = Measure(
    name="distance",
    text="how far a row looks on average, as a fraction of the image's diagonal: from a cell, "
    "from the centre of a query's last box, in decoder self-attention between such centres",
    formula="sum_j A_ij |p_i - p_j| / sqrt(H^2 + W^2)",
    unit="diagonals",
    range=(0, 1),
    source=_VIT,
    mechanisms={**_DISTANCES, **_POINTS},
    of_boxes=_READ,
)
DISTANCE_CELLS = Measure(
    name="distance_cells",
    text="how far a row looks on average, in cells of the feature map; otherwise as distance",
    formula="sum_j A_ij |p_i - p_j|",
    unit="cells",
    range=(0, None),
    source=_VIT,
    mechanisms=_DISTANCES,
    of_boxes=_OF_QUERIES,
)
HEAD_DIVERSITY = Measure(
    name="head_diversity",
    text="how different the heads' rows are: mean Jensen-Shannon divergence of pairs of heads; "
    "of one head, from all the others",
    formula=_DIVERGENCE,
    unit="bits",
    range=(0, 1),
    source="arXiv 1906.04341",
    mechanisms={ENCODER_SELF: (), DECODER_SELF: (UNMATCHED,), DECODER_CROSS: (UNMATCHED,)},
)
MASS = Measure(
    name="mass",
    text="the share of a query's map that falls into its box",
    formula="sum_j A_qj box_j",
    range=(0, 1),
    source="arXiv 1910.01279",
    mechanisms=_MASSES,
    of_boxes=_READ,
)
LIFT = Measure(
    name="lift",
    text="mass over the box's share of the image; 1 for a uniform map, and `ceiling` at most",
    formula="(sum_j A_qj box_j) / (sum_j box_j / N)",
    range=(0, None),
    source="arXiv 1910.01279",
    mechanisms=_LIFTS_OF_QUERIES,
    of_boxes=_READ,
)
POINTING = Measure(
    name="pointing",
    text="the share of queries whose largest weight is on a cell that their box touches",
    formula="box[argmax_j A_qj] > 0",
    range=(0, 1),
    source="arXiv 1608.00507",
    mechanisms=_BOXES,
    of_boxes=_OF_QUERIES,
)
EXTREMITY = Measure(
    name="extremity",
    text="how much of the mass in the box lies in its outer ring, which is half its area; 1 for "
    "a uniform map; boxes with a side of fewer than 3 cells are left out",
    formula="(sum_j A_qj ring_j / sum_j A_qj box_j) / (sum_j ring_j / sum_j box_j)",
    range=(0, 2),
    source=_FIGURE_6,
    mechanisms=dict.fromkeys(_OF_QUERIES, _NOT_KEPT),
    of_boxes=_OF_QUERIES,
)
OWN_LIFT = Measure(
    name="own_lift",
    text="lift of the box that a point is the centre of, in the point's map; mean over the "
    "centres of the boxes; its ratio to `other_boxes` is the instance separation",
    formula="lift_own",
    range=(0, None),
    source=_FIGURE_3,
    mechanisms=_LIFTS,
    of_boxes=_OF_POINTS,
)
OWN_LIFT_SAME_CLASS = Measure(
    name="own_lift_same_class",
    text="lift of the box that a point is the centre of, in the point's map; of points alone that "
    "have another box of their class, which are the `other_boxes` then",
    formula="lift_own",
    range=(0, None),
    source=_FIGURE_3,
    mechanisms=_LIFTS,
    of_boxes=_OF_POINTS,
)
SEPARATION = Measure(
    name="separation",
    text="instance separation from -1 to 1; 0 if a point gives its own box no more than the "
    "other boxes, 1 if it gives them nothing",
    formula=_SEPARATION,
    range=(-1, 1),
    source=_FIGURE_3,
    mechanisms=_SEPARATIONS,
    of_boxes=_OF_POINTS,
)
SEPARATION_SAME_CLASS = Measure(
    name="separation_same_class",
    text="instance separation against boxes of the same class; otherwise as separation",
    formula=_SEPARATION,
    range=(-1, 1),
    source=_FIGURE_3,
    mechanisms=_SEPARATIONS,
    of_boxes=_OF_POINTS,
)
LIFT_ON_ITSELF = Measure(
    name="lift_on_itself",
    text="the weight that a kept query gives to itself, over that of a uniform row",
    formula="Q A_ii",
    range=(0, None),
    source="ours",
    mechanisms=_AMONG,
)
LIFT_ON_SAME_CLASS = Measure(
    name="lift_on_same_class",
    text="mean weight on the other queries whose best class is the same, over that on all others",
    formula="(sum_{j in G} A_ij / |G|) / (sum_{j != i} A_ij / (Q - 1))",
    range=(0, None),
    source="ours",
    mechanisms=_AMONG,
)
LIFT_ON_OVERLAPPING = Measure(
    name="lift_on_overlapping",
    text="mean weight on the queries whose boxes overlap with an IoU above 0.5, over that on all "
    "others",
    formula="as lift_on_same_class",
    range=(0, None),
    source="ours",
    mechanisms=_AMONG,
)
LIFT_ON_RIVALS = Measure(
    name="lift_on_rivals",
    text="mean weight on the queries of the same class whose boxes overlap, over that on all "
    "others; NMS would choose one of such boxes",
    formula="as lift_on_same_class",
    range=(0, None),
    source="ours",
    mechanisms=_AMONG,
)
LIFT_ON_OVERLAPPING_OTHER_CLASS = Measure(
    name="lift_on_overlapping_other_class",
    text="mean weight on the queries of other classes whose boxes overlap, over that on all "
    "others; NMS, which goes class by class, would leave them alone",
    formula="as lift_on_same_class",
    range=(0, None),
    source="ours",
    mechanisms=_AMONG,
)
LIFT_ON_KEPT = Measure(
    name="lift_on_kept",
    text="mean weight on the detections, over that on all others",
    formula="as lift_on_same_class",
    range=(0, None),
    source="ours",
    mechanisms=_AMONG,
)
DIVERGENCE_FROM_RAW = Measure(
    name="divergence_from_raw",
    text="Jensen-Shannon divergence of a query's rollout from its last layer's map, heads averaged",
    formula=_DIVERGENCE,
    unit="bits",
    range=(0, 1),
    source="arXiv 2005.00928",
    mechanisms={DECODER_ROLLOUT: (UNMATCHED,)},
)
DETECTED = Measure(
    name="detected",
    text="boxes above the threshold after a decoder layer; a number, not a mean",
    formula="number of queries above the threshold",
    unit="boxes",
    range=(0, None),
    source=_FIGURE_4,
    mechanisms={PREDICTIONS: ()},
)
DUPLICATES = Measure(
    name="duplicates",
    text="boxes above the threshold that class-wise NMS at an IoU of 0.5 would remove; a number, "
    "not a mean",
    formula="number of boxes removed",
    unit="boxes",
    range=(0, None),
    source=_FIGURE_4,
    mechanisms={PREDICTIONS: ()},
)
PLACE_DISTANCE = Measure(
    name="place_distance",
    text="how far a query's box is from the mean of the same query's boxes in the other images, "
    "as a fraction of the diagonal of the image taken as a square; mean over all queries",
    formula="|c_q - mean c_q of other images| / sqrt(2)",
    unit="diagonals",
    range=(0, 1),
    source=_FIGURE_7,
    mechanisms={PREDICTIONS: (OTHER_QUERIES,)},
)
SIZE_DIFFERENCE = Measure(
    name="size_difference",
    text="how far the size of a query's box, sqrt(w h) as a fraction of the image, is from the "
    "mean of the same query's boxes in the other images; mean over all queries",
    formula="|s_q - mean s_q of other images|",
    range=(0, 1),
    source=_FIGURE_7,
    mechanisms={PREDICTIONS: (OTHER_QUERIES,)},
)

_ABOVE = tuple(one for one in globals().values() if isinstance(one, Measure))
MEASURES = {one.name: one for one in (*_ABOVE, *POINT_MEASURES, *SINK_MEASURES, *CAUSAL_MEASURES)}
ALL_MEASURES = (*MEASURES, *(f"{name}{TRUE}" for name, one in MEASURES.items() if one.of_boxes))
"""The names of all measures, including those of true boxes."""


def about(measure: str) -> Measure:
    """The entry of a measure; its name may end in `_true`.

    Raises:
        KeyError: nothing of this name is measured.
    """
    return MEASURES[measure.removesuffix(TRUE)]


def applies_to(measure: str) -> Mapping[str, tuple[str, ...]]:
    """The names of the mechanisms that a measure exists for, each with those of its controls.

    Raises:
        KeyError: nothing of this name is measured.
    """
    if measure not in ALL_MEASURES:
        raise KeyError(measure)
    entry = about(measure)
    asked = entry.of_boxes if measure.endswith(TRUE) else tuple(entry.mechanisms)
    return {one.name: tuple(control.name for control in entry.mechanisms[one]) for one in asked}
