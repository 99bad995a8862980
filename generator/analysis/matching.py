"""Which query is matched with which object: DETR's bipartite matching, for one image.

In: the queries' predictions and the ground truth. Out: the cost of every pair in its three
parts, and the assignment of lowest total cost (arXiv 2005.12872, equation 1 and the cost
below it). It is the matching that training does, in NumPy; it draws nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from generator.analysis.boxes import cxcywh_to_xyxy, generalised_iou, pixel_boxes
from generator.analysis.ground_truth import GroundTruth
from generator.inference.forward_pass import ForwardPass

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class CostWeights:
    """Weights of the three parts of the cost; the official values."""

    classes: float = 1.0
    l1: float = 5.0
    giou: float = 2.0


@dataclass(frozen=True, eq=False)
class MatchingCosts:
    """The cost of each pair of a query and an object, weights included; all (queries, objects).

    Attributes:
        classes: minus the probability of the object's class, in [-1, 0] at weight 1; with scores
            by sigmoid the difference of two focal losses, from about -14 to 5 at weight 1.
        l1: the sum of the four differences of centre, width and height as fractions of the
            image, in [0, 20] at weight 5.
        giou: 1 minus the generalised IoU of the two boxes, in [0, 4] at weight 2.
    """

    classes: Floats
    l1: Floats
    giou: Floats

    @property
    def total(self) -> Floats:
        """The sum of the parts; at the official weights, a perfect prediction costs -1."""
        return np.asarray(self.classes + self.l1 + self.giou)


@dataclass(frozen=True, eq=False)
class Matching:
    """The matching of one image, with all that a figure needs.

    Attributes:
        truth: the objects.
        queries: (n,) int, the query of each object; -1 if there are too few queries.
        costs: of every pair of a query and an object.
        labels: Q names, each query's best class, "no object" left out.
        scores: (Q,) float, the probability of that class.
        boxes_xyxy: (Q, 4) float, every query's box in pixels, within the image.
    """

    truth: GroundTruth
    queries: npt.NDArray[np.int64]
    costs: MatchingCosts
    labels: tuple[str, ...]
    scores: Floats
    boxes_xyxy: Floats

    def __len__(self) -> int:
        return len(self.queries)

    @property
    def num_queries(self) -> int:
        """How many queries the model has."""
        return len(self.labels)


def match_objects(forward: ForwardPass, truth: GroundTruth, layer: int = -1) -> Matching:
    """Matches the predictions of a decoder layer with the ground truth.

    Args:
        layer: decoder layer, counted from 0, or from the last one with -1.
    """
    probabilities = forward.scores(layer)  # (Q, C)
    boxes = forward.boxes_cxcywh[layer]
    costs = matching_costs(
        probabilities,
        boxes,
        truth.classes,
        truth.boxes_cxcywh,
        CostWeights(*forward.matching_weights),
        is_focal=forward.score == "sigmoid",
    )
    best = probabilities.argmax(axis=1)
    return Matching(
        truth=truth,
        queries=cheapest_matching(costs.total),
        costs=costs,
        labels=tuple(forward.category_names[c] for c in best),
        scores=probabilities.max(axis=1),
        boxes_xyxy=pixel_boxes(boxes, forward.size_hw),
    )


def matching_costs(
    probabilities: npt.NDArray[np.floating],
    boxes_cxcywh: npt.NDArray[np.floating],
    classes: npt.NDArray[np.int64],
    true_cxcywh: npt.NDArray[np.floating],
    weights: CostWeights = CostWeights(),
    *,
    is_focal: bool = False,
) -> MatchingCosts:
    """The cost of giving each object to each query.

    The formula is -p_q(c_i) + 5 |b_i - b_q|_1 + 2 (1 - GIoU(b_i, b_q)). The official code
    leaves the 1 out, which lowers every cost by 2 and changes no matching. A model with scores by
    sigmoid was trained with the difference of two focal losses in the class's place
    (arXiv 2010.04159, code): 0.25 (1 - p)^2 (-ln p) - 0.75 p^2 (-ln(1 - p)).

    Args:
        probabilities: (Q, C), or (Q, C + 1) after a softmax, "no object" last.
        boxes_cxcywh: (Q, 4) predicted boxes, fractions of the image.
        classes: (n,) indices of the objects' classes.
        true_cxcywh: (n, 4) true boxes, fractions of the image, each of positive size.
        is_focal: whether the class's cost is that of focal losses.
    """
    predicted, true = (np.asarray(one, np.float64) for one in (boxes_cxcywh, true_cxcywh))
    l1 = np.abs(predicted[:, None] - true[None]).sum(axis=2)  # (Q, n)
    giou = generalised_iou(cxcywh_to_xyxy(predicted), cxcywh_to_xyxy(true))
    chosen = np.asarray(probabilities, np.float64)[:, classes]  # (Q, n)
    of_class = _focal(chosen) if is_focal else -chosen
    return MatchingCosts(weights.classes * of_class, weights.l1 * l1, weights.giou * (1 - giou))


def _focal(chosen: Floats) -> Floats:
    """How much dearer it is to answer with a class of this score than without it."""
    alpha, small = 0.25, 1e-8
    yes = alpha * (1 - chosen) ** 2 * -np.log(chosen + small)
    no = (1 - alpha) * chosen**2 * -np.log(1 - chosen + small)
    return np.asarray(yes - no)


def cheapest_matching(costs: Floats) -> npt.NDArray[np.int64]:
    """The one-to-one assignment of lowest total cost, by the Hungarian algorithm.

    Args:
        costs: (Q, n), of any pair of a query and an object.

    Returns:
        (n,) the query of each object, each query at most once; -1 for objects without a
        query, as objects may outnumber queries.
    """
    from scipy.optimize import linear_sum_assignment  # only here: few images have true boxes

    queries, objects = linear_sum_assignment(costs)
    matched = np.full(costs.shape[1], -1, np.int64)
    matched[objects] = queries
    return matched
