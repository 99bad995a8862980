"""What DETR found: one forward pass becomes a short list of boxes, labels and scores.

In: a `ForwardPass` and a threshold. Out: `Detections`, in pixels of the original image.
It does not read the attention, and suppresses nothing: DETR needs no NMS.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from generator.analysis.boxes import pixel_boxes
from generator.inference.forward_pass import ForwardPass


@dataclass(frozen=True)
class FurtherClass:
    """A class above the threshold that is not the best one of its query.

    Attributes:
        query: the object query, which is one of the detections.
        category_id, label: the class.
        score: in (threshold, 1], at most that of the query's best class.
    """

    query: int
    category_id: int
    label: str
    score: float


@dataclass(frozen=True)
class Pair:
    """A box with one of the classes of its query, as the library lists it.

    Attributes:
        box_xyxy: left, top, right, bottom in pixels.
    """

    query: int
    category_id: int
    label: str
    score: float
    box_xyxy: tuple[float, float, float, float]


@dataclass(frozen=True, eq=False)
class Detections:
    """The kept queries of one image, best score first, ties by query.

    A query is here once, with its best class. With scores by sigmoid it may have others above the
    threshold: `further` has these, and `pairs` lists all.

    Attributes:
        queries: (n,) int, the object query of each detection.
        category_ids: (n,) int, COCO's ids.
        labels: n names of the categories.
        scores: (n,) float in (threshold, 1], the probability of the category.
        boxes_xyxy: (n, 4) float, left, top, right, bottom in pixels, within the image.
        size_hw: height and width of the image in pixels.
        threshold: the score that each detection exceeds.
        further: the other classes of these queries, best score first.
    """

    queries: npt.NDArray[np.int64]
    category_ids: npt.NDArray[np.int64]
    labels: tuple[str, ...]
    scores: npt.NDArray[np.float64]
    boxes_xyxy: npt.NDArray[np.float64]
    size_hw: tuple[int, int]
    threshold: float
    further: tuple[FurtherClass, ...] = ()

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
        if strays := {one.query for one in self.further} - set(self.queries.tolist()):
            raise ValueError(f"further: of queries that were not kept: {sorted(strays)}")

    def __len__(self) -> int:
        return len(self.labels)

    def pairs(self) -> Iterator[Pair]:
        """Every query with each of its classes, best score first, ties by query."""
        rows = zip(
            self.queries.tolist(),
            self.category_ids.tolist(),
            self.labels,
            self.scores.tolist(),
            strict=True,
        )
        boxes = dict(zip(self.queries.tolist(), self.boxes_xyxy.tolist(), strict=True))
        further = ((one.query, one.category_id, one.label, one.score) for one in self.further)
        for row in sorted((*rows, *further), key=lambda one: (-one[3], one[0])):
            yield Pair(*row, tuple(boxes[row[0]]))


def detect(forward: ForwardPass, threshold: float, layer: int = -1) -> Detections:
    """Keeps the queries whose best category scores above the threshold.

    The best category is one of the real ones: "no object" takes part in a softmax, so
    it lowers the scores, but it is never the label of a detection. With scores by sigmoid a
    query may score above the threshold with several categories, and the pairs of a query and a
    category are sorted and cut, as transformers does it. The query answers with its best category.

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
    scores = forward.scores(layer)  # (queries, C)
    queries, classes = _kept_pairs(scores, threshold, forward.most_pairs)
    _, first = np.unique(queries, return_index=True)  # the best pair of each query
    is_best = np.zeros(len(queries), bool)
    is_best[first] = True
    kept, best = queries[is_best], classes[is_best]
    ids, names = forward.category_ids, forward.category_names
    return Detections(
        queries=kept.astype(np.int64),
        category_ids=np.array([ids[c] for c in best], dtype=np.int64),
        labels=tuple(names[c] for c in best),
        scores=scores[kept, best],
        boxes_xyxy=pixel_boxes(forward.boxes_cxcywh[layer][kept], forward.size_hw),
        size_hw=forward.size_hw,
        threshold=threshold,
        further=tuple(
            FurtherClass(query, ids[c], names[c], float(scores[query, c]))
            for query, c in zip(queries[~is_best].tolist(), classes[~is_best].tolist(), strict=True)
        ),
    )


def _kept_pairs(
    scores: npt.NDArray[np.float64], threshold: float, most: int | None
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Queries and classes of the pairs that are listed, best score first, ties by query.

    Args:
        scores: (queries, C).
        most: how many pairs at most; None for each query's best class alone.
    """
    if most is None:
        classes = scores.argmax(axis=1)
        queries = np.flatnonzero(scores.max(axis=1) > threshold)
        classes = classes[queries]
    else:
        queries, classes = np.nonzero(scores > threshold)
    order = np.lexsort((classes, queries, -scores[queries, classes]))[:most]
    return queries[order], classes[order]


def rounded_down(score: float) -> float:
    """A score to three digits, rounded down, so that only a score of 1 reads as 1."""
    return int(score * 1000) / 1000
