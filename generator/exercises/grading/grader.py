"""Submissions -> grades, blank by blank.

In: an exercise, limits, and files. Out: a `Grade` for each file, whatever is in it. The class is
run as it is first: if it is right, so is every blank, however it was written. Otherwise each
answer is put into the solution by itself, so that one mistake costs one point.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from generator.errors import ExerciseError, GradingError
from generator.exercises.answer_check import judge
from generator.exercises.blanks import BLANK
from generator.exercises.grading.evidence import shows_right
from generator.exercises.grading.finding import Finding
from generator.exercises.grading.findings import findings, words_of
from generator.exercises.grading.grade import BlankGrade, Grade, Verdict
from generator.exercises.grading.observation import Observation
from generator.exercises.grading.request import Case
from generator.exercises.grading.runner import Limits, Stopped, run_steps
from generator.exercises.grading.submission import Submission, read_submission
from generator.exercises.normal_form import normal_form
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
        self._limits = limits
        self._case = Case()

    @cached_property
    def _reference(self) -> Observation:
        """What is observed of the solution.

        Raises:
            ExerciseError: the solution is not a valid submission.
            GradingError: nothing can be run on this machine.
        """
        (seen,) = run_steps([self._exercise.solution], self._case, self._limits)
        if isinstance(seen, Stopped):
            raise ExerciseError(f"{self._exercise.name}: the solution {seen.reason}")
        if wrong := findings(seen, seen, self._case.arguments):
            raise ExerciseError(f"{self._exercise.name}: the solution: {wrong[0].sentence}")
        return seen

    def grade(self, path: Path) -> Grade:
        """Grades a file; one that cannot be a submission gets no points.

        Raises:
            ExerciseError: the exercise's own solution does not run.
            GradingError: nothing can be run on this machine.
        """
        try:
            submission = read_submission(path)
        except GradingError as error:
            return Grade(str(path), False, self._all("stopped"), f"The file {error}.")
        answers = answers_in(self._exercise, submission.text)
        if all(answer is not None and _is_empty(answer) for answer in answers.values()):
            return Grade(str(path), False, self._all("empty"), "Nothing is filled in.")
        whole = self._judge_whole(submission)
        if whole.is_right:
            return Grade(str(path), True, self._all("right"), whole.message)
        blanks = self._judge_blanks(answers, whole)
        message = whole.message
        if all(blank.points for blank in blanks):
            message = f"All answers are right, but the file as a whole is not. {message}"
        return Grade(str(path), False, blanks, message)

    def _all(self, verdict: Verdict, message: str = "") -> tuple[BlankGrade, ...]:
        return tuple(
            BlankGrade(blank.number, blank.name, verdict, message)
            for blank in self._exercise.blanks
        )

    def _judge_whole(self, submission: Submission) -> _Whole:
        """Runs the submission as it was handed in."""
        reference = self._reference
        (seen,) = run_steps([submission.text], self._case, self._limits)
        if isinstance(seen, Stopped):
            return _Whole(f"The file {seen.reason}.")
        found = findings(seen, reference, self._case.arguments)
        if not found:
            return _Whole(_later_error(seen, submission), is_right=True)
        sentences = [
            one.sentence + (f" ({submission.place_of(one.line)})" if one.line else "")
            for one in found[:_MOST_FINDINGS]
        ]
        return _Whole(f"The class as a whole: {'; '.join(sentences)}.", seen=seen, findings=found)

    def _judge_blanks(
        self, answers: dict[str, str | None], whole: _Whole
    ) -> tuple[BlankGrade, ...]:
        """Judges each blank by itself: its answer is put into the otherwise intact solution."""
        right = {blank.name: normal_form(blank.answer) for blank in self._exercise.blanks}
        unclear = {
            name: answer
            for name, answer in answers.items()
            if answer is not None and not _is_empty(answer) and normal_form(answer) != right[name]
        }
        sources = [self._exercise.with_answers({name: unclear[name]}) for name in unclear]
        seen = dict(zip(unclear, run_steps(sources, self._case, self._limits), strict=True))
        grades = []
        for blank in self._exercise.blanks:
            answer = answers[blank.name]
            if answer is None:
                verdict, message = self._judge_not_found(blank.name, whole)
            elif _is_empty(answer):
                verdict, message = "empty", "Not filled in."
            elif blank.name not in seen:
                verdict, message = "right", ""
            else:
                verdict, message = self._judge_answer(blank.name, answer, seen[blank.name], whole)
            grades.append(BlankGrade(blank.number, blank.name, verdict, message))
        return tuple(grades)

    def _judge_answer(
        self, name: str, answer: str, seen: Observation | Stopped, whole: _Whole
    ) -> tuple[Verdict, str]:
        """Judges an answer by what the solution does with it.

        If it needs a name that the solution does not have, the class as a whole decides.
        """
        if isinstance(seen, Stopped):
            return "stopped", f"It {seen.reason}."
        found = findings(seen, self._reference, self._case.arguments)
        if not found:
            return "right", ""
        comment = judge(self._notes, name, answer).says if self._notes else ""
        error = seen.error_in("build", "forward")
        if error is not None and error.kind == "NameError" and not comment:
            verdict, message = self._judge_not_found(name, whole)
            if verdict == "right":
                return verdict, message
            if any(name in one.blanks for one in whole.findings):
                return "wrong", message
            comment = "If the file gives it that name, look at it there."
        return "wrong", f"{_sentence(_most_telling(found, name))} {comment}".rstrip()

    def _judge_not_found(self, name: str, whole: _Whole) -> tuple[Verdict, str]:
        """Judges a blank whose line was rewritten, by what the class as a whole shows."""
        if whole.seen is not None and shows_right(whole.seen, self._reference, name):
            return "right", "Its line was rewritten; what the class does with it is right."
        about = next((one for one in whole.findings if name in one.blanks), None)
        if about is not None:
            return "not found", f"Its line was rewritten. {_sentence(about)}"
        return "not found", "Its line was rewritten, and the class does not show that it is right."


def _is_empty(answer: str) -> bool:
    """Whether the blank is still there, alone or in a partial answer."""
    return BLANK in answer or not answer.strip()


def _most_telling(found: Sequence[Finding], name: str) -> Finding:
    """The finding that concerns the blank, if there is one; else the first."""
    return next((one for one in found if name in one.blanks), found[0])


def _sentence(finding: Finding) -> str:
    text = finding.sentence
    return f"{text[:1].upper()}{text[1:]}."


def _later_error(seen: Observation, submission: Submission) -> str:
    """What went wrong after the class, in a file whose class is right."""
    error = seen.error_in("import")
    if error is None:
        return ""
    place = f" ({submission.place_of(error.line)})" if error.line else ""
    return f"The class is right, but the file stops behind it: {words_of(error)}{place}."
