from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest

from generator.analysis.ground_truth import GroundTruth
from generator.analysis.matching import Matching, MatchingCosts, cheapest_matching
from generator.analysis.matching_summary import Candidate, MatchedObject, MatchingSummary, summarise


def matching_of(total: Sequence[Sequence[float]], labels: tuple[str, ...]) -> Matching:
    """A matching with these costs (queries, objects), all of them costs of boxes."""
    costs = np.array(total, np.float64).reshape(len(total), len(labels))
    zeros = np.zeros_like(costs)
    n = len(labels)
    truth = GroundTruth(np.zeros(n, np.int64), labels, np.zeros((n, 4)), (10, 10), ("bus",))
    names = tuple(f"class {query}" for query in range(len(total)))
    scores = np.linspace(0.9, 0.1, len(total))
    boxes = np.zeros((len(total), 4))
    return Matching(
        truth, cheapest_matching(costs), MatchingCosts(zeros, costs, zeros), names, scores, boxes
    )


def queries_of(one: MatchedObject) -> list[int | None]:
    return [
        None if candidate is None else candidate.query
        for candidate in (one.matched, one.runner_up, one.same_class_runner_up)
    ]


def test_the_queries_that_matter_to_each_object() -> None:
    total = [[0.0, 6.0, 7.0], [5.0, 1.0, 8.0], [9.0, 9.0, 2.0], [3.0, 4.0, 9.0]]
    summary = summarise(matching_of(total, ("cat", "cat", "dog")))
    assert [queries_of(one) for one in summary.objects] == [[0, 3, 1], [1, 3, 0], [2, 0, None]]
    assert [one.margin for one in summary.objects] == [3, 3, 5]
    assert [one.number for one in summary.objects] == [1, 2, 3]
    assert summary.total == 3
    assert summary.pairings == 4 * 3 * 2
    assert summary.denied == ()
    assert summary.unknown == ("bus",)
    candidate = summary.objects[0].matched
    assert candidate == Candidate(query=0, label="class 0", score=0.9, classes=0, l1=0, giou=0)


def test_an_object_whose_cheapest_query_went_to_another_has_a_negative_margin() -> None:
    summary = summarise(matching_of([[0.0, 0.1], [0.5, 9.0]], ("cat", "dog")))
    [denied] = summary.denied
    assert queries_of(denied) == [1, 0, None]
    assert denied.margin == -0.5
    assert summary.closest == denied


def test_too_few_queries_and_nothing_at_all() -> None:
    crowded = summarise(matching_of([[5.0, 1.0, 3.0]], ("cat", "cat", "cat")))
    assert [queries_of(one) for one in crowded.objects] == [
        [None, 0, 0], [0, None, None], [None, 0, 0]
    ]  # fmt: skip
    assert crowded.pairings == 3
    assert crowded.total == 1
    assert crowded.closest is None
    nobody: list[list[float]] = [[], []]
    empty = summarise(matching_of(nobody, ()))
    assert (empty.objects, empty.closest, empty.total, empty.pairings) == ((), None, 0, 1)


def summary(n: int, probability: float, margin: float) -> MatchingSummary:
    own = Candidate(0, "cat", probability, -probability, 0, 0)
    runner_up = Candidate(1, "cat", 0.0, -probability, margin, 0)
    objects = tuple(MatchedObject(i + 1, "cat", own, runner_up, None) for i in range(n))
    return MatchingSummary(objects, 20)


def test_the_best_example_has_few_objects_one_found_and_a_close_decision() -> None:
    best_first = [
        summary(3, 0.9, 0.1),
        summary(8, 0.9, 2.0),
        summary(3, 0.1, 0.01),
        summary(1, 0.9, 0.1),
        summary(9, 0.9, 0.05),
        summary(9, 0.2, 0.0),
        MatchingSummary((), 20),
    ]
    orders = [one.order_as_example for one in best_first]
    assert orders.index(min(orders)) == 0
    assert orders[:3] == sorted(orders)[:3]
    assert max(orders) == orders[-1] == (True, True, True, math.inf)


def test_the_closest_decision_is_about_an_object_that_was_found() -> None:
    found, missed = summary(1, 0.8, 1.0).objects[0], summary(1, 0.1, 0.2).objects[0]
    assert MatchingSummary((missed, found), 20).closest == found
    assert MatchingSummary((missed,), 20).closest == missed
    assert found.margin == pytest.approx(1.0)
