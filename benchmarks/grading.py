"""Seconds of a processor that a submission takes, all its processes together. Not on Windows.

In: how many submissions. Out: a line for right classes and one for classes with one mistake, the
start of torch and the look at the reference told apart from the rest.

    python -m benchmarks.grading [20]
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

from generator.exercises.grading.grader import Grader
from generator.exercises.grading.workers import Limits
from generator.exercises.source import read_exercise

EXERCISE = Path("content/exercises/minimal_detr.py")


def used() -> float:
    """Seconds of a processor, of this process and of those that have ended."""
    both = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in both)


def graded(text: str, number: int, folder: Path) -> tuple[float, float]:
    """Seconds of a processor and of the clock for so many submissions, each of its own text."""
    begun, before = time.monotonic(), used()
    with closing(Grader(EXERCISE, Limits())) as grader:
        for count in range(number):
            path = folder / f"{count}.py"
            path.write_text(f"{text}# {count}\n", encoding="utf-8")
            grader.grade(path)
    return used() - before, time.monotonic() - begun


def main(number: int) -> None:
    """Prints the table."""
    exercise = read_exercise(EXERCISE)
    mistaken = exercise.with_answers({"sigmoid": "self.linear_bbox(answers)"})
    with tempfile.TemporaryDirectory() as name:
        for title, text in (("right", exercise.solution), ("one mistake", mistaken)):
            start, _ = graded(text, 1, Path(name))
            processor, clock = graded(text, number + 1, Path(name))
            each = (processor - start) / number
            print(f"{title}: start {start:.1f} s, then {each:.2f} s each; {clock:.0f} s in all")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20)
