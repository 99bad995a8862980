"""A row of the class: a participant, what was handed in, graded, and what the instructor wrote.

In and out: records, for the table, the feedback and the page about the class.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from generator.exercises.gradebook.participants import Participant
from generator.exercises.gradebook.record import Record
from generator.exercises.grading.copies import same_as
from generator.exercises.grading.grade import Grade

OVERRIDE, COMMENT = "override", "comment"


@dataclass(frozen=True)
class Entry:
    """A row of the class.

    Attributes:
        participant: who it is.
        record: of what was handed in; None if there is nothing to grade.
        flags: reasons to look at it oneself, copies among them.
        typed: what the instructor wrote into the table, by its column.
    """

    participant: Participant
    record: Record | None
    flags: tuple[str, ...] = ()
    typed: dict[str, str] = field(default_factory=dict)

    @property
    def grade(self) -> Grade | None:
        """Of the file that counts."""
        return None if self.record is None else self.record.grade

    @property
    def status(self) -> str:
        """What became of it, in a few words."""
        if not self.participant.is_listed:
            return "not on the roster"
        if self.record is not None:
            return "graded"
        return "nothing to grade" if self.participant.others else "nothing handed in"

    @property
    def points(self) -> int:
        """As graded."""
        return 0 if self.grade is None else self.grade.points

    @property
    def override(self) -> float | None:
        """The points that the instructor gave instead; None if there are none."""
        typed = self.typed.get(OVERRIDE, "").strip().replace(",", ".")
        try:
            value = float(typed)
        except ValueError:
            return None
        return value if abs(value) < 1e6 else None

    @property
    def final(self) -> str:
        """The points that count, as text."""
        return f"{self.points if self.override is None else self.override:g}"


def entries_of(
    participants: Sequence[Participant], records: Sequence[Record | None]
) -> tuple[Entry, ...]:
    """The rows of a class, with a flag on each of those who handed in the same text."""
    entries = [
        Entry(one, record, () if record is None else record.grade.flags)
        for one, record in zip(participants, records, strict=True)
    ]
    return tuple(replace(one, flags=_flags(one, entries)) for one in entries)


def copies_in(entries: Sequence[Entry]) -> tuple[tuple[Entry, ...], ...]:
    """Those who handed in the same text, character by character, in groups."""
    groups: dict[str, list[Entry]] = {}
    for one in entries:
        if one.grade is not None and one.grade.text:
            groups.setdefault(one.grade.text, []).append(one)
    return tuple(tuple(group) for group in groups.values() if len(group) > 1)


def _flags(entry: Entry, entries: Sequence[Entry]) -> tuple[str, ...]:
    text = entry.grade.text if entry.grade is not None else ""
    same = [
        other.participant.student.name
        for other in entries
        if text and other is not entry and other.grade is not None and other.grade.text == text
    ]
    if not same:
        return entry.flags
    shown = ", ".join(same[:3]) + (f" and {len(same) - 3} more" if len(same) > 3 else "")
    return (*entry.flags, same_as(shown))
