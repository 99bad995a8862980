"""Where a blank is, and what a submission has in its place.

In: the code around a blank in the student's source, and the lines of a submission. Out: the
code in the blank's place, or nothing if the place cannot be found.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from generator.exercises.normal_form import is_balanced, normal_form, without_comments

BLANK = "____"
"""A blank in the student's source: a name that no other code uses."""

_MOST_LINES = 30
"""Answers of more lines than these are not looked for."""


@dataclass(frozen=True)
class Place:
    """A blank's place in the student's source.

    Attributes:
        name: of the blank.
        number: of the blank.
        line: of the student's source, counted from 1.
        before: the line's code before the blank, its indentation included.
        after: the line's code after the blank; no comment.
    """

    name: str
    number: int
    line: int
    before: str
    after: str

    @property
    def is_block(self) -> bool:
        """Whether the blank stands for whole lines."""
        return not self.before.strip() and not self.after.strip()


@dataclass(frozen=True)
class Found:
    """An answer, and where it is.

    Attributes:
        answer: its code.
        lines: the first line of its statement and the line behind it, counted from 0.
    """

    answer: str
    lines: tuple[int, int]


def found_in(lines: Sequence[str], place: Place, student: Sequence[str]) -> str | None:
    """The code that a submission has in a place; None if the place cannot be found.

    Args:
        lines: of the submission.
        place: the place.
        student: the lines of the student's source.
    """
    found = located_in(lines, place, student)
    return found.answer or None if found else None


def located_in(lines: Sequence[str], place: Place, student: Sequence[str]) -> Found | None:
    """As `found_in`, with the lines; the answer of a block whose lines are gone is ""."""
    if place.is_block:
        between = _block_between(lines, place, student)
        if between is None or not between.answer:
            return _marked_line(lines, place) or between
        return between
    found = []
    for start, line in enumerate(lines):
        if normal_form(line).startswith(normal_form(place.before)):
            found += _answers_from(lines, start, place)
    marked = [answer for answer, is_marked in found if is_marked]
    answers = marked or [answer for answer, _ in found]
    return answers[0] if len(answers) == 1 else None


def _answers_from(lines: Sequence[str], start: int, place: Place) -> list[tuple[Found, bool]]:
    """The answer that begins in a line, and whether it is marked; a list of one item or none."""
    for end in range(start + 1, min(start + _MOST_LINES, len(lines)) + 1):
        piece = lines[start:end]
        code = _code_of(piece)
        for after in dict.fromkeys((place.after, place.after.removesuffix(","))):
            answer = _between(code, place.before, after)
            if answer and is_balanced(answer):
                marked = any(_is_marked(line, place.number) for line in piece)
                return [(Found(answer, (start, end)), marked)]
        if is_balanced(code):  # what follows is another line of code
            break
    return []


def _between(code: str, before: str, after: str) -> str | None:
    """The code between a beginning and an end, whose spacing does not matter; else None."""
    start = _past(code, before)
    end = _past(code[::-1], after[::-1])
    if start is None or end is None or start + end > len(code):
        return None
    return textwrap.dedent(code[start : len(code) - end]).strip()


def _past(code: str, beginning: str) -> int | None:
    """The length of a beginning within the code; spacing and kinds of quotes do not matter."""
    wanted = "".join(beginning.split()).replace('"', "'")
    position = 0
    for character in wanted:
        while position < len(code) and code[position].isspace():
            position += 1
        if position == len(code) or code[position].replace('"', "'") != character:
            return None
        position += 1
    return position


def _block_between(lines: Sequence[str], place: Place, student: Sequence[str]) -> Found | None:
    """The lines between the code before and after a block in the student's source."""
    above = _nearest_code(reversed(student[: place.line - 1]))
    below = _nearest_code(student[place.line :])
    tops = [number for number, line in enumerate(lines) if normal_form(line) == above]
    if above is None or below is None or len(tops) != 1:
        return None
    for number in range(tops[0] + 1, len(lines)):
        if normal_form(lines[number]).startswith(below):
            return Found(_code_of(lines[tops[0] + 1 : number]), (tops[0] + 1, number))
    return None


def _nearest_code(lines: Sequence[str] | Iterator[str]) -> str | None:
    """The first line of code, up to its blank; None if it begins with a blank."""
    code = next(filter(None, map(normal_form, lines)), "")
    return code.partition(BLANK)[0] or None


def _marked_line(lines: Sequence[str], place: Place) -> Found | None:
    marked = [number for number, line in enumerate(lines) if _is_marked(line, place.number)]
    if len(marked) != 1 or not (answer := _code_of([lines[marked[0]]])):
        return None
    return Found(answer, (marked[0], marked[0] + 1))


def _code_of(lines: Sequence[str]) -> str:
    """Lines of code, dedented, without comments and empty lines."""
    bare = (without_comments(line).rstrip() for line in lines)
    return textwrap.dedent("\n".join(line for line in bare if line)).strip()


def _is_marked(line: str, number: int) -> bool:
    return re.search(rf"#.*\bblank\s+{number}\b", line) is not None
