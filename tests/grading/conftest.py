"""The fixtures of the grader's own tests."""

from tests.exercises.grading.conftest import (
    exercise,
    look_as,
    look_at_the_whole,
    run_here,
    run_the_whole_here,
)

__all__ = ["exercise", "look_as", "look_at_the_whole", "run_here", "run_the_whole_here"]
