"""The matching in NumPy, compared with every permutation and with the matching of training."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np
import pytest
import torch

from generator.analysis.detections import detect
from generator.analysis.ground_truth import ground_truth
from generator.analysis.matching import (
    CostWeights,
    cheapest_matching,
    match_objects,
    matching_costs,
)
from generator.inference.forward_pass import ForwardPass
from generator.project.annotations import Annotation
from generator.training import matcher

MakeForward = Callable[..., ForwardPass]
CLASSES = 4


def random_case(seed: int, queries: int, n: int) -> tuple[np.ndarray, ...]:
    """Logits (Q, C + 1), boxes (Q, 4), classes (n,), true boxes (n, 4)."""
    random = np.random.default_rng(seed)
    boxes = [
        np.concatenate([random.uniform(0.2, 0.8, (m, 2)), random.uniform(0.05, 0.4, (m, 2))], 1)
        for m in (queries, n)
    ]
    logits = random.normal(0, 2, (queries, CLASSES + 1))
    return logits, boxes[0], random.integers(0, CLASSES, n), boxes[1]


@pytest.mark.parametrize(("queries", "n"), [(1, 1), (20, 1), (20, 8), (100, 20), (3, 5)])
def test_it_agrees_with_the_matching_of_training(queries: int, n: int) -> None:
    for seed in range(5):
        logits, boxes, classes, true = random_case(seed, queries, n)
        probabilities = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
        costs = matching_costs(probabilities, boxes, classes, true)
        truth = matcher.Truth(torch.tensor(classes), torch.tensor(true))
        there = torch.tensor(logits)[None, None], torch.tensor(boxes)[None, None]
        trained = matcher.matching_costs(*there, [truth], matcher.MatchingCost())[0, 0].numpy()
        # Training leaves out the constant 1 of "1 - GIoU", which changes no matching.
        np.testing.assert_allclose(costs.total, trained + CostWeights().giou, atol=1e-9)
        _, _, rows, columns = matcher.match(*there, [truth])
        expected = np.full(n, -1)
        expected[columns.numpy()] = rows.numpy()
        assert cheapest_matching(costs.total).tolist() == expected.tolist()


@pytest.mark.parametrize("n", [0, 1, 3])
def test_no_other_matching_is_cheaper(n: int) -> None:
    costs = np.random.default_rng(n).normal(size=(6, n))
    found = cheapest_matching(costs)
    assert len(set(found.tolist())) == n
    least = min(
        sum(costs[q, i] for i, q in enumerate(order))
        for order in itertools.permutations(range(6), n)
    )
    assert sum(costs[q, i] for i, q in enumerate(found)) == pytest.approx(least)


def test_the_cheapest_query_of_an_object_can_go_to_another() -> None:
    costs = np.array([[0.0, 0.1], [0.5, 9.0]])
    assert cheapest_matching(costs).tolist() == [1, 0]


def test_too_few_queries_leave_objects_without() -> None:
    assert cheapest_matching(np.array([[5.0, 1.0, 3.0]])).tolist() == [-1, 0, -1]


def test_a_perfect_prediction_costs_minus_one_and_parts_have_their_ranges() -> None:
    box = np.array([[0.5, 0.5, 0.2, 0.4]])
    costs = matching_costs(np.array([[0.0, 1.0, 0.0]]), box, np.array([1]), box)
    parts = costs.classes, costs.l1, costs.giou, costs.total
    assert [part.item() for part in parts] == [-1, 0, 0, -1]
    corner = matching_costs(
        np.array([[0.0, 0.0, 1.0]]),
        np.array([[0, 0, 0, 0]]),
        np.array([1]),
        np.array([[1, 1, 1, 1]]),
    )
    assert (corner.classes.item(), corner.l1.item()) == (0, 20)
    assert 2 < corner.giou.item() <= 4


def test_each_part_by_hand() -> None:
    predicted, true = np.array([[0.5, 0.5, 0.4, 0.4]]), np.array([[0.6, 0.5, 0.4, 0.2]])
    costs = matching_costs(np.array([[0.25, 0.5, 0.25]]), predicted, np.array([0]), true)
    # Overlap 0.3 x 0.2, areas 0.16 and 0.08, union 0.18, the box around both 0.5 x 0.4.
    giou = 0.06 / 0.18 - (0.2 - 0.18) / 0.2
    assert costs.classes.item() == pytest.approx(-0.25)
    assert costs.l1.item() == pytest.approx(5 * (0.1 + 0.2))
    assert costs.giou.item() == pytest.approx(2 * (1 - giou))


def test_a_forward_pass_is_matched_with_the_ground_truth(make_forward: MakeForward) -> None:
    forward = make_forward(size_hw=(96, 128), detections=3)
    found = detect(forward, 0.9)
    order = [2, 0, 1]
    objects = []
    for index in order:
        x0, y0, x1, y1 = found.boxes_xyxy[index].tolist()
        objects.append(Annotation(category=found.labels[index], bbox=(x0, y0, x1 - x0, y1 - y0)))
    truth = ground_truth(objects, forward.category_names, forward.size_hw)
    matching = match_objects(forward, truth)
    assert matching.queries.tolist() == found.queries[order].tolist()
    assert [matching.labels[q] for q in found.queries] == list(found.labels)
    np.testing.assert_allclose(matching.scores[found.queries], found.scores)
    np.testing.assert_allclose(matching.boxes_xyxy[found.queries], found.boxes_xyxy)
    assert matching.num_queries == 20
    assert matching.costs.total.shape == (20, 3)
    assert (match_objects(forward, truth, layer=0).costs.total != matching.costs.total).any()


def test_nothing_to_match(make_forward: MakeForward) -> None:
    forward = make_forward()
    matching = match_objects(forward, ground_truth([], forward.category_names, (96, 128)))
    assert len(matching) == 0
    assert matching.costs.total.shape == (20, 0)
