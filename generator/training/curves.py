"""Where the embedded model ends: the share of objects that it finds, over what makes them hard.

In: scenes with their ground truth, and predictions for them. Out: shares by size, angle and
visible part, and how well scores are calibrated. It runs no model.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from generator.training.metrics import Predictions, found_and_right
from generator.training.scenes import Scene

SIDES = (0.08, 0.11, 0.15, 0.2, 0.3, 0.4, 0.6, 0.85)
"""Bounds of the classes of size: the longer side as a share of the scene's short side."""
DEGREES = (0.0, 10.0, 20.0, 30.0, 45.0, 60.0)
VISIBLE = (0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
SCORES = tuple(i / 10 for i in range(1, 11))
"""Bounds of the bins of scores; what scores less is no detection that anybody would keep."""

Values = npt.NDArray[np.float64]


def share_found(
    scenes: Sequence[Scene], predictions: Sequence[Predictions], threshold: float
) -> dict[str, list[dict[str, Any]]]:
    """The share of objects found, by size, angle and visible part.

    Each curve changes one thing: of the objects that differ little in the other two.

    Returns:
        `side`, `degrees` and `visible`: rows with `low`, `high`, `objects` and `found`, a share or
        None.
    """
    found = np.concatenate(found_and_right(scenes, predictions, threshold)[0])
    sides, degrees, visible = (
        np.concatenate([getattr(scene, name) for scene in scenes]).astype(np.float64)
        for name in ("sides", "degrees", "visible")
    )
    easy_side, easy_turn = (sides >= 0.2) & (sides <= 0.6), np.abs(degrees) <= 15
    easy_view = visible >= 0.85
    return {
        "side": _by(sides, SIDES, found, easy_turn & easy_view),
        "degrees": _by(np.abs(degrees), DEGREES, found, easy_side & easy_view),
        "visible": _by(visible, VISIBLE, found, easy_side & easy_turn),
    }


def _by(
    values: Values, bounds: Sequence[float], found: npt.NDArray[np.bool_], kept: Any
) -> list[dict[str, Any]]:
    rows = []
    for low, high in itertools.pairwise(bounds):
        inside = kept & (values >= low) & ((values < high) | (high == bounds[-1]))
        count = int(inside.sum())
        share = float(found[inside].mean()) if count else None
        rows.append({"low": low, "high": high, "objects": count, "found": share})
    return rows


def calibration(scenes: Sequence[Scene], predictions: Sequence[Predictions]) -> dict[str, Any]:
    """Whether a score is the share of such predictions that are right.

    Returns:
        `expected_calibration_error` (arXiv 1706.04599, eq. 3) of the predictions above the lowest
        of `SCORES`, None if there are none; `bins` with `low`, `high`, `predictions`, and the mean
        `score` and share `right` of each.
    """
    right = np.concatenate(found_and_right(scenes, predictions, SCORES[0])[1])
    scores = np.concatenate([p.scores for p in predictions]).astype(np.float64)
    bins, error, kept = [], 0.0, int((scores > SCORES[0]).sum())
    for low, high in itertools.pairwise(SCORES):
        inside = (scores > low) & (scores <= high)
        count = int(inside.sum())
        score = float(scores[inside].mean()) if count else None
        share = float(right[inside].mean()) if count else None
        if score is not None and share is not None:
            error += count / kept * abs(score - share)
        bins.append(
            {"low": low, "high": high, "predictions": count, "score": score, "right": share}
        )
    return {"expected_calibration_error": error if kept else None, "bins": bins}
