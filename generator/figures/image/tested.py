"""What the figures of causal tests have in common: the tests, and whether there are any."""

from __future__ import annotations

from generator.analysis.entry_analysis import EntryAnalysis
from generator.inference.causal_tests import CausalTests


def has_tests(one: EntryAnalysis) -> bool:
    """Whether the tests were made."""
    return one.causal is not None


def has_tested(one: EntryAnalysis) -> bool:
    """Whether there are tested detections, too."""
    return one.causal is not None and len(one.causal.plan.queries) > 0


def has_tested_maps(one: EntryAnalysis) -> bool:
    """Whether there are tested detections, and maps that put cells in an order."""
    return has_tested(one) and one.forward.has_maps


def tests_of(one: EntryAnalysis) -> CausalTests:
    """The tests of an image that has some.

    Raises:
        ValueError: it has none.
    """
    if one.causal is None:
        raise ValueError("the causal tests of this image were not made")
    return one.causal


def label_of(one: EntryAnalysis, row: int) -> str:
    """The class of a tested detection."""
    query = int(tests_of(one).plan.queries[row])
    place = one.detections.queries.tolist().index(query)
    return one.detections.labels[int(place)]
