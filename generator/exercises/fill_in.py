"""A `Worksheet` -> what an edition's page shows of it, and the files that it offers.

In: an exercise with its notes, and the edition. Out: a `FillIn` for the page and the texts of
the downloads. In the student's edition neither holds an answer: the cards have the table of
hashes instead.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from generator.errors import PageError
from generator.exercises.answer_check import check_of
from generator.exercises.notebooks import notebook
from generator.exercises.notes import BlankNotes, Worksheet
from generator.exercises.source import Blank
from generator.project.suggest import did_you_mean

FOLDER = "downloads"
"""The folder of the downloads in a site."""


@dataclass(frozen=True)
class Card:
    """One blank on a page.

    Attributes:
        number: of the blank.
        name: of the blank.
        lines: the numbers of the lines that it is in.
        code: these lines, dedented: with the blank for students, else with the answer.
        hint: may hold `code` in backticks, like all texts in this module.
        check: for students the JSON that judges an answer, otherwise "".
        notes: for instructors all notes on the blank, otherwise None.
    """

    number: int
    name: str
    lines: tuple[int, ...]
    code: str
    hint: str
    check: str
    notes: BlankNotes | None


@dataclass(frozen=True)
class Piece:
    """Some lines of an exercise, and the cards of the blanks in them.

    Attributes:
        first_line: its number, from 1.
        source: whole paragraphs of code, the last one with a blank.
        cards: of the blanks that are not in a later piece.
    """

    first_line: int
    source: str
    cards: tuple[Card, ...]


@dataclass(frozen=True)
class FillIn:
    """An exercise on a page.

    Attributes:
        name: of its files, without suffix.
        title: for people.
        source: Python with blanks.
        lines: the numbers of the lines that have blanks.
        places: the names of the blanks in these lines.
        cards: by the number of the blank.
        downloads: the paths of its files in the site, and the names to show.
    """

    name: str
    title: str
    source: str
    lines: tuple[int, ...]
    places: tuple[str, ...]
    cards: tuple[Card, ...]
    downloads: tuple[tuple[str, str], ...]

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """The source in pieces, so that on paper each blank stands with its lines."""
        lines, pieces, start = self.source.split("\n"), list[Piece](), 0
        ends = [number for number, line in enumerate(lines) if not line.strip()] + [len(lines)]
        for end in ends:
            is_last = not any(line > end for line in self.lines)
            if is_last:
                end = len(lines)
            cards = tuple(one for one in self.cards if start < max(one.lines) <= end)
            if cards or is_last:
                source = "\n".join(lines[start:end])
                skipped = len(source) - len(source.lstrip("\n"))
                pieces.append(Piece(start + skipped + 1, source.strip("\n"), cards))
                start = end
            if is_last:
                break
        return tuple(pieces)


class FillIns(dict[str, FillIn]):
    """What pages show of each exercise, by its name; an unknown name is a `PageError`."""

    def __init__(self, worksheets: Sequence[Worksheet], *, instructor: bool) -> None:
        super().__init__({w.exercise.name: fill_in(w, instructor=instructor) for w in worksheets})

    def __missing__(self, name: object) -> FillIn:
        hint = did_you_mean(str(name), self) or f"; there are {', '.join(self) or 'none'}"
        raise PageError(f"`fill_in` found no exercise `{name}` in content/exercises{hint}")


def fill_in(worksheet: Worksheet, *, instructor: bool) -> FillIn:
    """What a page shows of an exercise."""
    exercise = worksheet.exercise
    labels = ["the exercise as Python", "as a Jupyter notebook"]
    labels += ["the solution as Python", "the solution as a notebook"]
    return FillIn(
        name=exercise.name,
        title=worksheet.heading.title,
        source=exercise.student.rstrip("\n"),
        lines=tuple(place.line for place in exercise.places),
        places=tuple(place.name for place in exercise.places),
        cards=tuple(_card(worksheet, blank, instructor) for blank in exercise.blanks),
        downloads=tuple(zip(downloads([worksheet], instructor=instructor), labels, strict=False)),
    )


def downloads(worksheets: Sequence[Worksheet], *, instructor: bool) -> dict[str, str]:
    """The texts of the files that exercises offer, by their path in the site."""
    files = {}
    for worksheet in worksheets:
        exercise = worksheet.exercise
        stem = f"{FOLDER}/{exercise.name}"
        files[f"{stem}.py"] = exercise.student
        files[f"{stem}.ipynb"] = notebook(worksheet, exercise.student)
        if instructor:
            files[f"{stem}_solution.py"] = exercise.solution
            files[f"{stem}_solution.ipynb"] = notebook(worksheet, exercise.solution)
    return files


def _card(worksheet: Worksheet, blank: Blank, instructor: bool) -> Card:
    notes = worksheet.notes[blank.name]
    places = [place for place in worksheet.exercise.places if place.name == blank.name]
    answer = blank.answer if instructor else "____"
    code = []
    for place in places:
        lines = answer.split("\n")
        indented = [lines[0], *(place.before + line for line in lines[1:])]
        code.append(place.before + "\n".join(indented) + place.after)
    return Card(
        number=blank.number,
        name=blank.name,
        lines=tuple(place.line for place in places),
        code=textwrap.dedent("\n".join(code)),
        hint=notes.hint,
        check="" if instructor else check_of(worksheet, blank.name),
        notes=notes if instructor else None,
    )
