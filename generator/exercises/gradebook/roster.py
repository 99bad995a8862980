"""The list of a class -> its students.

In: a CSV file with columns for id, name and email, under the names that people and course systems
give them: gradebooks exported by Moodle and Canvas, and Moodle's grading worksheet, will do as
they are. Out: `Student`s in its order.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from generator.errors import UsageError
from generator.exercises.gradebook.table import Table, as_typed, read_table

_COLUMNS = {
    "id": (
        "id", "studentid", "studentnumber", "idnumber", "sisuserid", "matriculationnumber",
        "matrikelnummer", "matrikelnr", "number", "registrationnumber",
    ),
    "name": ("name", "fullname", "student", "studentname"),
    "first": ("firstname", "givenname", "forename", "vorname"),
    "last": ("lastname", "surname", "familyname", "nachname"),
    "email": ("email", "emailaddress", "mail", "studentemail"),
    "login": ("login", "loginid", "sisloginid", "username", "user"),
    "participation": ("identifier",),
    "submission": ("submission", "handedinas"),
}  # fmt: skip
"""What a column may be called, in small letters and without spaces, dashes and underscores."""
_OF_CANVAS = frozenset({"sisuserid", "sisloginid", "section"})
_NO_STUDENTS = frozenset({"points possible", "student, test", "test student"})
"""What Canvas writes among the names."""


@dataclass(frozen=True)
class Student:
    """A student.

    Attributes:
        name: as the list has it.
        id: the university's; "" if it is not known.
        email: or "".
        login: or "".
        canvas: the number that Canvas gives its users, or "".
        moodle: the number of the participation in Moodle's assignment, or "".
        submission: the name under which this student handed in, if the instructor says so, or "".
    """

    name: str
    id: str = ""
    email: str = ""
    login: str = ""
    canvas: str = ""
    moodle: str = ""
    submission: str = ""

    @property
    def key(self) -> str:
        """What tells students of one list apart."""
        return self.id or self.email.casefold() or self.name.casefold()


def read_roster(path: Path) -> tuple[Student, ...]:
    """Reads the list of a class.

    Raises:
        UsageError: it is no such list, or two of its students cannot be told apart.
    """
    table = read_table(path)
    columns = _columns(table)
    if not columns.keys() & {"name", "first", "last"}:
        found = ", ".join(f"`{name}`" for name in table.header[:12])
        raise UsageError(f"{path}: has no column `name`; its first line names {found}")
    students: dict[str, Student] = {}
    lines: dict[str, int] = {}
    for line, cells in table.rows:
        row = {ours: as_typed(cells[theirs]).strip() for ours, theirs in columns.items()}
        student = _student(row)
        if not student.name or student.name.casefold() in _NO_STUDENTS:
            continue
        if student.key in students:
            raise UsageError(
                f"{path}:{line}: {student.name} cannot be told from the student of line "
                f"{lines[student.key]}; give both of them an id of their own"
            )
        students[student.key], lines[student.key] = student, line
    if not students:
        raise UsageError(f"{path}: names no student")
    return tuple(students.values())


def _columns(table: Table) -> dict[str, str]:
    """What each of our columns is called in the file."""
    names = {re.sub(r"[\W_]+", "", name.casefold()): name for name in reversed(table.header)}
    found: dict[str, str] = {}
    for ours, possible in _COLUMNS.items():
        theirs = next((names[one] for one in possible if one in names), None)
        if theirs is not None:
            found[ours] = theirs
    if "student" in names and names.keys() & _OF_CANVAS and "id" in names:
        found["canvas"] = names["id"]
        found["id"] = names.get("sisuserid", names["id"])
    return found


def _student(row: Mapping[str, str]) -> Student:
    name = row.get("name") or " ".join(filter(None, (row.get("first"), row.get("last"))))
    number = re.search(r"\d+$", row.get("participation", ""))
    return Student(
        name=" ".join(name.split()),
        id=row.get("id") or row.get("canvas", ""),
        email=row.get("email", ""),
        login=row.get("login", ""),
        canvas=row.get("canvas", ""),
        moodle=number[0] if number else "",
        submission=row.get("submission", ""),
    )
