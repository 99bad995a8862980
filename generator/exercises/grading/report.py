"""Grades -> text for the grader: a table for each submission, or JSON for many.

In: `Grade`s. Out: text. Names and messages may hold anything from a submission, so control
characters, which a terminal would obey, are escaped.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

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


def json_of(grades: Sequence[Grade]) -> str:
    """All submissions: a list with one object per file."""
    values = [
        {
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
        for grade in grades
    ]
    return json.dumps(values, indent=1)  # ASCII: a file's name may not be valid text


def plain(text: str) -> str:
    """Text with its control characters escaped, so that a terminal shows them."""
    return "".join(
        character
        if character.isprintable()
        else character.encode("unicode_escape", "surrogatepass").decode()
        for character in text
    )
