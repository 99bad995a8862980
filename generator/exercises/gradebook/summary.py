"""The rows of a class -> a page about the class, and one with what is to be read.

In: `Entry`s, what was refused, and the exercise. Out: HTML for the instructor: how many points
there were, which blanks the class failed and with what, who is to be looked at, who is missing.
"""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from generator.exercises.gradebook.entry import Entry, copies_in
from generator.exercises.gradebook.page import page
from generator.exercises.gradebook.section import Section
from generator.exercises.grading.grade import BlankGrade, Verdict
from generator.exercises.source import Exercise

_ORDER: tuple[Verdict, ...] = ("right", "wrong", "empty", "not found", "stopped")
_COLOURS = {
    "right": "#9fc9a8",
    "wrong": "#a3211b",
    "empty": "#e3c566",
    "not found": "#7d7d7d",
    "stopped": "#3c3c3c",
}
_WIDTH, _HEIGHT = 420, 110  # of bars and columns, in pixels
_MOST_SENTENCES = 3


@dataclass(frozen=True)
class Column:
    """A column of the picture of points: how many have them, and how high it is drawn."""

    points: int
    count: int
    height: float


@dataclass(frozen=True)
class Piece:
    """A piece of a bar: a verdict, how many got it, where it begins and how long it is."""

    verdict: str
    count: int
    left: float
    width: float
    colour: str


@dataclass(frozen=True)
class BlankOfClass:
    """A blank: its bar, and the commonest sentences with how often each was said."""

    number: int
    name: str
    right: int
    pieces: tuple[Piece, ...]
    sentences: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class SectionOfClass:
    """A section's rows: what was looked at, and each verdict with how often it was given."""

    name: str
    rows: tuple[tuple[str, tuple[tuple[str, int], ...]], ...]


def summary_page(
    title: str, exercise: Exercise, entries: Sequence[Entry], refused: Sequence[str]
) -> bytes:
    """The page about the class."""
    graded = [one for one in entries if one.grade is not None]
    points = [float(one.final) for one in graded]
    return page(
        "summary.html.j2",
        title=title,
        of=len(exercise.blanks),
        listed=sum(one.participant.is_listed for one in entries),
        graded=graded,
        passed=sum(one.grade is not None and one.grade.passed for one in graded),
        mean=statistics.fmean(points) if points else 0.0,
        median=statistics.median(points) if points else 0.0,
        columns=_columns(points, len(exercise.blanks)),
        column_height=_HEIGHT,
        blanks=_blanks(graded, exercise),
        bar_width=_WIDTH,
        colours=_COLOURS,
        sections=_sections(graded),
        flagged=[one for one in entries if one.flags],
        copies=copies_in(entries),
        strangers=[one for one in entries if not one.participant.is_listed],
        missing=[one for one in entries if one.record is None and one.participant.is_listed],
        several=[one for one in graded if one.record is not None and len(one.record.files) > 1],
        refused=refused,
    )


def reading_page(title: str, entries: Sequence[Entry]) -> bytes | None:
    """What the instructor is to read, student by student; None if there is nothing."""
    texts: list[tuple[Entry, list[Section]]] = []
    for one in entries:
        sections = one.record.sections if one.record is not None else ()
        if own := [section for section in sections if not section.is_for_students]:
            texts.append((one, own))
    return page("reading.html.j2", title=title, texts=texts) if texts else None


def _columns(points: Sequence[float], of: int) -> list[Column]:
    counts = Counter(min(max(round(one), 0), of) for one in points)
    highest = max(counts.values(), default=1)
    return [Column(one, counts[one], _HEIGHT * counts[one] / highest) for one in range(of + 1)]


def _blanks(graded: Sequence[Entry], exercise: Exercise) -> list[BlankOfClass]:
    found = []
    for at, blank in enumerate(exercise.blanks):
        grades = [one.grade.blanks[at] for one in graded if one.grade is not None]
        said = Counter(one.message for one in grades if one.message and one.verdict == "wrong")
        sentences = tuple(said.most_common(_MOST_SENTENCES))
        right = sum(one.points for one in grades)
        found.append(BlankOfClass(blank.number, blank.name, right, _pieces(grades), sentences))
    return found


def _pieces(grades: Sequence[BlankGrade]) -> tuple[Piece, ...]:
    """A bar's pieces, one for each verdict that somebody got."""
    counts = Counter(one.verdict for one in grades)
    pieces, left = [], 0.0
    for verdict in _ORDER:
        width = _WIDTH * counts[verdict] / max(len(grades), 1)
        if counts[verdict]:
            pieces.append(Piece(verdict, counts[verdict], left, width, _COLOURS[verdict]))
        left += width
    return tuple(pieces)


def _sections(graded: Sequence[Entry]) -> list[SectionOfClass]:
    """What was found in sections that have rows."""
    verdicts: dict[str, dict[str, Counter[str]]] = {}
    for one in graded:
        for section in one.record.sections if one.record is not None else ():
            for row in section.rows:
                rows = verdicts.setdefault(section.name, {})
                rows.setdefault(row.name, Counter())[row.verdict] += 1
    return [
        SectionOfClass(
            name, tuple((row, tuple(count.most_common())) for row, count in rows.items())
        )
        for name, rows in verdicts.items()
    ]
