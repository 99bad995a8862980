"""What was handed in + the list of the class -> everybody, with what each of them handed in.

In: a `Collection`, and `Student`s if there is a list. Out: `Participant`s: first the list's, in its
order, also those who handed in nothing; then whoever is not on it, by name.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from generator.exercises.gradebook.handed_in import Collection, HandedIn
from generator.exercises.gradebook.matching import Match, Matcher
from generator.exercises.gradebook.names import Sender
from generator.exercises.gradebook.roster import Student
from generator.exercises.gradebook.work import Work


@dataclass(frozen=True)
class Participant:
    """Somebody who is on the list, or handed in something.

    Attributes:
        student: who it is; of somebody who is not on the list, what the files' names tell.
        files: those that can be graded.
        others: the names of other files.
        is_listed: whether the list has this student; true if there is no list.
        why: if it has not, what there is to say, such as who is meant perhaps; or "".
    """

    student: Student
    files: tuple[HandedIn, ...] = ()
    others: tuple[str, ...] = ()
    is_listed: bool = True
    why: str = ""

    @property
    def work(self) -> Work | None:
        """What there is to grade."""
        return Work(self.student.name, self.files) if self.files else None


def participants_of(
    collection: Collection, roster: Sequence[Student] | None
) -> tuple[Participant, ...]:
    """Everybody."""
    by_sender: dict[Sender, list[HandedIn]] = {}
    for file in collection.files:
        by_sender.setdefault(file.sent.sender, []).append(file)
    if roster is None:
        alone = [_participant(_student_of(one), files) for one, files in by_sender.items()]
        return tuple(sorted(alone, key=_order))
    matcher = Matcher(roster)
    found: dict[str, list[HandedIn]] = {student.key: [] for student in roster}
    strangers = []
    for sender, files in by_sender.items():
        match: Match = matcher.match(sender)
        if match.student is not None:
            found[match.student.key] += files
        else:
            strangers.append(_participant(_student_of(sender), files, False, match.why))
    listed = [_participant(student, found[student.key]) for student in roster]
    return (*listed, *sorted(strangers, key=_order))


def _order(one: Participant) -> tuple[str, str, str]:
    label = one.files[0].label if one.files else ""
    return one.student.name.casefold(), one.student.name, label


def _student_of(sender: Sender) -> Student:
    numbers = {sender.system: sender.number} if sender.system else {}
    return Student(
        sender.name,
        id=numbers.get("canvas", ""),
        canvas=numbers.get("canvas", ""),
        moodle=numbers.get("moodle", ""),
    )


def _participant(
    student: Student, files: Sequence[HandedIn], is_listed: bool = True, why: str = ""
) -> Participant:
    code = tuple(one for one in files if one.is_code)
    others = tuple(one.sent.file for one in files if not one.is_code)
    return Participant(student, code, others, is_listed, why)
