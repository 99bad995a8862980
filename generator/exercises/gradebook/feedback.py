"""A row of the class -> the page that its student gets.

In: `Entry`s and the exercise. Out: an HTML file for each. Flags and other students are for the
instructor, and stand on none of them. An answer stands there only if the instructor asks for that;
a sentence that would give one away is left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from generator.exercises.gradebook.entry import COMMENT, Entry
from generator.exercises.gradebook.page import page
from generator.exercises.grading.grade import BlankGrade
from generator.exercises.leaks import given_away
from generator.exercises.notes import Worksheet, accepted_forms
from generator.exercises.source import Exercise
from generator.project.slugs import romanised

_NOTHING_SEEN = ("stopped", "not found")
_NO_POINTS = "It gets no points; your instructor can tell you why."
_NOT_YET = "It could not be graded yet; your instructor knows of it."
_LEFT_OUT = "Your instructor can tell you more."


@dataclass(frozen=True)
class _Row:
    """A blank, what is said of it, and its answer if it is to be told, else ""."""

    blank: BlankGrade
    message: str
    answer: str


@dataclass(frozen=True)
class _File:
    name: str
    note: str


class Feedback:
    """Writes pages for the students of one exercise."""

    def __init__(self, exercise: Exercise, notes: Worksheet | None, with_answers: bool) -> None:
        """Takes the exercise, its notes, and whether pages hold the answers of blanks not right."""
        self._title = notes.heading.title if notes else exercise.name
        self._of = len(exercise.blanks)
        self._answers = {one.name: one.answer for one in exercise.blanks} if with_answers else {}
        accepted = {one.name: (one.answer,) for one in exercise.blanks}
        forms = accepted_forms([notes]) if notes else accepted

        @cache  # a class makes the same mistakes
        def tells(message: str) -> bool:
            return any(given_away(message, forms))

        self._tells = tells

    def pages(self, entries: Sequence[Entry]) -> Mapping[str, bytes]:
        """The pages by the names of their files."""
        pages: dict[str, bytes] = {}
        for entry in entries:
            student = entry.participant.student
            stem = romanised(f"{student.name} {student.id}") or "student"
            count = 1
            while (name := f"{stem}.html" if count == 1 else f"{stem}-{count}.html") in pages:
                count += 1
            pages[name] = self._page(entry)
        return pages

    def _page(self, entry: Entry) -> bytes:
        record, grade = entry.record, entry.grade
        return page(
            "feedback.html.j2",
            title=self._title,
            student=entry.participant.student,
            of=self._of,
            grade=grade,
            final=entry.final,
            is_overridden=entry.override is not None,
            comment=entry.typed.get(COMMENT, ""),
            message=self._message(entry),
            rows=self._rows(entry),
            deducted=0 if grade is None or _is_refused(entry) else grade.deducted,
            sections=[one for one in record.sections if one.is_for_students] if record else [],
            files=_files(entry),
            others=entry.participant.others,
        )

    def _rows(self, entry: Entry) -> list[_Row]:
        grade = entry.grade
        if grade is None or _is_refused(entry):
            return []
        if all(blank.verdict in _NOTHING_SEEN for blank in grade.blanks):
            return []
        return [
            _Row(
                blank,
                self._shown(blank.message),
                "" if blank.points else self._answers.get(blank.name, ""),
            )
            for blank in grade.blanks
        ]

    def _message(self, entry: Entry) -> str:
        if entry.grade is None or entry.record is None:
            return ""
        if not entry.record.key:
            return _NOT_YET
        return _NO_POINTS if _is_refused(entry) else self._shown(entry.grade.message)

    def _shown(self, message: str) -> str:
        return _LEFT_OUT if not self._answers and self._tells(message) else message


def _is_refused(entry: Entry) -> bool:
    """Whether it gets no points for what its flags say, whatever its answers are."""
    return entry.grade is not None and entry.grade.deducted >= entry.grade.of


def _files(entry: Entry) -> list[_File]:
    """The student's files, if there are several, as the student called them."""
    if entry.record is None or len(entry.record.files) < 2:
        return []
    names = {file.label: file.sent.file for file in entry.participant.files}
    return [
        _File(names.get(one.file, one.file), one.note or "counts") for one in entry.record.files
    ]
