"""What `grade` says: a table for each file, or a few lines about a class.

In: a request, and what writes a line to the terminal. Out: those lines, and whether all is well:
of files, that all passed; of a class, that everything could be read and graded.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Protocol

from generator.exercises.gradebook.archive import is_zip
from generator.exercises.gradebook.class_folder import ClassFolder
from generator.exercises.gradebook.entry import OVERRIDE, Entry
from generator.exercises.gradebook.run import Outcome, Request, grade_files, grading_of
from generator.exercises.grading.report import Reports, plain, warning_of


class Say(Protocol):
    """What writes a line to the terminal, as `click.echo` does."""

    def __call__(self, line: str, /, *, err: bool = False) -> object:
        """Writes it, to standard error if it is no result."""


def is_a_class(request: Request) -> bool:
    """Whether a folder or a zip file is named."""
    return any(path.is_dir() or is_zip(path.name) for path in request.paths)


def say_files(request: Request, say: Say, *, as_json: bool) -> bool:
    """Grades files and says what came of each as soon as it has its turn."""
    passed = count = 0
    with (
        grading_of(request) as grading,
        closing(Reports(say, as_json)) as reports,
        closing(grade_files(request, grading)) as records,
    ):
        for record in records:
            reports.add(record.grade)
            passed, count = passed + record.grade.passed, count + 1
    if grading.lacks:
        say(warning_of(grading.lacks), err=True)
    if not as_json and count > 1:
        say(f"{count} submissions: {passed} passed.")
    return passed == count


def say_class(outcome: Outcome, folder: Path, say: Say) -> bool:
    """Says what became of a class."""
    for line in _lines(outcome, ClassFolder(folder)):
        say(plain(line))
    if outcome.lacks:
        say(warning_of(outcome.lacks), err=True)
    return not outcome.refused and all(map(_is_graded, outcome.entries))


def _is_graded(entry: Entry) -> bool:
    return entry.record is None or bool(entry.record.key)


def _lines(outcome: Outcome, folder: ClassFolder) -> Iterator[str]:
    entries = outcome.entries
    for one in entries:
        name = one.participant.student.name
        if not one.participant.is_listed:
            yield f"Not on the roster: {name}" + (
                f"; {one.participant.why}" if one.participant.why else ""
            )
        if one.typed.get(OVERRIDE, "").strip() and one.override is None:
            yield f"The override of {name} is no number: {one.typed[OVERRIDE]}"
    if failed := [one.participant.student.name for one in entries if not _is_graded(one)]:
        yield f"The grader itself failed on: {', '.join(failed)}. Run it again to try once more."
    graded = [one for one in entries if one.record is not None]
    passed = sum(one.grade is not None and one.grade.passed for one in graded)
    listed = sum(one.participant.is_listed for one in entries)
    yield (
        f"{listed} students, {len(graded)} submissions: {passed} passed, "
        f"{sum(bool(one.flags) for one in entries)} to be looked at, "
        f"{outcome.taken_over} taken over from before, {len(outcome.refused)} refused."
    )
    yield f"The table is {folder.sheet}, the class's page {folder.summary}."
    yield f"The students' pages are in {folder.feedback}."
