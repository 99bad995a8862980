"""What a page shows of a matching: the query of each object, and the runners-up.

In: a `Matching`. Out: small frozen records without arrays, in the order of the objects.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from generator.analysis.matching import Matching

MOST_IN_AN_EXAMPLE = 8
"""The most objects of an image whose cost matrix can still be read at a glance."""


@dataclass(frozen=True)
class Candidate:
    """One query as a candidate for one object.

    Attributes:
        label, score: the query's best class, and its probability.
        classes, l1, giou: the three parts of the cost, weights included.
    """

    query: int
    label: str
    score: float
    classes: float
    l1: float
    giou: float

    @property
    def total(self) -> float:
        """The cost of the pair."""
        return self.classes + self.l1 + self.giou


@dataclass(frozen=True)
class MatchedObject:
    """One object, its query and the runners-up.

    Attributes:
        number: as in the figure, from 1.
        matched: None if the model has too few queries.
        runner_up: the cheapest other query; None if there is none.
        same_class_runner_up: the cheapest query that was matched with another object of the
            same class.
    """

    number: int
    label: str
    matched: Candidate | None
    runner_up: Candidate | None
    same_class_runner_up: Candidate | None

    @property
    def margin(self) -> float:
        """How much more the runner-up costs; below 0 if another object needs it more."""
        if self.matched is None or self.runner_up is None:
            return math.inf
        return self.runner_up.total - self.matched.total

    @property
    def is_found(self) -> bool:
        """Whether its query predicts its class with a probability of more than one half."""
        return self.matched is not None and -self.matched.classes > 0.5


@dataclass(frozen=True)
class MatchingSummary:
    """The matching of one image in numbers.

    Attributes:
        objects: in the author's order.
        num_queries: how many the model has.
        unknown: categories of the objects that its model has no class for.
        crowds: categories of boxes around many objects, which no query answers for.
    """

    objects: tuple[MatchedObject, ...]
    num_queries: int
    unknown: tuple[str, ...] = ()
    crowds: tuple[str, ...] = ()

    @property
    def pairings(self) -> int:
        """The number of ways to give each object a query of its own."""
        few, many = sorted((len(self.objects), self.num_queries))
        return math.perm(many, few)

    @property
    def total(self) -> float:
        """The cost of the matching."""
        return math.fsum(one.matched.total for one in self.objects if one.matched)

    @property
    def denied(self) -> tuple[MatchedObject, ...]:
        """The objects whose cheapest query was matched with another object."""
        return tuple(one for one in self.objects if one.margin < 0)

    @property
    def closest(self) -> MatchedObject | None:
        """The object with the smallest margin; among those that were found, if any was."""
        with_runner_up = [one for one in self.objects if one.margin < math.inf]
        return min(with_runner_up, key=lambda one: (not one.is_found, one.margin), default=None)

    @property
    def order_as_example(self) -> tuple[bool, bool, bool, float]:
        """A sort key for the images of a gallery: the first one is the best example.

        It has a few objects, at least one that was found, and the smallest margin.
        """
        closest = self.closest
        if closest is None:
            return True, True, True, math.inf
        few = 2 <= len(self.objects) <= MOST_IN_AN_EXAMPLE
        return False, not few, not closest.is_found, closest.margin


def summarise(matching: Matching) -> MatchingSummary:
    """Summarises a matching."""
    return MatchingSummary(
        objects=tuple(_object(matching, index) for index in range(len(matching))),
        num_queries=matching.num_queries,
        unknown=matching.truth.unknown,
        crowds=matching.truth.crowds,
    )


def _object(matching: Matching, index: int) -> MatchedObject:
    own = int(matching.queries[index])
    label = matching.truth.labels[index]
    by_cost = np.argsort(matching.costs.total[:, index], kind="stable").tolist()
    others = [query for query in by_cost if query != own]
    same = {
        int(query)
        for query, name in zip(matching.queries, matching.truth.labels, strict=True)
        if name == label and query >= 0
    }
    same_class = [query for query in others if query in same]
    return MatchedObject(
        number=index + 1,
        label=label,
        matched=_candidate(matching, own, index) if own >= 0 else None,
        runner_up=_candidate(matching, others[0], index) if others else None,
        same_class_runner_up=_candidate(matching, same_class[0], index) if same_class else None,
    )


def _candidate(matching: Matching, query: int, index: int) -> Candidate:
    costs = matching.costs
    return Candidate(
        query=query,
        label=matching.labels[query],
        score=float(matching.scores[query]),
        classes=float(costs.classes[query, index]),
        l1=float(costs.l1[query, index]),
        giou=float(costs.giou[query, index]),
    )
