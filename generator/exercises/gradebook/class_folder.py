"""Every name in the folder of a class, and the writing of what a run makes of it.

In: a folder, and the rows of the class. Out: its files. What the instructor put there stays.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from generator.exercises.gradebook.entry import Entry
from generator.exercises.gradebook.feedback import Feedback
from generator.exercises.gradebook.sheet import Sheet
from generator.exercises.gradebook.summary import reading_page, summary_page
from generator.exercises.gradebook.table import Table, read_table
from generator.exercises.notes import Worksheet
from generator.exercises.source import Exercise
from generator.files.write import write_folder, write_if_different


@dataclass(frozen=True)
class ClassFolder:
    """The folder of a class."""

    path: Path

    @property
    def journal(self) -> Path:
        """A line of JSON for each submission."""
        return self.path / "grades.jsonl"

    @property
    def sheet(self) -> Path:
        """The table, in which the instructor writes, too."""
        return self.path / "grades.csv"

    @property
    def summary(self) -> Path:
        """The page about the class."""
        return self.path / "summary.html"

    @property
    def reading(self) -> Path:
        """What is to be read, if there is anything."""
        return self.path / "reading.html"

    @property
    def feedback(self) -> Path:
        """A page for each student."""
        return self.path / "feedback"

    @property
    def feedback_listing(self) -> Path:
        """Which of these pages are the program's own."""
        return self.path / "feedback.json"

    def table(self) -> Table | None:
        """The table of an earlier run, as the instructor left it.

        Raises:
            UsageError: it cannot be read any more.
        """
        return read_table(self.sheet) if self.sheet.exists() else None


@dataclass(frozen=True)
class Wording:
    """What pages need to know of the exercise.

    Attributes:
        exercise: its blanks.
        notes: on them, if there are any.
        with_answers: whether students are told the answers of blanks that are not right.
    """

    exercise: Exercise
    notes: Worksheet | None
    with_answers: bool

    @property
    def title(self) -> str:
        """The exercise's name for people."""
        return self.notes.heading.title if self.notes else self.exercise.name


def write_class(
    folder: ClassFolder,
    entries: Sequence[Entry],
    refused: Sequence[str],
    wording: Wording,
    before: Table | None,
) -> tuple[Entry, ...]:
    """Writes everything but the journal.

    Args:
        folder: is there.
        entries: the rows of the class.
        refused: a line for each thing that was not read.
        wording: the exercise.
        before: the table of an earlier run.

    Returns:
        The entries with what the instructor typed into the table.

    Raises:
        OSError: something cannot be written.
    """
    exercise = wording.exercise
    sheet = Sheet([f"{one.number} {one.name}" for one in exercise.blanks], before)
    typed = sheet.with_typed(entries)
    feedback = Feedback(exercise, wording.notes, wording.with_answers).pages(typed)
    pages: Mapping[Path, bytes | None] = {
        folder.summary: summary_page(wording.title, exercise, typed, refused),
        folder.reading: reading_page(wording.title, typed),
    }
    content = sheet.content(typed)
    write_if_different(folder.sheet, content)
    write_folder(folder.feedback, feedback, folder.feedback_listing)
    for path, text in pages.items():
        if text is None:
            path.unlink(missing_ok=True)
        else:
            write_if_different(path, text)
    return typed
