"""What DETR found: one forward pass becomes a short list of boxes, labels and scores.

In: a `ForwardPass` and a threshold. Out: `Detections`, in pixels of the original image.
It does not read the attention, and suppresses nothing: DETR needs no NMS.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from generator.analysis.boxes import pixel_boxes
from generator.inference.forward_pass import ForwardPass


@dataclass(frozen=True, eq=False)
class Detections:
    """The kept queries of one image, best score first, ties by query.

    Attributes:
        queries: (n,) int, the object query of each detection.
        category_ids: (n,) int, COCO's ids.
        labels: n names of the categories.
        scores: (n,) float in (threshold, 1], the probability of the category.
        boxes_xyxy: (n, 4) float, left, top, right, bottom in pixels, within the image.
        size_hw: height and width of the image in pixels.
        threshold: the score that each detection exceeds.
    """

    queries: npt.NDArray[np.int64]
    category_ids: npt.NDArray[np.int64]
    labels: tuple[str, ...]
    scores: npt.NDArray[np.float64]
    boxes_xyxy: npt.NDArray[np.float64]
    size_hw: tuple[int, int]
    threshold: float

    def __post_init__(self) -> None:
        n = len(self.labels)
        shapes = {
            "queries": (self.queries.shape, (n,)),
            "category_ids": (self.category_ids.shape, (n,)),
            "scores": (self.scores.shape, (n,)),
            "boxes_xyxy": (self.boxes_xyxy.shape, (n, 4)),
        }
        for name, (actual, wanted) in shapes.items():
            if actual != wanted:
                raise ValueError(f"{name}: expected shape {wanted}, got {actual}")

    def __len__(self) -> int:
        return len(self.labels)


def detect(forward: ForwardPass, threshold: float, layer: int = -1) -> Detections:
    """Keeps the queries whose best category scores above the threshold.

    The best category is one of the real ones: "no object" takes part in a softmax, so
    it lowers the scores, but it is never the label of a detection. With scores by sigmoid a
    query may score above the threshold with several categories; it answers once, with the best.

    Args:
        forward: one image's forward pass.
        threshold: a probability; a query that scores exactly as much is dropped.
        layer: decoder layer, counted from 0, or from the last one with -1.

    Raises:
        IndexError: the decoder has no such layer.
    """
    layers = len(forward.logits)
    if not -layers <= layer < layers:
        raise IndexError(
            f"there is no decoder layer {layer}: this model has {layers} (0 to {layers - 1})"
        )
    probabilities = forward.scores(layer)  # (queries, C)
    classes = probabilities.argmax(axis=1)
    scores = probabilities.max(axis=1)
    kept = np.flatnonzero(scores > threshold)
    kept = kept[np.lexsort((kept, -scores[kept]))]
    return Detections(
        queries=kept.astype(np.int64),
        category_ids=np.array([forward.category_ids[c] for c in classes[kept]], dtype=np.int64),
        labels=tuple(forward.category_names[c] for c in classes[kept]),
        scores=scores[kept],
        boxes_xyxy=pixel_boxes(forward.boxes_cxcywh[layer][kept], forward.size_hw),
        size_hw=forward.size_hw,
        threshold=threshold,
    )


def rounded_down(score: float) -> float:
    """A score to three digits, rounded down, so that only a score of 1 reads as 1."""
    return int(score * 1000) / 1000
