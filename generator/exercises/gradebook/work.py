"""A student's files -> the one that counts, graded; and the key under which that is kept.

In: `Work`. Out: a `Record`. It is a module of its own for the processes that grade: `begin` is
called once in each, then `graded` for one student after the other.
"""

from __future__ import annotations

import errno
import platform
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

from generator.errors import ExerciseError, GradingError
from generator.exercises.blanks import BLANK
from generator.exercises.gradebook import readers
from generator.exercises.gradebook.handed_in import HandedIn
from generator.exercises.gradebook.machine import lacks_here
from generator.exercises.gradebook.record import FileNote, Record
from generator.exercises.gradebook.section import Section
from generator.exercises.grading.grade import Grade
from generator.exercises.grading.grader import Grader
from generator.exercises.grading.report import plain
from generator.exercises.grading.submission import bytes_of, submission_of
from generator.exercises.grading.workers import Limits
from generator.files.fingerprint import fingerprint

_MOST_HTML, _MOST_REASON = 1_000_000, 200
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
"""Errors that come to everybody's work."""


@dataclass(frozen=True)
class Work:
    """What one student handed in, of the kinds that are graded.

    Attributes:
        name: the student's, for progress.
        files: at least one.
    """

    name: str
    files: tuple[HandedIn, ...]


@dataclass(frozen=True)
class Settings:
    """How everything is graded.

    Attributes:
        exercise: its marked source.
        limits: of each step.
        scratch: a folder for what is used meanwhile.
    """

    exercise: Path
    limits: Limits
    scratch: Path


@dataclass(frozen=True)
class Graded:
    """A record, and what submissions can do on this machine though they should not."""

    record: Record
    lacks: tuple[str, ...]


def version_of(settings: Settings) -> str:
    """A digest of all that grades.

    It is of the code, its libraries, Python and the system, the exercise with its notes, the
    rubric, the limits, and how far submissions are confined.
    """
    own = (settings.exercise, settings.exercise.with_suffix(".yml"))
    paths = (*own, *readers.texts_of_readers())
    files = [(path.name, path.read_bytes()) for path in paths if path.is_file()]
    return fingerprint(
        __name__,
        "generator.exercises.grading.worker",
        *sorted({reader.__module__ for reader in readers.READERS}),
        values={
            "exercise": [(name, sha256(one).hexdigest()) for name, one in files],
            "lacks": lacks_here(),
            "limits": [settings.limits.seconds, settings.limits.megabytes],
            "python": platform.python_version(),
            "system": platform.system(),
        },
    )


def key_of(work: Work, version: str) -> str:
    """The key of what `graded` makes of a student's work."""
    digest = sha256(version.encode())
    times = sorted(file.modified for file in work.files)
    for file in work.files:
        try:
            content = sha256(bytes_of(file.path)).hexdigest()
        except GradingError as error:
            content = str(error)
        # When they were saved counts only as far as it says which is newer.
        name = f"{file.sent.file} {file.sent.version} {times.index(file.modified)}"
        digest.update(f"\n{content} {name}".encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def kept(work: Work, record: Record) -> Record:
    """A record of the same work, whose files may lie somewhere else now."""
    labels = [file.label for file in work.files]
    notes = [replace(one, file=label) for one, label in zip(record.files, labels, strict=True)]
    counts = next(one.file for one in notes if not one.note)
    return replace(record, grade=replace(record.grade, file=counts), files=tuple(notes))


class Desk:
    """Grades one student's work after the other in this process."""

    def __init__(self, settings: Settings) -> None:
        """Starts nothing yet.

        Raises:
            ExerciseError, ConfigurationError: as `Grader` does.
        """
        self._grader = Grader(settings.exercise, settings.limits)

    def close(self) -> None:
        """Ends the processes in which submissions run."""
        self._grader.close()

    def graded(self, work: Work, key: str) -> Graded:
        """Grades a student's work, whatever is in it.

        Raises:
            ExerciseError, GradingError: as `Grader.grade`; nobody's work can be graded.
            OSError: there is no room on the disk.
        """
        chosen, notes = _chosen(work.files)
        try:
            content = bytes_of(chosen.path)
        except GradingError as error:
            record = Record(key, self._grader.ungraded(chosen.label, f"The file {error}."), notes)
            return Graded(record, self._grader.lacks)
        try:
            grade = self._grader.grade_bytes(chosen.label, chosen.suffix, content)
        except (ExerciseError, GradingError):
            raise
        except Exception as error:  # of the grader itself: one student's file, one student's loss
            if _is_everybodys(error):
                raise
            return Graded(self.failed(work, f"{type(error).__name__}"), self._grader.lacks)
        unread = [one.file for one in notes if one.note.startswith(_UNREAD)]
        flags = [f"{one} could not be read: the grader itself failed on it." for one in unread]
        grade = replace(grade, flags=(*grade.flags, *flags))
        grade, sections = _with_sections(grade, chosen, content)
        return Graded(Record(key, grade, notes, sections), self._grader.lacks)

    def failed(self, work: Work, reason: str) -> Record:
        """The record of a work on which the grader itself failed; the next run tries again."""
        chosen = work.files[0]
        said = f"The grader itself failed on this file ({reason}); look at it yourself."
        grade = self._grader.ungraded(chosen.label, said)
        return Record("", replace(grade, flags=(said,)), (FileNote(chosen.label),))


def _with_sections(
    grade: Grade, chosen: HandedIn, content: bytes
) -> tuple[Grade, tuple[Section, ...]]:
    """The sections of a file, and its grade with a flag for each reader that made none."""
    sections: list[Section] = []
    for reader in readers.READERS:
        try:
            found = [_short(one) for one in reader(chosen.sent.file, content)]
        except GradingError as error:
            grade = replace(grade, flags=(*grade.flags, f"the rest of the file {error}."))
        except Exception as error:  # of the reader itself: one student's file, one student's loss
            if _is_everybodys(error):
                raise
            reason = plain(str(error))[:_MOST_REASON]
            said = f"its notebook could not be read: {type(error).__name__}: {reason}"
            grade = replace(grade, flags=(*grade.flags, said))
        else:
            sections += found
    return grade, tuple(sections)


def _is_everybodys(error: Exception) -> bool:
    return isinstance(error, OSError) and error.errno in _NO_ROOM


def _short(section: Section) -> Section:
    """A section without its HTML, if that is too long."""
    return section if len(section.html) <= _MOST_HTML else replace(section, html="")


def _chosen(files: Sequence[HandedIn]) -> tuple[HandedIn, tuple[FileNote, ...]]:
    """The file that counts, and a note on each.

    One with the whole class goes before one with a class that has blanks, and that before all
    others; then a notebook before a .py file, a later version before an earlier, the newer file,
    and the name that comes last.
    """
    standings = {file.label: _standing(file) for file in files} if len(files) > 1 else {}

    def rank(file: HandedIn) -> tuple[int, bool, int, float, str]:
        standing = standings.get(file.label, 0)
        is_notebook = file.suffix == ".ipynb"
        return standing, is_notebook, file.sent.version, file.modified, file.label

    chosen = max(files, key=rank)
    notes = []
    for file in files:
        note = ""
        if file is not chosen:
            lesser = standings[file.label] < standings[chosen.label]
            why = _WHY[standings[file.label]] if lesser else ""
            note = f"{_NO_COUNT}{why}; {chosen.sent.file} does"
        notes.append(FileNote(file.label, note))
    return chosen, tuple(notes)


_NO_COUNT = "does not count"
_WHY = {
    -1: ", as it could not be read",
    0: ", as it holds no class",
    1: ", as its class has blanks",
}
_UNREAD = _NO_COUNT + _WHY[-1]


def _standing(file: HandedIn) -> int:
    """2 for a class without blanks, 1 for one with blanks, 0 for none, -1 if reading it fails."""
    try:
        submission = submission_of(file.suffix, bytes_of(file.path))
    except GradingError:
        return 0
    except Exception:  # it may be that of the grader; another file may still count
        return -1
    if not submission.has_class:
        return 0
    return 1 if BLANK in submission.answers else 2


_desk: list[Desk] = []


def begin(settings: Settings) -> None:
    """Prepares a process for `graded`; what it writes meanwhile goes into the scratch folder."""
    tempfile.tempdir = str(settings.scratch)
    _desk[:] = [Desk(settings)]


def graded(work: Work, key: str) -> Graded:
    """As `Desk.graded`, in a process that has begun."""
    return _desk[0].graded(work, key)


def end() -> None:
    """Ends what `begin` began."""
    for desk in _desk:
        desk.close()
    _desk.clear()
