"""Submissions -> grades, blank by blank.

In: an exercise, limits, and files. Out: a `Grade` for each file, whatever is in it. The class is
run as it is first: if it is right, so is every blank, however it was written. Otherwise each
blank is judged by what the class shows of it, as `verdicts` describes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from generator.errors import ExerciseError, GradingError
from generator.exercises.grading.copies import digest_of_text, flags_of, is_the_source
from generator.exercises.grading.finding import Finding
from generator.exercises.grading.findings import findings
from generator.exercises.grading.grade import BlankGrade, Grade, Verdict
from generator.exercises.grading.observation import Observation
from generator.exercises.grading.pieces import definitions_in
from generator.exercises.grading.remarks import remarks_on
from generator.exercises.grading.request import CLASS_NAME, Case
from generator.exercises.grading.runner import Stopped, run_steps
from generator.exercises.grading.submission import Submission, bytes_of, submission_of
from generator.exercises.grading.verdicts import BlankJudge, is_empty
from generator.exercises.grading.workers import Limits, Workers
from generator.exercises.notes import Worksheet, read_worksheet
from generator.exercises.source import Exercise, answers_in, read_exercise

_MOST_FINDINGS = 3


@dataclass(frozen=True)
class _Whole:
    """The result of the class as a whole.

    Attributes:
        message: a sentence about it, or "".
        is_right: whether it equals the reference.
        seen: what was observed of it; None if its worker was lost.
        findings: what is wrong with it.
    """

    message: str
    is_right: bool = False
    seen: Observation | None = None
    findings: tuple[Finding, ...] = ()


class Grader:
    """Grades submissions of one exercise."""

    def __init__(self, exercise: Path, limits: Limits) -> None:
        """Reads the exercise, and its notes if they are in the same folder.

        Raises:
            ExerciseError: it cannot be read, or it is not an exercise.
            ConfigurationError: its notes have problems.
        """
        self._notes: Worksheet | None = None
        if exercise.with_suffix(".yml").exists():
            self._notes = read_worksheet(exercise)
        self._exercise: Exercise = self._notes.exercise if self._notes else read_exercise(exercise)
        hidden = (exercise, exercise.with_suffix(".yml"))
        self._workers = Workers(limits, hidden)
        self._references: dict[tuple[str, ...], Observation] = {}

    @property
    def lacks(self) -> tuple[str, ...]:
        """What a submission can do here though it should not; empty until one has run."""
        return self._workers.lacks

    def close(self) -> None:
        """Ends the processes in which submissions run."""
        self._workers.close()

    @cached_property
    def _case(self) -> Case:
        """How a submission is tried: as the reference, whose state is known by then."""
        state = self._reference(()).state
        assert state is not None
        return Case(state=state)

    def _reference(self, left_out: tuple[str, ...]) -> Observation:
        """What is observed of the solution, without arguments that a class does not have.

        Raises:
            ExerciseError: the solution is not a valid submission.
            GradingError: nothing can be run on this machine.
        """
        if left_out not in self._references:
            arguments = {k: v for k, v in Case().arguments.items() if k not in left_out}
            (seen,) = run_steps([self._exercise.solution], Case(arguments), self._workers)
            if isinstance(seen, Stopped):
                raise ExerciseError(f"{self._exercise.name}: the solution {seen.reason}")
            if wrong := findings(seen, seen, Case().arguments):
                raise ExerciseError(f"{self._exercise.name}: the solution: {wrong[0].sentence}")
            self._references[left_out] = seen
        return self._references[left_out]

    def grade(self, path: Path) -> Grade:
        """Grades a file; one that cannot be a submission gets no points.

        Raises:
            ExerciseError: the exercise's own solution does not run.
            GradingError: nothing can be run on this machine.
        """
        try:
            content = bytes_of(path)
        except GradingError as error:
            return self._refused(str(path), error)
        return self.grade_bytes(str(path), path.suffix, content)

    def grade_bytes(self, file: str, suffix: str, content: bytes) -> Grade:
        """Grades what a file holds.

        Args:
            file: what it is called.
            suffix: `.py` or `.ipynb`.
            content: its bytes.

        Raises:
            ExerciseError, GradingError: as `grade`.
        """
        try:
            submission = submission_of(suffix, content)
        except GradingError as error:
            return self._refused(file, error)
        answers = answers_in(self._exercise, submission.answers)
        if all(answer is not None and is_empty(answer) for answer in answers.values()):
            return Grade(file, False, self._all("empty"), "Nothing is filled in.")
        if not submission.has_class and (cell := submission.class_in_prose):
            message = (
                f"The class is in cell {cell}, which is text and not code; make it code again."
            )
            return Grade(file, False, self._all("not found"), message)
        grade, seen = self._graded(file, submission, answers)
        flags = flags_of(submission, seen, self.lacks)
        grade = replace(grade, flags=flags, text=digest_of_text(submission))
        if is_the_source(submission) or (seen is not None and seen.forbidden):
            return replace(grade, passed=False, message="", deducted=grade.of)
        return grade

    def ungraded(self, file: str, message: str) -> Grade:
        """The grade of a file of which nothing was seen, for the reason that the message tells."""
        return Grade(file, False, self._all("stopped"), message)

    def _refused(self, file: str, error: GradingError) -> Grade:
        return self.ungraded(file, f"The file {error}.")

    def _graded(
        self, file: str, submission: Submission, answers: dict[str, str | None]
    ) -> tuple[Grade, Observation | None]:
        whole = self._judge_whole(submission)
        if whole.is_right:
            return Grade(file, True, self._all("right"), whole.message), whole.seen
        blanks = self._judge_blanks(submission, answers, whole)
        message, deducted = whole.message, 0
        if all(blank.points for blank in blanks):
            deducted = self._notes.heading.given_costs if self._notes else 1
            message = (
                "All answers are right, but the class as a whole does not work, which costs "
                f"{deducted} of the points. {message}"
            )
        return Grade(file, False, blanks, message, deducted), whole.seen

    def _all(self, verdict: Verdict, message: str = "") -> tuple[BlankGrade, ...]:
        return tuple(
            BlankGrade(blank.number, blank.name, verdict, message)
            for blank in self._exercise.blanks
        )

    def _run(self, text: str) -> Observation | Stopped:
        """Runs a file as it is; if it is ended before its class works, its definitions alone."""
        (seen,) = run_steps([text], self._case, self._workers)
        if isinstance(seen, Observation) and (not seen.ended or seen.is_complete):
            return seen
        bare = definitions_in(text)
        if bare == text or CLASS_NAME not in bare:
            return seen
        (again,) = run_steps([bare], self._case, self._workers)
        if isinstance(again, Stopped):
            return seen
        reason = seen.reason if isinstance(seen, Stopped) else seen.ended
        return again.model_copy(update={"ended": reason})

    def _judge_whole(self, submission: Submission) -> _Whole:
        """Runs the submission as it was handed in."""
        case = self._case
        seen = self._run(submission.text)
        if isinstance(seen, Stopped):
            return _Whole(f"The file {seen.reason}.")
        found = findings(seen, self._reference(seen.left_out), case.arguments)
        if not found:
            return _Whole(remarks_on(seen, submission), is_right=True, seen=seen)
        sentences = [
            one.sentence + (f" ({submission.place_of(one.line)})" if one.line else "")
            for one in found[:_MOST_FINDINGS]
        ]
        message = f"The class as a whole: {'; '.join(sentences)}."
        if seen.ended and not seen.is_complete:
            message = f"The file {seen.ended}. {message}"
        return _Whole(message, seen=seen, findings=found)

    def _judge_blanks(
        self, submission: Submission, answers: dict[str, str | None], whole: _Whole
    ) -> tuple[BlankGrade, ...]:
        def run(sources: Sequence[str]) -> Sequence[Observation | Stopped]:
            return run_steps(sources, self._case, self._workers)

        judge = BlankJudge(self._exercise, self._notes, submission, self._reference, run)
        return judge.judged(answers, whole.seen)
