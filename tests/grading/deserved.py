"""What a submission of the table deserves, and whether it gets it."""

from __future__ import annotations

from pathlib import Path

from generator.exercises.grading.grade import Grade
from generator.exercises.grading.grader import Grader
from generator.exercises.source import Exercise
from tests.grading.cases import Case
from tests.grading.corpus import made


def verdict_of(case: Case, exercise: Exercise, grader: Grader, folder: Path) -> Grade:
    name, content = made(case, exercise)
    (folder / name).write_bytes(content)
    return grader.grade(folder / name)


def assert_deserved(case: Case, exercise: Exercise, grade: Grade) -> None:
    """Fails unless points, verdict and words are those of the case."""
    everything = {blank.name for blank in exercise.blanks}
    lost = everything if "all" in case.lost else set(case.lost)
    assert {blank.name for blank in grade.blanks if not blank.points} == lost
    works = not lost if case.works is None else case.works
    assert grade.passed == (works if case.passed is None else case.passed)
    assert grade.passed == (grade.points == grade.of)
    if not works and not lost:
        assert grade.points == grade.of - grade.deducted < grade.of
    said = " ".join([grade.message, *grade.flags, *(blank.message for blank in grade.blanks)])
    assert case.says in said
    assert not [sentence for sentence in case.never if sentence in said]
