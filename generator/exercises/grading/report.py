"""Grades -> text for the grader: a table for each submission, or a JSON list.

In: `Grade`s. Out: text. Names and messages may hold anything from a submission, so control
characters, which a terminal would obey, are escaped.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from generator.exercises.grading.grade import BlankGrade, Grade

_NOTHING_SEEN = ("stopped", "not found")


def table_of(grade: Grade) -> str:
    """One submission: its points, a line for each blank, and a message about the whole."""
    state = "passed" if grade.passed else "not passed"
    lines = [f"{grade.file}: {grade.points} of {grade.of} points, {state}"]
    if grade.message:
        lines.append(f"  {grade.message}")
    lines += [f"  Look at it yourself: {flag}" for flag in grade.flags]
    if any(blank.verdict not in _NOTHING_SEEN for blank in grade.blanks):
        width = max(len(blank.name) for blank in grade.blanks)
        lines += [_row(blank, width) for blank in grade.blanks]
    return "\n".join(map(plain, lines))


def _row(blank: BlankGrade, width: int) -> str:
    head = f"  {blank.number:>2}  {blank.name:<{width}}  {blank.points}  {blank.verdict:<9}"
    return f"{head}  {blank.message}".rstrip()


def values_of(grade: Grade) -> dict[str, Any]:
    """One submission as JSON values."""
    return {
        "file": grade.file,
        "points": grade.points,
        "of": grade.of,
        "passed": grade.passed,
        "message": grade.message,
        "deducted": grade.deducted,
        "flags": list(grade.flags),
        "blanks": [
            {
                "number": blank.number,
                "name": blank.name,
                "points": blank.points,
                "verdict": blank.verdict,
                "message": blank.message,
            }
            for blank in grade.blanks
        ],
    }


class Reports:
    """Writes each grade as it comes, so that what ends the run later takes none away."""

    def __init__(self, write: Callable[[str], object], as_json: bool) -> None:
        """Takes what writes a line, and whether that is a table or one element of a JSON list."""
        self._write, self._as_json = write, as_json
        self._count = 0

    def add(self, grade: Grade) -> None:
        """Writes a grade."""
        if self._as_json:  # ASCII: a file's name may not be valid text
            before = "," if self._count else "["
            self._write(before + json.dumps(values_of(grade)))
        else:
            self._write(table_of(grade))
        self._count += 1

    def close(self) -> None:
        """Ends the list."""
        if self._as_json:
            self._write("]" if self._count else "[]")


def warning_of(lacks: Sequence[str]) -> str:
    """What does not hold on this machine, in one sentence.

    Args:
        lacks: predicates of a submission, such as "reach the network".
    """
    *others, last = lacks
    said = f"{', '.join(others)} and {last}" if others else last
    return f"Not confined: on this machine a submission can {said}. See docs/grading.md."


def plain(text: str) -> str:
    """Text with its control characters escaped, so that a terminal shows them."""
    return "".join(
        character
        if character.isprintable()
        else character.encode("unicode_escape", "surrogatepass").decode()
        for character in text
    )
