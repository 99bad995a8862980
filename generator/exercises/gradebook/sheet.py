"""The rows of a class <-> `grades.csv`, in which the instructor writes, too.

In: `Entry`s, and the table of an earlier run. Out: the table, and what was typed into it. The
columns `override` and `comment`, and every column that is not ours, belong to the instructor: what
stands there goes on standing in the same student's row, whatever else changes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from generator.exercises.gradebook.entry import COMMENT, OVERRIDE, Entry
from generator.exercises.gradebook.readers import SECTIONS
from generator.exercises.gradebook.table import Table, as_typed, defused, table_bytes

_WHO = ("id", "name", "email")
_GONE = "not in this run"
_BLANK = re.compile(r"\d+ \w+")
_CUT_SHORT = re.compile(r"\d[.,]\d+e\+\d+")
"""What Excel makes of an id of more than eleven digits."""


class Sheet:
    """The table of a class."""

    def __init__(self, blanks: Sequence[str], before: Table | None) -> None:
        """Takes an earlier table.

        Args:
            blanks: the columns of blanks, such as "1 backbone".
            before: the table of an earlier run, which the instructor may have changed.
        """
        self._blanks = tuple(blanks)
        self._before = before
        self._rows = [dict(cells) for _, cells in before.rows] if before else []
        self._taken = set[int]()

    def with_typed(self, entries: Sequence[Entry]) -> tuple[Entry, ...]:
        """The entries with what the instructor typed into their rows."""
        ours = self._ours(entries)
        found: dict[int, dict[str, str]] = {}
        self._taken.clear()
        for keys in _KEYS:
            for number, entry in enumerate(entries):
                wanted = keys({name: str(cell) for name, cell in self._row(entry).items()})
                if number in found or not wanted:
                    continue
                rows = [
                    at
                    for at, row in enumerate(self._rows)
                    if keys(row) == wanted
                    and (keys not in _OF_NAMES or _may_be(row, entry.participant.student.id))
                ]
                if len(rows) == 1 and rows[0] not in self._taken:
                    self._taken.add(rows[0])
                    found[number] = self._typed(self._rows[rows[0]], ours)
        return tuple(
            replace(entry, typed=found.get(number, {})) for number, entry in enumerate(entries)
        )

    def content(self, entries: Sequence[Entry]) -> bytes:
        """The bytes of the table: entries in their order, then others with something typed."""
        own, ours = self._own(entries), self._ours(entries)
        extra = [
            one for one in (self._before.header if self._before else ()) if one and one not in ours
        ]
        rows: list[Mapping[str, object]] = [self._row(entry) | entry.typed for entry in entries]
        for at, row in enumerate(self._rows):
            if at not in self._taken and any(self._typed(row, ours).values()):
                rows.append({**row, "status": _GONE})
        separator = self._before.separator if self._before else ","
        return table_bytes([*own, *dict.fromkeys(extra)], rows, separator)

    def _typed(self, row: Mapping[str, str], ours: Sequence[str]) -> dict[str, str]:
        """What the instructor wrote into a row."""
        return {
            name: cell
            for name, cell in row.items()
            if name in (OVERRIDE, COMMENT) or (name and name not in ours)
        }

    def _own(self, entries: Sequence[Entry]) -> tuple[str, ...]:
        """The columns that a run writes."""
        sections = dict.fromkeys(
            section.name
            for entry in entries
            if entry.record is not None
            for section in entry.record.sections
        )
        return (
            *_WHO, "status", "file", *self._blanks, "total", "of", "passed", "message", "flags",
            *map(defused, sections), OVERRIDE, COMMENT, "final",
        )  # fmt: skip

    def _ours(self, entries: Sequence[Entry]) -> tuple[str, ...]:
        """The same, and those that an earlier run wrote though this one has none."""
        header = self._before.header if self._before else ()
        blanks: list[str] = []
        if "file" in header and "total" in header:
            between = header[header.index("file") + 1 : header.index("total")]
            blanks += filter(_BLANK.fullmatch, between)
        return (*self._own(entries), *SECTIONS, *blanks)

    def _row(self, entry: Entry) -> dict[str, object]:
        student, grade = entry.participant.student, entry.grade
        row: dict[str, object] = {
            "id": defused(student.id),
            "name": defused(student.name),
            "email": defused(student.email),
            "status": entry.status,
            "total": entry.points,
            "of": len(self._blanks),
            "passed": "no",
            "flags": defused(" ".join(entry.flags)),
            "final": entry.final,
        }
        if grade is None:
            return row
        row |= {name: one.points for name, one in zip(self._blanks, grade.blanks, strict=True)}
        row |= {
            "file": defused(grade.file),
            "passed": "yes" if grade.passed else "no",
            "message": defused(grade.message),
        }
        assert entry.record is not None
        return row | {defused(one.name): defused(one.summary) for one in entry.record.sections}


def _cell(row: Mapping[str, str], name: str) -> str:
    return as_typed(row.get(name, "")).strip().casefold()


_KEYS: tuple[Callable[[Mapping[str, str]], str], ...] = (
    lambda row: _cell(row, "id"),
    lambda row: _cell(row, "email"),
    lambda row: _cell(row, "name"),
    lambda row: f"{_cell(row, 'name')}\n{_cell(row, 'file')}" if _cell(row, "file") else "",
)
"""What tells a row, the surest first: Excel makes 7 of 007, and then the others do."""
_OF_NAMES = _KEYS[2:]


def _may_be(row: Mapping[str, str], id_: str) -> bool:
    """Whether a row's id does not say that it is somebody else's of the same name."""
    theirs, mine = _cell(row, "id"), id_.strip().casefold()
    is_known = bool(theirs and mine and not _CUT_SHORT.fullmatch(theirs))
    return not is_known or theirs.lstrip("0") == mine.lstrip("0")
