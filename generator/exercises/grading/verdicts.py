"""What a class shows, and its text -> the verdict on each blank.

In: an exercise, a submission, its answers and what was observed of it. Out: `BlankGrade`s. First an
answer counts that the exercise lists as right. Then what the class shows by its own tensors. If it
stops before it shows everything, what stops it is replaced by the solution's answer, in the
submission itself, and the rest is looked at in the same way. Only what nothing shows is tried as
text, in the solution.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from generator.exercises.answer_check import judge
from generator.exercises.blanks import BLANK
from generator.exercises.grading.evidence import shown
from generator.exercises.grading.finding import Finding
from generator.exercises.grading.findings import findings, words_of
from generator.exercises.grading.grade import BlankGrade, Verdict
from generator.exercises.grading.observation import Observation
from generator.exercises.grading.pieces import BOUNDARY, definitions_in
from generator.exercises.grading.request import Case
from generator.exercises.grading.runner import Stopped
from generator.exercises.grading.submission import Submission
from generator.exercises.normal_form import normal_form
from generator.exercises.notes import Worksheet
from generator.exercises.source import Exercise, locations_in, repaired

Run = Callable[[Sequence[str]], Sequence[Observation | Stopped]]
_MOST_REPAIRS = 4
_NOT_ITS_OWN = ("NameError", "UnboundLocalError", "AttributeError")
"""Errors of an answer that asks for something which its own class may have."""


def is_empty(answer: str) -> bool:
    """Whether the blank is still there, alone or in a partial answer."""
    return BLANK in answer or not answer.strip()


class BlankJudge:
    """Judges the blanks of one submission whose class as a whole is not right."""

    def __init__(
        self,
        exercise: Exercise,
        notes: Worksheet | None,
        submission: Submission,
        reference: Callable[[tuple[str, ...]], Observation],
        run: Run,
    ) -> None:
        self._exercise, self._notes, self._submission = exercise, notes, submission
        self._reference, self._run = reference, run
        self._verdicts: dict[str, tuple[Verdict, str]] = {}

    def judged(
        self, answers: dict[str, str | None], seen: Observation | None
    ) -> tuple[BlankGrade, ...]:
        """The grade of each blank.

        Args:
            answers: what the submission has in each blank.
            seen: what was observed of it as it is; None if nothing was.
        """
        self._answers = answers
        for name, answer in answers.items():
            if answer is not None and is_empty(answer):
                self._verdicts[name] = ("empty", "Not filled in.")
            elif answer is not None and self._is_listed(name, answer):
                self._verdicts[name] = ("right", "")
        if seen is not None:
            self._judge_seen(seen)
        self._repair(seen)
        self._try_as_text(seen)
        return tuple(
            BlankGrade(blank.number, blank.name, *self._verdicts[blank.name])
            for blank in self._exercise.blanks
        )

    @property
    def _open(self) -> list[str]:
        return [name for name in self._answers if name not in self._verdicts]

    def _is_listed(self, name: str, answer: str) -> bool:
        if self._notes is not None:
            return judge(self._notes, name, answer).verdict == "right"
        right = {blank.name: blank.answer for blank in self._exercise.blanks}
        return normal_form(answer) == normal_form(right[name])

    def _comment(self, name: str) -> str:
        """What the exercise says of an answer that is not right."""
        answer = self._answers[name]
        if self._notes is None or answer is None:
            return ""
        judgement = judge(self._notes, name, answer)
        return judgement.says if judgement.verdict == "mistake" else ""

    def _judge_seen(self, seen: Observation) -> None:
        """Judges what a class shows by itself."""
        right = self._reference(seen.left_out)
        found = findings(seen, right, Case().arguments)
        for name in self._open:
            verdict = shown(seen, right, name)
            if verdict is not None:
                self._verdicts[name] = ("right", "") if verdict else self._wrong(name, found)

    def _wrong(self, name: str, found: Sequence[Finding]) -> tuple[Verdict, str]:
        about = [one for one in found if name in one.blanks]
        about.sort(key=lambda one: len(one.blanks))
        sentence = about[0].sentence if about else "the class shows that this is not right"
        return "wrong", f"{_sentence(sentence)} {self._comment(name)}".rstrip()

    def _repair(self, seen: Observation | None) -> None:
        """Replaces what stops the class until the rest of it can be looked at."""
        replaced = set[str]()
        text = self._submission.text
        if seen is None or seen.ended:
            text = definitions_in(text)
        for _ in range(_MOST_REPAIRS):
            if not self._open:
                return
            broken = {name for name, one in self._verdicts.items() if one[0] != "right"}
            at = self._blank_at(seen)
            if at is not None and at not in self._verdicts:
                broken.add(at)
            if broken <= replaced:
                return
            replaced |= broken
            repaired_class = repaired(self._exercise, self._submission.answers, replaced)
            (result,) = self._run([f"{text}\n{BOUNDARY}\n{repaired_class}"])
            if isinstance(result, Stopped):
                return
            if at is not None and at not in self._verdicts and self._went_on(seen, result):
                self._verdicts[at] = self._stopped_by(at, seen)
            seen = result
            self._judge_others(seen, replaced)

    def _judge_others(self, seen: Observation, replaced: set[str]) -> None:
        """Judges what the repaired class shows of the blanks that are still the submission's."""
        kept = {name: self._verdicts.get(name) for name in replaced}
        self._judge_seen(seen)
        for name, verdict in kept.items():
            if verdict is None:
                self._verdicts.pop(name, None)
            else:
                self._verdicts[name] = verdict

    def _went_on(self, before: Observation | None, after: Observation) -> bool:
        """Whether an error is gone."""
        if before is None:
            return True
        error = before.error_in("build", "forward") or before.error_in("import")
        return error not in after.errors or after.is_complete

    def _stopped_by(self, name: str, seen: Observation | None) -> tuple[Verdict, str]:
        error = seen.error_in("build", "forward") or seen.error_in("import") if seen else None
        if seen is None or error is None:
            return "wrong", self._comment(name)
        right = self._reference(seen.left_out)
        about = [one for one in findings(seen, right, Case().arguments) if name in one.blanks]
        said = about[0].sentence if about else f"it stops here with {words_of(error)}"
        return "wrong", f"{_sentence(said)} {self._comment(name)}".rstrip()

    def _blank_at(self, seen: Observation | None) -> str | None:
        """The blank in whose lines a class stopped."""
        if seen is None:
            return None
        errors = [error for error in seen.errors if error.line is not None]
        errors.sort(key=lambda error: error.stage == "import")
        lines, own = self._submission.text.splitlines(), self._submission.answers.splitlines()
        for error in errors:
            line = error.line or 0
            if not 0 < line <= len(lines) or not lines[line - 1].strip():
                continue
            for place, found in locations_in(self._exercise, self._submission.answers):
                if lines[line - 1] in own[slice(*found.lines)]:
                    return place.name
        return None

    def _try_as_text(self, seen: Observation | None) -> None:
        """Puts what nothing shows into the otherwise intact solution."""
        texts = {name: self._answers[name] for name in self._open}
        tried = {name: answer for name, answer in texts.items() if answer is not None}
        sources = [self._exercise.with_answers({name: answer}) for name, answer in tried.items()]
        results = dict(zip(tried, self._run(sources) if sources else (), strict=True))
        for name in texts:
            broken = self._broken_line(name, seen)
            self._verdicts[name] = broken or self._text_verdict(name, results.get(name))

    def _broken_line(self, name: str, seen: Observation | None) -> tuple[Verdict, str] | None:
        """The verdict on a blank whose line is no Python."""
        lines = self._submission.text.splitlines()
        starts = [one.before for one in self._exercise.places if one.name == name]
        for error in seen.errors if seen else ():
            line = lines[error.line - 1] if error.line and error.line <= len(lines) else ""
            begins = any(
                start and normal_form(line).startswith(start) for start in map(normal_form, starts)
            )
            if error.kind == "SyntaxError" and begins:
                return "wrong", f"Its line is not Python: {error.text}."
        return None

    def _text_verdict(self, name: str, seen: Observation | Stopped | None) -> tuple[Verdict, str]:
        if seen is None:
            return (
                "not found",
                "It is not where the exercise has it, and the class does not show it.",
            )
        if isinstance(seen, Stopped):
            return "stopped", f"It {seen.reason}."
        found = findings(seen, self._reference(()), Case().arguments)
        if not found:
            return "right", ""
        error = seen.error_in("build", "forward")
        if error is not None and error.kind in _NOT_ITS_OWN and not self._comment(name):
            return (
                "not found",
                f"It needs something that only its own class has ({words_of(error)}), and the "
                "class does not run far enough to show it. Look at it there.",
            )
        return self._wrong(
            name, [one for one in found if name in one.blanks] or _about(found, name)
        )


def _about(found: Sequence[Finding], name: str) -> list[Finding]:
    """The first finding, as one about a blank that alone was changed."""
    return [Finding(found[0].sentence, (name,))]


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."
