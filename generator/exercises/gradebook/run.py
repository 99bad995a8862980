"""The recipe of `grade`: files, or a whole class, in; records, and the folder of the class, out.

In: what the command line names. Out: grades in the order of the files as soon as each has its
turn; or, of a class, its rows, with everything written. What an earlier run graded is taken over
where neither the bytes nor the grader have changed.
"""

from __future__ import annotations

import logging
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from generator.errors import GeneratorError, UsageError, sentence_of
from generator.exercises.gradebook.class_folder import ClassFolder, Wording, write_class
from generator.exercises.gradebook.entry import Entry, entries_of
from generator.exercises.gradebook.handed_in import HandedIn, collect
from generator.exercises.gradebook.journal import Journal
from generator.exercises.gradebook.names import Sender, Sent
from generator.exercises.gradebook.participants import participants_of
from generator.exercises.gradebook.pool import grade_each
from generator.exercises.gradebook.record import Record
from generator.exercises.gradebook.roster import Student, read_roster
from generator.exercises.gradebook.work import Settings, Work, kept, key_of, version_of
from generator.exercises.grading.copies import same_as
from generator.exercises.grading.report import plain
from generator.exercises.grading.workers import Limits
from generator.exercises.notes import read_worksheet
from generator.exercises.source import read_exercise
from generator.files.lock import locked

logger = logging.getLogger("generator")


@dataclass(frozen=True)
class Request:
    """What is to be graded, and how.

    Attributes:
        paths: files, folders and zip files.
        exercise: the marked source.
        limits: of each step of a submission.
        jobs: the most processes.
    """

    paths: tuple[Path, ...]
    exercise: Path
    limits: Limits
    jobs: int


@dataclass(frozen=True)
class Class:
    """Of a class, besides.

    Attributes:
        folder: where results go.
        roster: the list of the class, or None.
        with_answers: whether feedback holds the answers of blanks that are not right.
        wait: whether to wait for another command that writes to the folder.
    """

    folder: Path
    roster: Path | None = None
    with_answers: bool = False
    wait: bool = False


@dataclass(frozen=True)
class Outcome:
    """What became of a class.

    Attributes:
        entries: its rows.
        refused: a line for each thing that was not read.
        taken_over: how many submissions an earlier run had graded.
        lacks: what submissions can do on this machine though they should not.
    """

    entries: tuple[Entry, ...]
    refused: tuple[str, ...]
    taken_over: int
    lacks: tuple[str, ...]


class Grading:
    """Grades works; `lacks` grows while it does."""

    def __init__(self, settings: Settings, jobs: int, copies: Path) -> None:
        """Starts nothing yet; `copies` is an empty folder for what lies in zip files."""
        self.settings, self._jobs, self.copies = settings, jobs, copies
        self.lacks: tuple[str, ...] = ()

    def each(self, works: Sequence[tuple[Work, str]], of: int) -> Generator[tuple[int, Record]]:
        """Grades works as `pool.grade_each`, and tells how far it is, of so many."""
        done = of - len(works)
        for number, graded in grade_each(works, self.settings, self._jobs):
            done += 1
            self.lacks = graded.lacks or self.lacks
            grade, name = graded.record.grade, plain(works[number][0].name)
            if of > 1:
                said = "graded %d/%d: %s: %d of %d points"
                logger.info(said, done, of, name, grade.points, grade.of)
            yield number, graded.record


def grade_files(request: Request, grading: Grading) -> Generator[Record]:
    """Grades files that stand for themselves, in their order.

    Raises:
        ExerciseError, GradingError: nobody's work can be graded.
    """
    works = [(Work(str(path), (_alone(path),)), "") for path in request.paths]
    waiting: dict[int, Record] = {}
    texts: dict[str, str] = {}
    turn = 0
    for number, record in grading.each(works, len(works)):
        waiting[number] = record
        while turn in waiting:
            yield _with_copy_flagged(waiting.pop(turn), texts)
            turn += 1


def _alone(path: Path) -> HandedIn:
    return HandedIn(str(path), path, Sent(Sender(str(path)), path.name))


def _with_copy_flagged(record: Record, texts: dict[str, str]) -> Record:
    """A record with a flag if its text is that of one before."""
    grade = record.grade
    other = texts.setdefault(grade.text, grade.file) if grade.text else grade.file
    if other == grade.file:
        return record
    return replace(record, grade=replace(grade, flags=(*grade.flags, same_as(other))))


@contextmanager
def grading_of(request: Request) -> Iterator[Grading]:
    """Prepares to grade; what is used meanwhile is gone afterwards.

    Raises:
        UsageError: there is no such exercise.
    """
    if not request.exercise.is_file():
        raise UsageError(f"{request.exercise}: there is no such file; name one with --exercise")
    with TemporaryDirectory(prefix="detr-grade-", ignore_cleanup_errors=True) as name:
        scratch = Path(name).resolve()
        for folder in (scratch / "steps", scratch / "copies"):
            folder.mkdir()
        settings = Settings(request.exercise, request.limits, scratch / "steps")
        yield Grading(settings, request.jobs, scratch / "copies")


def grade_class(request: Request, about: Class) -> Outcome:
    """Grades a class and writes its folder.

    Raises:
        UsageError: there is no such exercise, the roster or the table of an earlier run is none, or
            the results would lie among the submissions.
        ExerciseError, ConfigurationError: the exercise is none.
        GradingError: nobody's work can be graded.
        BusyError: another command writes to the folder.
        GeneratorError: something cannot be written.
    """
    _refuse_results_in(request.paths, about.folder)
    roster = read_roster(about.roster) if about.roster else None
    wording = _wording(request, about.with_answers)
    folder = ClassFolder(about.folder)
    try:
        about.folder.mkdir(parents=True, exist_ok=True)
        with locked(about.folder, "`grade`", wait=about.wait), grading_of(request) as grading:
            folder.table()  # before everything is graded: it may be no table any more
            return _Class(folder, wording, grading).graded(request.paths, roster)
    except OSError as error:
        raise GeneratorError(sentence_of(error)) from error


def _refuse_results_in(paths: Sequence[Path], folder: Path) -> None:
    """The pages of one run would be submissions in the next."""
    for path in paths:
        try:
            is_it = path.resolve() == folder.resolve()
        except (OSError, ValueError):  # there is no such file, which is said later
            continue
        if is_it:
            raise UsageError(
                f"{path}: cannot hold both the submissions and the results; name another folder "
                "with --output"
            )


def _wording(request: Request, with_answers: bool) -> Wording:
    if not request.exercise.is_file():
        raise UsageError(f"{request.exercise}: there is no such file; name one with --exercise")
    notes = None
    if request.exercise.with_suffix(".yml").exists():
        notes = read_worksheet(request.exercise)
    exercise = notes.exercise if notes else read_exercise(request.exercise)
    return Wording(exercise, notes, with_answers)


class _Class:
    """One run over a class."""

    def __init__(self, folder: ClassFolder, wording: Wording, grading: Grading) -> None:
        self._folder, self._wording, self._grading = folder, wording, grading

    def graded(self, paths: Sequence[Path], roster: Sequence[Student] | None) -> Outcome:
        collection = collect(paths, self._grading.copies, without=self._folder.path)
        for line in collection.refused:
            logger.warning("not read: %s", plain(line))
        people = participants_of(collection, roster)
        if not any(one.files for one in people):
            raise UsageError("nothing to grade: no .py file and no notebook was found")
        version = version_of(self._grading.settings)
        keys = {at: key_of(one.work, version) for at, one in enumerate(people) if one.work}
        journal = Journal(self._folder.journal)
        records = {
            at: kept(work, journal.records[key])
            for at, key in keys.items()
            if key in journal.records and (work := people[at].work)
        }
        taken_over = len(records)
        if taken_over:
            logger.info("%d of %d have not changed since they were graded", taken_over, len(keys))
        open_ = [at for at in keys if at not in records]
        works = [(work, keys[at]) for at in open_ if (work := people[at].work)]
        with journal, closing(self._grading.each(works, len(keys))) as done:
            for number, record in done:
                journal.add(record)
                records[open_[number]] = record
        journal.rewrite([one for one in records.values() if one.key])
        entries = entries_of(people, [records.get(at) for at in range(len(people))])
        before = self._folder.table()  # the instructor may have written in it meanwhile
        typed = write_class(self._folder, entries, collection.refused, self._wording, before)
        return Outcome(typed, tuple(collection.refused), taken_over, self._grading.lacks)
