"""Every submission of the table gets what it deserves."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.exercises.grading.grader import Grader
from generator.exercises.grading.workers import Limits
from generator.exercises.source import Exercise
from tests.exercises.grading.conftest import EXERCISE
from tests.grading.cases import Case
from tests.grading.corpus import CASES, OF_THE_BACKBONE
from tests.grading.deserved import assert_deserved, verdict_of

pytestmark = [
    pytest.mark.filterwarnings("ignore"),  # a submission may do what it likes
    pytest.mark.usefixtures("run_here"),
    pytest.mark.slow,
]


@pytest.fixture(scope="module")
def grader() -> Grader:
    return Grader(EXERCISE, Limits())


OTHERS = [case for case in CASES if case not in OF_THE_BACKBONE]


@pytest.mark.parametrize("case", OTHERS, ids=lambda case: case.name.replace(" ", "-"))
def test_a_submission_gets_what_it_deserves(
    case: Case, exercise: Exercise, grader: Grader, tmp_path: Path
) -> None:
    grade = verdict_of(case, exercise, grader, tmp_path)
    assert_deserved(case, exercise, grade)


def test_two_that_are_the_same_are_told_by_their_text_and_keep_their_points(
    exercise: Exercise, grader: Grader, tmp_path: Path
) -> None:
    for name, text in (("ada.py", "# mine\n"), ("bob.py", "# mine"), ("cid.py", "# other")):
        (tmp_path / name).write_text(exercise.solution + text)
    ada, bob, cid = (grader.grade(tmp_path / name) for name in ("ada.py", "bob.py", "cid.py"))
    assert ada.passed
    assert bob.passed
    assert ada.flags == bob.flags == ()
    assert ada.text == bob.text != cid.text != ""


def test_there_are_many_cases_with_names_of_their_own() -> None:
    assert len(CASES) >= 80
    assert len({case.name for case in CASES}) == len(CASES)
