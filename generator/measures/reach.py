"""Which measure is made of which mechanism, and beside which controls.

In: names. Out: whether they go together, so that a claim or a page that asks for what is
never measured is told so. A test compares the table with what is measured.
"""

from __future__ import annotations

from collections.abc import Mapping

from generator.measures.catalogue import TRUE

Reach = Mapping[str, tuple[str, ...]]
"""The controls of a measure, by mechanism."""

_NOT_KEPT = ("uniform", "unmatched")
_SHUFFLED = ("shuffled", "uniform", "unmatched")
_BOX = {"decoder_cross": _SHUFFLED, "decoder_rollout": _SHUFFLED}
_DISTANCE = {"encoder_self": ("uniform",), "decoder_self": _NOT_KEPT, **_BOX}
_OWN_LIFT = {
    "encoder_self": ("distance_only", "other_boxes", "uniform"),
    "encoder_rollout": ("other_boxes", "uniform"),
}
_SEPARATION = {"encoder_self": ("distance_only", "uniform"), "encoder_rollout": ("uniform",)}
_AMONG = {"decoder_self": _NOT_KEPT}

REACH: Mapping[str, Reach] = {
    "entropy": {
        "encoder_self": ("uniform",),
        "decoder_self": _NOT_KEPT,
        "decoder_cross": _NOT_KEPT,
        "decoder_rollout": _NOT_KEPT,
    },
    "distance": _DISTANCE,
    "distance_cells": _DISTANCE,
    "head_diversity": {
        "encoder_self": (),
        "decoder_self": ("unmatched",),
        "decoder_cross": ("unmatched",),
    },
    "mass": _BOX,
    "lift": _BOX,
    "pointing": _BOX,
    "extremity": {"decoder_cross": _NOT_KEPT, "decoder_rollout": _NOT_KEPT},
    "own_lift": _OWN_LIFT,
    "own_lift_same_class": _OWN_LIFT,
    "separation": _SEPARATION,
    "separation_same_class": _SEPARATION,
    "lift_on_itself": _AMONG,
    "lift_on_same_class": _AMONG,
    "lift_on_overlapping": _AMONG,
    "lift_on_rivals": _AMONG,
    "lift_on_kept": _AMONG,
    "divergence_from_raw": {"decoder_rollout": ("unmatched",)},
    "detected": {"predictions": ()},
    "duplicates": {"predictions": ()},
    "place_distance": {"predictions": ("other_queries",)},
    "size_difference": {"predictions": ("other_queries",)},
}

_OF_BOXES = (
    "mass", "lift", "pointing", "extremity", "distance", "distance_cells",
    "own_lift", "own_lift_same_class", "separation", "separation_same_class",
)  # fmt: skip
_WITHOUT_TRUE = {"distance": ("encoder_self", "decoder_self")}
_WITHOUT_TRUE["distance_cells"] = _WITHOUT_TRUE["distance"]

ALL_MEASURES: tuple[str, ...] = (*REACH, *(f"{name}{TRUE}" for name in _OF_BOXES))
"""Every measure that can be asked for, those of true boxes among them."""


def reach_of(measure: str) -> Reach:
    """The mechanisms of a measure, each with its controls.

    Raises:
        KeyError: nothing of this name is measured.
    """
    if measure not in ALL_MEASURES:
        raise KeyError(measure)
    name = measure.removesuffix(TRUE)
    without = _WITHOUT_TRUE.get(name, ()) if measure.endswith(TRUE) else ()
    return {one: controls for one, controls in REACH[name].items() if one not in without}
