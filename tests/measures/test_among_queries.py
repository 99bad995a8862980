import numpy as np
import pytest

from generator.measures.among_queries import group_lift, groups_of_queries, lift_on_itself
from generator.measures.catalogue import (
    LIFT_ON_KEPT,
    LIFT_ON_OVERLAPPING,
    LIFT_ON_OVERLAPPING_OTHER_CLASS,
    LIFT_ON_RIVALS,
    LIFT_ON_SAME_CLASS,
)
from tests.measures.planting import random_rows


def test_uniform_rows_have_lift_one() -> None:
    uniform = np.full((2, 5, 5), 0.2)
    members = np.random.default_rng(0).random((5, 5)) < 0.6
    members[np.arange(5), (np.arange(5) + 1) % 5] = True
    np.testing.assert_allclose(group_lift(uniform, members), 1)
    np.testing.assert_allclose(lift_on_itself(uniform), 1)


def test_planted_weights_give_the_planted_lift() -> None:
    weights = np.array([[0.5, 0.3, 0.1, 0.1], [0.1, 0.7, 0.1, 0.1],
                        [0.0, 0.0, 1.0, 0.0], [0.4, 0.1, 0.1, 0.4]])  # fmt: skip
    members = np.zeros((4, 4), bool)
    members[0, [0, 1]] = members[2, 3] = members[3, [0, 1]] = True
    lifts = group_lift(weights, members)
    assert lifts[0] == pytest.approx(0.3 / (0.5 / 3))  # a query is not a member of its own group
    assert lifts[3] == pytest.approx(0.25 / (0.6 / 3))
    assert np.isnan(lifts[1])  # an empty group
    assert np.isnan(lifts[2])  # a query that looks at itself alone
    np.testing.assert_allclose(lift_on_itself(weights), [2, 2.8, 4, 1.6])


def test_the_weight_of_a_query_on_itself_changes_no_group() -> None:
    weights = random_rows(4, 4)
    diagonal = np.arange(4)
    more = weights / 2
    more[diagonal, diagonal] += 0.5
    members = np.arange(4)[:, None] < np.arange(4)[None]
    np.testing.assert_allclose(group_lift(weights, members)[:3], group_lift(more, members)[:3])


def test_groups() -> None:
    boxes = np.array([[0, 0, 1, 1], [0, 0, 1, 0.9], [0, 0, 0.9, 1], [0, 0, 0.1, 0.1]])
    classes, kept = np.array([3, 3, 5, 3]), np.array([True, False, True, False])
    groups = groups_of_queries(classes, boxes, kept)
    assert len(groups) == 5
    assert groups[LIFT_ON_SAME_CLASS][0].tolist() == [True, True, False, True]
    assert groups[LIFT_ON_OVERLAPPING][0].tolist() == [True, True, True, False]
    assert groups[LIFT_ON_RIVALS][0].tolist() == [True, True, False, False]
    others = groups[LIFT_ON_OVERLAPPING_OTHER_CLASS]
    assert others[0].tolist() == [False, False, True, False]
    assert (groups[LIFT_ON_OVERLAPPING] == (groups[LIFT_ON_RIVALS] | others)).all()
    assert (groups[LIFT_ON_KEPT] == [True, False, True, False]).all()
