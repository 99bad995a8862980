"""A working source with marked answers -> the exercise: the student's source and its blanks.

In: Python with nbgrader's markers around blocks, and a marker of the same kind at the end of
a line that holds an answer. Out: an `Exercise`; and from a submission, the code in each blank.
It runs no code, and it does not know which answers are right.

    ### BEGIN SOLUTION name        the lines up to `### END SOLUTION` are the answer
    x = f(y)  ### SOLUTION name    the answer is everything right of the first ` = `
    x = f(y)  ### SOLUTION name: y    the answer is that piece of the line

A blank is numbered where it first occurs. It may occur again, with the same answer. In the
student's source it is the name `____`, so that the file stays valid Python, and its line
ends with `# blank 4`.
"""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from generator.errors import ExerciseError, sentence_of
from generator.exercises.blanks import BLANK, Found, Place, found_in, located_in
from generator.exercises.normal_form import normal_form, without_comments
from generator.project.yaml_source import displayed

_NAME = "[a-z][a-z0-9_]*"
_BEGIN = re.compile(rf"\s*### BEGIN SOLUTION (?P<name>{_NAME})\s*")
_END = re.compile(r"\s*### END SOLUTION\s*")
_IN_LINE = re.compile(
    rf"(?P<code>.*?\S)\s+### SOLUTION (?P<name>{_NAME})(?:: *(?P<piece>\S.*?))?\s*"
)
_LIKE_A_MARKER = re.compile(r"#\s*(BEGIN|END)?\s*SOLUTION\b", re.IGNORECASE)
_MARK_OF_BLANK = re.compile(r"# blank (\d+)$")


@dataclass(frozen=True)
class Blank:
    """One thing to fill in.

    Attributes:
        name: from the source's markers: a-z, 0-9 and underscores.
        number: from 1, in the order of first occurrence.
        answer: the right code; lines of a block are dedented.
    """

    name: str
    number: int
    answer: str


@dataclass(frozen=True)
class Exercise:
    """An exercise.

    Attributes:
        name: of its file, without the suffix.
        blanks: by number.
        solution: the whole source with its answers and without the markers.
        student: the same with `____` in place of each answer; line numbers stay the same
            unless an answer has several lines.
    """

    name: str
    blanks: tuple[Blank, ...]
    solution: str
    student: str

    @property
    def places(self) -> tuple[Place, ...]:
        """Where the blanks are in the student's source, from top to bottom."""
        names = {blank.number: blank.name for blank in self.blanks}
        places = []
        for number, line in enumerate(self.student.splitlines(), start=1):
            if mark := _MARK_OF_BLANK.search(line):
                before, after = without_comments(line).rstrip().split(BLANK)
                places.append(Place(names[int(mark[1])], int(mark[1]), number, before, after))
        return tuple(places)

    def with_answers(self, answers: Mapping[str, str]) -> str:
        """The solution with other answers in some blanks.

        Args:
            answers: code by the blank's name; it may have several lines.

        Raises:
            ExerciseError: there is no blank of that name.
        """
        right = {blank.name: blank.answer for blank in self.blanks}
        if unknown := sorted(answers.keys() - right.keys()):
            raise ExerciseError(f"{self.name}: there is no blank `{unknown[0]}`")
        lines = self.student.splitlines()
        for place in self.places:
            answer = answers.get(place.name, right[place.name])
            lines[place.line - 1] = _filled_in(lines[place.line - 1], place, answer)
        return "\n".join(lines) + "\n"


def read_exercise(path: Path) -> Exercise:
    """Reads the marked source of an exercise.

    Raises:
        ExerciseError: it cannot be read, or it is not an exercise.
    """
    label = displayed(path).as_posix()
    try:
        source = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ExerciseError(sentence_of(error)) from error
    except UnicodeDecodeError as error:
        raise ExerciseError(f"{label}: not UTF-8; save the file as UTF-8 text") from error
    return parse_exercise(path.stem, source, label)


def parse_exercise(name: str, source: str, label: str | None = None) -> Exercise:
    """Parses an exercise.

    Args:
        name: of the exercise and its downloads.
        source: Python with the markers that the module's docstring describes.
        label: the source's name in errors; None takes `name`.

    Raises:
        ExerciseError: names the line and what is wrong with it.
    """
    label = label or name
    lines, blanks = _Taker(label).take_out(source.splitlines())
    student = Exercise(name, blanks, "", "\n".join(lines).rstrip("\n") + "\n")
    exercise = Exercise(name, blanks, student.with_answers({}), student.student)
    for text in (exercise.solution, exercise.student):
        try:
            ast.parse(text)
        except (SyntaxError, ValueError) as error:
            where = getattr(error, "lineno", None)
            line = text.splitlines()[where - 1].strip() if where else ""
            raise ExerciseError(f"{label}: without its markers not valid Python: {line}") from error
    return exercise


def answers_in(exercise: Exercise, submission: str) -> dict[str, str | None]:
    """What a submission has in each blank.

    A blank is found by the code around it, on the line that its comment marks or on the
    only line with that code; an answer may be broken into several lines.

    Args:
        exercise: the exercise that was handed out.
        submission: the student's source, filled in; it need not be valid Python.

    Returns:
        By the blank's name the code without comments; `____` if it was left empty; None if
        it was not found, because its line was deleted or rewritten. If a blank occurs more
        than once with different code, the code that is not the answer.
    """
    found: dict[str, str | None] = {}
    right = {blank.name: normal_form(blank.answer) for blank in exercise.blanks}
    lines = submission.splitlines()
    for place in exercise.places:
        answer = found_in(lines, place, exercise.student.splitlines())
        earlier = found.get(place.name, answer)
        if earlier is None or answer is None:
            found[place.name] = None
        else:
            keep_earlier = normal_form(earlier) != right[place.name]
            found[place.name] = earlier if keep_earlier else answer
    return found


def locations_in(exercise: Exercise, submission: str) -> list[tuple[Place, Found]]:
    """Where the answers of a submission are; places that were not found are left out."""
    lines, student = submission.splitlines(), exercise.student.splitlines()
    found = [(place, located_in(lines, place, student)) for place in exercise.places]
    return [(place, one) for place, one in found if one is not None]


def repaired(exercise: Exercise, submission: str, names: Collection[str]) -> str:
    """A submission with the solution's answers in some of its blanks, where they are found.

    Args:
        exercise: the exercise that was handed out.
        submission: the student's source.
        names: of the blanks.
    """
    lines = submission.splitlines()
    places = [one for one in locations_in(exercise, submission) if one[0].name in names]
    for place, found in sorted(places, key=lambda one: one[1].lines, reverse=True):
        begin, end = found.lines
        near = lines[begin] if begin < len(lines) else ""
        indent = near[: len(near) - len(near.lstrip())]
        lines[begin:end] = _solution_lines(exercise, place, indent)
    return "\n".join(lines) + "\n"


def _solution_lines(exercise: Exercise, place: Place, indent: str) -> list[str]:
    """The solution's lines of a place, with another indentation."""
    answers = {blank.name: blank.answer for blank in exercise.blanks}
    line = exercise.student.splitlines()[place.line - 1]
    filled = textwrap.dedent(_filled_in(line, place, answers[place.name]))
    return [indent + one for one in filled.split("\n")]


def _filled_in(line: str, place: Place, answer: str) -> str:
    """The student's line with an answer in place of its blank."""
    comments = line[len(place.before) + len(BLANK) + len(place.after) :]
    if not place.is_block:
        return place.before + answer + place.after + comments
    first, *rest = answer.split("\n")
    return "\n".join(
        [place.before + first + comments, *(place.before + more if more else "" for more in rest)]
    )


class _Taker:
    """Takes the answers out of a source, line by line."""

    def __init__(self, label: str) -> None:
        self._label = label
        self._blanks: dict[str, Blank] = {}

    def take_out(self, source: list[str]) -> tuple[list[str], tuple[Blank, ...]]:
        """The student's lines, and the blanks by number."""
        lines: list[str] = []
        block: list[str] | None = None
        begun, name = 0, ""
        for number, line in enumerate(source, start=1):
            if begin := _BEGIN.fullmatch(line):
                if block is not None:
                    raise self._error(number, f"the block of line {begun} is not ended yet")
                block, begun, name = [], number, begin["name"]
            elif _END.fullmatch(line):
                if block is None:
                    raise self._error(number, "no block is begun that this line could end")
                lines.append(self._block(begun, name, block))
                block = None
            elif block is not None:
                self._check_plain(number, line)
                block.append(line)
            elif in_line := _IN_LINE.fullmatch(line):
                lines.append(self._in_line(number, in_line))
            else:
                self._check_plain(number, line)
                lines.append(line)
        if block is not None:
            raise self._error(begun, "no line `### END SOLUTION` follows")
        if not self._blanks:
            raise ExerciseError(f"{self._label}: no answer is marked, so nothing is left to do")
        return lines, tuple(self._blanks.values())

    def _block(self, number: int, name: str, lines: list[str]) -> str:
        answer = textwrap.dedent("\n".join(lines)).strip("\n")
        if not answer.strip():
            raise self._error(number, "the block is empty; put the answer into it")
        first = next(line for line in lines if line.strip())
        indent = first[: len(first) - len(first.lstrip())]
        return f"{indent}{BLANK}  # blank {self._number(number, name, answer)}"

    def _in_line(self, number: int, found: re.Match[str]) -> str:
        line: str = found["code"]
        self._check_plain(number, line)
        code = without_comments(line).rstrip()
        before, equals, answer = code.partition(" = ")
        before, after = before + equals, ""
        if piece := found["piece"]:
            if code.count(piece) != 1:
                raise self._error(number, f"`{piece}` has to occur exactly once in the line's code")
            answer = piece
            before, _, after = code.partition(piece)
        elif not equals or not answer.strip():
            message = f"the line has no ` = `; write `### SOLUTION {found['name']}: the piece`"
            raise self._error(number, message)
        mark = f"  # blank {self._number(number, found['name'], answer.strip())}"
        return before + BLANK + after + line[len(code) :].rstrip() + mark

    def _number(self, line: int, name: str, answer: str) -> int:
        blank = self._blanks.setdefault(name, Blank(name, len(self._blanks) + 1, answer))
        if blank.answer != answer:
            message = f"blank `{name}` has another answer above; give this one another name"
            raise self._error(line, message)
        return blank.number

    def _check_plain(self, number: int, line: str) -> None:
        if _LIKE_A_MARKER.search(line):
            message = "this is nearly a marker; write `### BEGIN SOLUTION name`, "
            raise self._error(number, message + "`### END SOLUTION` or `### SOLUTION name`")
        if BLANK in line or _MARK_OF_BLANK.search(line):
            raise self._error(number, f"`{BLANK}` and `# blank 1` are written for students only")

    def _error(self, line: int, message: str) -> ExerciseError:
        return ExerciseError(f"{self._label}:{line}: {message}")
