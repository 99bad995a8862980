"""All results of a gallery entry's forward pass, computed once.

In: pixels, a `ForwardPass` and the entry's settings. Out: an `EntryAnalysis`. Measures and
figures share it, so that nothing is detected, matched or rebuilt twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from generator.analysis.attention import AttentionMaps
from generator.analysis.cells import reference_points
from generator.analysis.detections import Detections, detect
from generator.analysis.grid import Point
from generator.analysis.ground_truth import ground_truth
from generator.analysis.matching import Matching, match_objects
from generator.inference.causal_tests import CausalTests
from generator.inference.forward_pass import ForwardPass
from generator.project.annotations import Annotation


@dataclass(frozen=True, eq=False)
class EntryAnalysis:
    """The data of one entry for measures and figures.

    Attributes:
        pixels: (H, W, 3) uint8, RGB, the image that `forward` is of.
        points: reference points, (x, y) as fractions of width and height.
        matching: which query is matched with which object; None without annotations.
        causal: what became of the detections when attention was taken away; None if that was
            not tried.
    """

    pixels: npt.NDArray[np.uint8]
    forward: ForwardPass
    detections: Detections
    maps: AttentionMaps
    points: tuple[Point, ...]
    matching: Matching | None = None
    causal: CausalTests | None = None


def analyse(
    pixels: npt.NDArray[np.uint8],
    forward: ForwardPass,
    threshold: float,
    points: tuple[Point, ...] | None = None,
    annotations: Sequence[Annotation] | None = None,
    causal: CausalTests | None = None,
) -> EntryAnalysis:
    """Detects, matches and chooses the points.

    Args:
        pixels: (H, W, 3) uint8, RGB, the image that `forward` is of.
        threshold: the score that a detection exceeds.
        points: None leaves the choice to `reference_points`.
        annotations: what is really in the image; None if it is not annotated.
        causal: the results of the causal tests, if they were made.

    Raises:
        ObjectsError: an annotation cannot be true of the image.
    """
    detections = detect(forward, threshold)
    matching = None
    if annotations is not None:
        truth = ground_truth(annotations, forward.category_names, forward.size_hw)
        matching = match_objects(forward, truth)
    return EntryAnalysis(
        pixels,
        forward,
        detections,
        AttentionMaps(forward),
        reference_points(forward, detections, points),
        matching,
        causal,
    )
