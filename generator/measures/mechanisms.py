"""Mechanisms, the attentions that are measured, and controls, which numbers are compared with.

In: nothing. Out: a record for each, under the name that it has in `measures.json`, in
`content/claims.yml` and in quotes. They are named nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Mechanism:
    """Something in DETR that is measured.

    Attributes:
        name: as in `Measurement.mechanism`.
        title: its name on pages.
        text: what it is, in a few words.
        has_heads: whether each head has its own numbers.
        is_rollout: whether it goes through all layers, and so has no layer.
        is_sampled: whether points are read, so that there are no maps.
    """

    name: str
    title: str
    text: str
    has_heads: bool = False
    is_rollout: bool = False
    is_sampled: bool = False

    @property
    def title_in_text(self) -> str:
        """The title within a sentence, with a small letter at the start."""
        return self.title[:1].lower() + self.title[1:]


@dataclass(frozen=True)
class Control:
    """A number that shows how large a measure is where no effect is expected.

    Attributes:
        name: as in `Measurement.controls`.
        text: how the number is made.
    """

    name: str
    text: str


ENCODER_SELF = Mechanism(
    "encoder_self",
    "Encoder self-attention",
    "encoder self-attention: cells look at cells",
    has_heads=True,
)
DECODER_SELF = Mechanism(
    "decoder_self",
    "Decoder self-attention",
    "decoder self-attention: object queries look at object queries",
    has_heads=True,
)
DECODER_CROSS = Mechanism(
    "decoder_cross",
    "Decoder cross-attention",
    "decoder cross-attention: object queries look at cells",
    has_heads=True,
)
DECODER_POINTS = Mechanism(
    "decoder_points",
    "Sampled cross-attention",
    "sampled cross-attention: object queries read a few points (arXiv 2010.04159)",
    has_heads=True,
    is_sampled=True,
)
ENCODER_POINTS = Mechanism(
    "encoder_points",
    "Sampled self-attention of the encoder",
    "sampled self-attention of the encoder: cells read a few points (arXiv 2010.04159)",
    has_heads=True,
    is_sampled=True,
)
ENCODER_ROLLOUT = Mechanism(
    "encoder_rollout",
    "Rollout through the encoder",
    "attention rollout of a cell through all encoder layers",
    is_rollout=True,
)
DECODER_ROLLOUT = Mechanism(
    "decoder_rollout",
    "Rollout through decoder and encoder",
    "attention rollout of a query through the decoder and the encoder",
    is_rollout=True,
)
DECODER_RELEVANCE = Mechanism(
    "decoder_relevance",
    "Relevance through the decoder",
    "relevance of the memory's cells for a query's class, by gradients (arXiv 2103.15679)",
    is_rollout=True,
)
PREDICTIONS = Mechanism(
    "predictions",
    "Boxes and scores",
    "boxes and scores that the heads read from a decoder layer",
)

UNIFORM = Control("uniform", "a map with the same weight everywhere")
SHUFFLED = Control(
    "shuffled",
    "each query's map with the boxes of the other detections, all of them averaged",
)
UNMATCHED = Control("unmatched", "the queries that were not kept, each with the box it predicted")
DISTANCE_ONLY = Control(
    "distance_only",
    "a map that weights cells by distance alone, as this layer and head does on average over "
    "the image",
)
OTHER_BOXES = Control("other_boxes", "the lift of the other boxes, for the same points")
OTHER_IMAGES = Control(
    "other_images",
    "the same query's maps on the other images, with this image's boxes: what its usual place "
    "alone would give",
)
CEILING = Control("ceiling", "a map that lies in the box alone: the most that there can be")
ANY_CELLS = Control("any_cells", "as many cells, chosen at random: what is to be expected")
ANY_ON_BORDER = Control(
    "any_on_border",
    "as many cells, chosen at random, with as many of them on the grid's border: what is to be "
    "expected",
)
SHUFFLED_ROWS = Control(
    "shuffled_rows",
    "the same rows, each with its weights at random places, and what is then read most",
)
OTHER_QUERIES = Control(
    "other_queries", "the same boxes against the usual places and sizes of the other queries"
)

# Controls of the causal tests: what else was taken away, or in what other order.
RANDOM_CELLS_CONTROL = Control(
    "random_cells", "as many random cells outside the box, taken away in its place"
)
OTHER_BOX_CELLS = Control(
    "other_box", "the cells of another detection's box taken away in place of its own"
)
SINK_CELLS = Control(
    "sink_cells",
    "as many cells outside the box taken away in its place, those that the encoder reads most",
)
EQUAL_MASS_CELLS = Control(
    "equal_mass", "cells outside the box taken away in their place that had as much attention"
)
SHUFFLED_HEADS = Control(
    "shuffled_heads", "the same, with each detection's costs shuffled among the heads"
)
INTACT = Control("intact", "the same number of the network as it is")
NEARNESS_ORDER = Control(
    "nearness", "the cells ordered by their nearness to the middle of the box instead"
)
RANDOM_ORDER = Control("random_order", "the cells in a random order instead")
OTHER_MAPS = Control(
    "other_maps", "how much the undisturbed map resembles those of the image's other detections"
)

# Every record above, in this order, so that none has to be listed a second time.
_RECORDS = tuple(globals().values())
MECHANISMS: Mapping[str, Mechanism] = {
    one.name: one for one in _RECORDS if isinstance(one, Mechanism)
}
CONTROLS: Mapping[str, Control] = {one.name: one for one in _RECORDS if isinstance(one, Control)}
ATTENTIONS = tuple(one for one in MECHANISMS.values() if one.has_heads and not one.is_sampled)
"""The three attentions of DETR, in the order of the forward pass."""
