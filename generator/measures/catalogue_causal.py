"""The measures of the causal tests, described once, as `catalogue` describes the others.

In: nothing. Out: an entry for each. Their mechanism says what was taken away, and their layer and
head where; they are of the tested detections, the best ones of an image.
"""

from __future__ import annotations

from generator.measures.measurement import Measure
from generator.measures.mechanisms import (
    DECODER_CROSS,
    DECODER_POINTS,
    DECODER_RELEVANCE,
    DECODER_ROLLOUT,
    DECODER_SELF,
    ENCODER_POINTS,
    ENCODER_SELF,
    EQUAL_MASS_CELLS,
    INTACT,
    NEARNESS_ORDER,
    OTHER_BOX_CELLS,
    OTHER_MAPS,
    RANDOM_CELLS_CONTROL,
    RANDOM_ORDER,
    SHUFFLED_HEADS,
    SINK_CELLS,
)

_OURS = "ours"
_D_RISE = "arXiv 2006.03204"
_SANITY = "arXiv 1810.03292"
_HEADS = "ours, after arXiv 1905.10650"

_KNOCKED = (RANDOM_CELLS_CONTROL, OTHER_BOX_CELLS, SINK_CELLS)
_CROSS = (DECODER_CROSS, DECODER_POINTS)
_ATTENTIONS = (ENCODER_SELF, DECODER_SELF, DECODER_CROSS, ENCODER_POINTS, DECODER_POINTS)
_ORDERED = dict.fromkeys(
    (DECODER_CROSS, DECODER_ROLLOUT, DECODER_RELEVANCE), (NEARNESS_ORDER, RANDOM_ORDER)
)
_WITHOUT = "in the decoder layers up to this one"

KNOCK_OUT_DROP = Measure(
    name="knock_out_drop",
    text="by how much the probability of a detection's class falls if its query may not look at "
    f"the cells of its own box, {_WITHOUT}; the cells are masked before the softmax",
    formula="p_qc - p'_qc",
    range=(-1, 1),
    source=_OURS,
    mechanisms=dict.fromkeys(_CROSS, _KNOCKED),
)
KNOCK_OUT_IOU = Measure(
    name="knock_out_iou",
    text="how much a detection's box overlaps with the undisturbed one if its query may not look "
    f"at the cells of its own box, {_WITHOUT}",
    formula="IoU(b_q, b'_q)",
    range=(0, 1),
    source=_OURS,
    mechanisms=dict.fromkeys(_CROSS, _KNOCKED),
)
KNOCK_OUT_KEPT = Measure(
    name="knock_out_kept",
    text="the share of detections whose query still scores above the threshold with the same class "
    f"if it may not look at the cells of its own box, {_WITHOUT}",
    formula="p'_qc > threshold",
    range=(0, 1),
    source=_OURS,
    mechanisms=dict.fromkeys(_CROSS, _KNOCKED),
)
PART_DROP = Measure(
    name="part_drop",
    text="by how much the probability of a detection's class falls if its query may not look at "
    "cells of its box, in any decoder layer, that have as much attention as the cells of the "
    "control; if the box has more attention than all the rest, these are its least-read cells",
    formula="p_qc - p'_qc",
    range=(-1, 1),
    source=_OURS,
    mechanisms=dict.fromkeys(_CROSS, (EQUAL_MASS_CELLS,)),
)
MATCHED_MASS = Measure(
    name="matched_mass",
    text="how much attention the cells of `part_drop` have, layers and heads averaged",
    formula="min(sum_{j in box} A_qj, sum_{j not in box} A_qj)",
    range=(0, 0.5),
    source=_OURS,
    mechanisms=dict.fromkeys(_CROSS, ()),
)
EVEN_DROP = Measure(
    name="even_drop",
    text="by how much the probability of a detection's class falls if a head gives all keys "
    "the same weight; where no head is named, all heads of the layer",
    formula="p_qc - p'_qc with A_ij = 1 / N",
    range=(-1, 1),
    source=_HEADS,
    mechanisms=dict.fromkeys(_ATTENTIONS, ()),
)
EVEN_KEPT = Measure(
    name="even_kept",
    text="the share of detections whose query still scores above the threshold with the same class "
    "if a head has uniform attention; where no head is named, all heads of the layer",
    formula="p'_qc > threshold, with A_ij = 1 / N",
    range=(0, 1),
    source=_HEADS,
    mechanisms=dict.fromkeys(_ATTENTIONS, ()),
)
FEW_HEADS = Measure(
    name="few_heads",
    text="the share of all that single heads cost (`even_drop`, where it is above 0) that the "
    "costliest quarter of a mechanism's heads has; 0.25 if all cost the same",
    formula="sum of the largest quarter of max(d_h, 0) / sum_h max(d_h, 0)",
    range=(0, 1),
    source=_HEADS,
    mechanisms=dict.fromkeys(_ATTENTIONS, (SHUFFLED_HEADS,)),
)
ALL_EVEN_KEPT = Measure(
    name="all_even_kept",
    text="the share of detections whose query still scores above the threshold with the same class "
    "if all heads of the layers up to this one have uniform attention",
    formula="p'_qc > threshold, with A_ij = 1 / N",
    range=(0, 1),
    source=_OURS,
    mechanisms=dict.fromkeys(_ATTENTIONS, ()),
)
REMOVED_KEPT = Measure(
    name="removed_kept",
    text="the share of detections whose query still scores above the threshold with the same class "
    "if this attention is removed from the layers up to this one",
    formula="p'_qc > threshold, with A V = 0",
    range=(0, 1),
    source=_OURS,
    mechanisms=dict.fromkeys(_ATTENTIONS, ()),
)
REMOVED_DETECTED = Measure(
    name="removed_detected",
    text="boxes above the threshold if this attention is removed from the layers up to this one; a "
    "number, not a mean",
    formula="number of queries above the threshold",
    unit="boxes",
    range=(0, None),
    source=_OURS,
    mechanisms=dict.fromkeys(_ATTENTIONS, (INTACT,)),
)
REMOVED_DUPLICATES = Measure(
    name="removed_duplicates",
    text="boxes above the threshold that class-wise NMS at an IoU of 0.5 would remove if this "
    "attention is removed from the layers up to this one; a number, not a mean",
    formula="number of boxes removed",
    unit="boxes",
    range=(0, None),
    source="ours, for arXiv 2005.12872, section 4.2",
    mechanisms=dict.fromkeys(_ATTENTIONS, (INTACT,)),
)
REMOVED_AP = Measure(
    name="removed_ap",
    text="COCO's average precision of the image by itself, over its true boxes, if this attention "
    "is removed from the layers up to this one; classes that are not there do not count",
    formula="mean of precision over IoU 0.5 to 0.95, recall and the image's classes, with A V = 0",
    range=(0, 1),
    source="arXiv 1405.0312",
    mechanisms=dict.fromkeys(_ATTENTIONS, (INTACT,)),
)
ALL_EVEN_DUPLICATES = Measure(
    name="all_even_duplicates",
    text="boxes above the threshold that class-wise NMS at an IoU of 0.5 would remove if all heads "
    "of the layers up to this one have uniform attention; a number, not a mean",
    formula="number of boxes removed, with A_ij = 1 / N",
    unit="boxes",
    range=(0, None),
    source=_OURS,
    mechanisms=dict.fromkeys(_ATTENTIONS, (INTACT,)),
)
DELETION_AREA = Measure(
    name="deletion_area",
    text="how much of a detection is left while the memory's cells are taken from all queries, the "
    "highest of its map first: the area under the curve; small if the map finds what is needed",
    formula="integral over the share of cells taken of max_j IoU(b, b'_j) cos(p, p'_j) (1 - p'_j0)",
    range=(0, 1),
    source=_D_RISE,
    mechanisms=_ORDERED,
)
INSERTION_AREA = Measure(
    name="insertion_area",
    text="how much of a detection is found while the memory's cells are given to all queries, the "
    "highest of its map first: the area under the curve; large if the map finds what suffices",
    formula="as deletion_area, over the share of cells given",
    range=(0, 1),
    source=_D_RISE,
    mechanisms=_ORDERED,
)
DECODER_SHUFFLED_LIKENESS = Measure(
    name="decoder_shuffled_likeness",
    text="how much a detection's map resembles itself after the decoder's weights were shuffled: "
    "rank correlation over the cells, two shuffles averaged",
    formula="Spearman's rho of A_q and A'_q",
    range=(-1, 1),
    source=_SANITY,
    mechanisms=dict.fromkeys((DECODER_CROSS, DECODER_RELEVANCE), (OTHER_MAPS,)),
)
ALL_SHUFFLED_LIKENESS = Measure(
    name="all_shuffled_likeness",
    text="how much a detection's map, or the row of the cell in the middle of its box, resembles "
    "itself after the weights of decoder and encoder were shuffled; otherwise as "
    "decoder_shuffled_likeness",
    formula="Spearman's rho of A_q and A'_q",
    range=(-1, 1),
    source=_SANITY,
    mechanisms=dict.fromkeys((DECODER_CROSS, DECODER_RELEVANCE, ENCODER_SELF), (OTHER_MAPS,)),
)

CAUSAL_MEASURES: tuple[Measure, ...] = tuple(
    one for one in tuple(globals().values()) if isinstance(one, Measure)
)
"""Every entry above, in this order."""

OF_ALL_HEADS = frozenset(
    one.name
    for one in CAUSAL_MEASURES
    if one.name.startswith(
        ("knock_out", "part_", "matched_", "even_", "all_even", "removed_", "few_")
    )
)
"""The measures for which something was taken from all heads, where no head is named; those of the
others are of the mean of the heads' maps."""
