"""The fixtures of the grader's own tests."""

from tests.exercises.grading.conftest import exercise, look_as, run_here

__all__ = ["exercise", "look_as", "run_here"]
