"""Submissions that change the backbone, graded with the whole of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.exercises.grading.grader import Grader
from generator.exercises.grading.workers import Limits
from generator.exercises.source import Exercise
from tests.exercises.grading.conftest import EXERCISE
from tests.grading.cases import Case
from tests.grading.corpus import OF_THE_BACKBONE
from tests.grading.deserved import assert_deserved, verdict_of

pytestmark = [
    pytest.mark.filterwarnings("ignore"),  # a submission may do what it likes
    pytest.mark.usefixtures("run_the_whole_here"),
    pytest.mark.slow,
]


@pytest.fixture(scope="module")
def grader() -> Grader:
    return Grader(EXERCISE, Limits())


@pytest.mark.parametrize("case", OF_THE_BACKBONE, ids=lambda case: case.name.replace(" ", "-"))
def test_a_submission_gets_what_it_deserves(
    case: Case, exercise: Exercise, grader: Grader, tmp_path: Path
) -> None:
    assert_deserved(case, exercise, verdict_of(case, exercise, grader, tmp_path))


def test_these_cases_are_there() -> None:
    assert len(OF_THE_BACKBONE) == 4
