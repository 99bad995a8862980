"""What every measure, mechanism and control is: for `measures.json` and for the pages.

In: a name. Out: words. A test compares the names with those that are measured.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

TRUE = "_true"
"""Behind a measure's name: asked of what is really there, not of the model's own boxes."""


@dataclass(frozen=True)
class About:
    """What there is to know about a measure.

    Attributes:
        text: what it is, in a sentence; `count` says of what it is a mean.
        formula: in letters; A_ij is the weight of query i on key j, N the number of keys.
        unit: "" for a pure number.
        range: the ends of the scale.
        source: where it is from.
    """

    text: str
    formula: str
    unit: str
    range: tuple[float, float | None]
    source: str


MECHANISMS: Mapping[str, str] = {
    "encoder_self": "encoder self-attention: cells look at cells",
    "decoder_self": "decoder self-attention: object queries look at object queries",
    "decoder_cross": "decoder cross-attention: object queries look at cells",
    "encoder_rollout": "attention rollout of a cell through all encoder layers",
    "decoder_rollout": "attention rollout of a query through the decoder and the encoder",
    "predictions": "boxes and scores that the heads read from a decoder layer",
}

CONTROLS: Mapping[str, str] = {
    "uniform": "a map with the same weight everywhere",
    "shuffled": "each query's map with the boxes of the other detections, all of them averaged",
    "unmatched": "the queries that were not kept, each with the box it predicted",
    "distance_only": "a map that weights cells by distance alone, as this layer and head does "
    "on average over the image",
    "other_boxes": "the lift of the other boxes, for the same points",
    "other_queries": "the same boxes against the usual places and sizes of the other queries",
}

_ROLLOUT = "arXiv 2005.00928"
_POINTS = "mean over the centres of the boxes"

MEASURES: Mapping[str, About] = {
    "entropy": About(
        "how evenly a row is spread over its keys; 1 is uniform, 0 a single key; mean over the "
        "kept queries, in the encoder over rows",
        "-sum_j A_ij ln A_ij / ln N", "", (0, 1), "arXiv 2303.06296",
    ),
    "distance": About(
        "how far a row looks on average, as a fraction of the grid's diagonal: from a cell, "
        "from the centre of a query's last box, in decoder self-attention between such centres",
        "sum_j A_ij |p_i - p_j| / sqrt(h^2 + w^2)", "diagonals", (0, 1),
        "arXiv 2010.11929, figure 11",
    ),
    "distance_cells": About(
        "how far a row looks on average, in cells of the feature map; otherwise as distance",
        "sum_j A_ij |p_i - p_j|", "cells", (0, None), "arXiv 2010.11929, figure 11",
    ),
    "head_diversity": About(
        "how different the heads' rows are: mean Jensen-Shannon divergence of pairs of heads; "
        "of one head, from all the others",
        "H((P + Q) / 2) - (H(P) + H(Q)) / 2", "bits", (0, 1), "arXiv 1906.04341",
    ),
    "mass": About(
        "the share of a query's map that falls into its box",
        "sum_j A_qj box_j", "", (0, 1), "arXiv 1910.01279",
    ),
    "lift": About(
        "mass over the box's share of the image; 1 for a uniform map",
        "(sum_j A_qj box_j) / (sum_j box_j / N)", "", (0, None), "arXiv 1910.01279",
    ),
    "pointing": About(
        "the share of queries whose largest weight is on a cell that their box touches",
        "box[argmax_j A_qj] > 0", "", (0, 1), "arXiv 1608.00507",
    ),
    "extremity": About(
        "how much of the mass in the box lies in its outer ring, which is half its area; 1 for "
        "an even map; boxes with a side of fewer than 3 cells are left out",
        "(sum_j A_qj ring_j / sum_j A_qj box_j) / (sum_j ring_j / sum_j box_j)", "", (0, 2),
        "ours, for arXiv 2005.12872, figure 6",
    ),
    "own_lift": About(
        f"lift of the box that a point is the centre of, in the point's map; {_POINTS}; its "
        "ratio to `other_boxes` is the instance separation",
        "lift_own", "", (0, None), "arXiv 2005.12872, figure 3",
    ),
    "own_lift_same_class": About(
        "lift of the box that a point is the centre of, in the point's map; of points alone that "
        "have another box of their class, which are the `other_boxes` then",
        "lift_own", "", (0, None), "arXiv 2005.12872, figure 3",
    ),
    "separation": About(
        "instance separation from -1 to 1; 0 if a point gives its own box no more than the "
        "other boxes, 1 if it gives them nothing",
        "(lift_own - lift_others) / (lift_own + lift_others), of the means over points", "",
        (-1, 1), "arXiv 2005.12872, figure 3",
    ),
    "separation_same_class": About(
        "instance separation against boxes of the same class; otherwise as separation",
        "(lift_own - lift_others) / (lift_own + lift_others), of the means over points", "",
        (-1, 1), "arXiv 2005.12872, figure 3",
    ),
    "lift_on_itself": About(
        "the weight that a kept query gives to itself, over that of a uniform row",
        "Q A_ii", "", (0, None), "ours",
    ),
    "lift_on_same_class": About(
        "mean weight on the other queries whose best class is the same, over that on all others",
        "(sum_{j in G} A_ij / |G|) / (sum_{j != i} A_ij / (Q - 1))", "", (0, None), "ours",
    ),
    "lift_on_overlapping": About(
        "mean weight on the queries whose boxes overlap with an IoU above 0.5, over that on all "
        "others",
        "as lift_on_same_class", "", (0, None), "ours",
    ),
    "lift_on_rivals": About(
        "mean weight on the queries of the same class whose boxes overlap, over that on all "
        "others; NMS would choose one of such boxes",
        "as lift_on_same_class", "", (0, None), "ours",
    ),
    "lift_on_kept": About(
        "mean weight on the detections, over that on all others",
        "as lift_on_same_class", "", (0, None), "ours",
    ),
    "divergence_from_raw": About(
        "Jensen-Shannon divergence of a query's rollout from its last layer's map, heads averaged",
        "H((P + Q) / 2) - (H(P) + H(Q)) / 2", "bits", (0, 1), _ROLLOUT,
    ),
    "detected": About(
        "boxes above the threshold after a decoder layer; a number, not a mean",
        "number of queries above the threshold", "boxes", (0, None), "arXiv 2005.12872, figure 4",
    ),
    "duplicates": About(
        "boxes above the threshold that class-wise NMS at an IoU of 0.5 would remove; a number, "
        "not a mean",
        "number of boxes removed", "boxes", (0, None), "arXiv 2005.12872, figure 4",
    ),
    "place_distance": About(
        "how far a query's box is from the mean of the same query's boxes in the other images, "
        "as a fraction of the diagonal of the image taken as a square; mean over all queries",
        "|c_q - mean c_q of other images| / sqrt(2)", "diagonals", (0, 1),
        "ours, for arXiv 2005.12872, figure 7",
    ),
    "size_difference": About(
        "how far the size of a query's box, sqrt(w h) as a fraction of the image, is from the "
        "mean of the same query's boxes in the other images; mean over all queries",
        "|s_q - mean s_q of other images|", "", (0, 1), "ours, for arXiv 2005.12872, figure 7",
    ),
}  # fmt: skip


def about(measure: str) -> About:
    """What there is to know about a measure, also one that is asked of true boxes.

    Raises:
        KeyError: nothing of this name is measured.
    """
    return MEASURES[measure.removesuffix(TRUE)]
