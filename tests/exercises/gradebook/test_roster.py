from __future__ import annotations

from pathlib import Path

import pytest

from generator.errors import UsageError
from generator.exercises.gradebook.roster import Student, read_roster


def roster(tmp_path: Path, text: str) -> tuple[Student, ...]:
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    return read_roster(tmp_path / "a.csv")


@pytest.mark.parametrize(
    ("text", "student"),
    [
        ("id,name,email\n7,Ada L,a@x\n", Student("Ada L", "7", "a@x")),
        ("E-Mail;Student ID;Full name\na@x;7;Ada L\n", Student("Ada L", "7", "a@x")),
        ("Vorname;Nachname;Matrikel-Nr.\nAda;L;7\n", Student("Ada L", "7")),
        (
            "First name,Last name,ID number,Email address\nAda,L,7,a@x\n",
            Student("Ada L", "7", "a@x"),
        ),
        (
            "Identifier,Full name,Email address,Status\nParticipant 1234,Ada L,a@x,Submitted\n",
            Student("Ada L", email="a@x", moodle="1234"),
        ),
        (
            "Student,ID,SIS User ID,SIS Login ID,Section,HW1\n"
            "    Points Possible,,,,,12\n"
            '"L, Ada",501,7,al01,A,\n"Student, Test",502,,x,A,\n',
            Student("L, Ada", "7", login="al01", canvas="501"),
        ),
        ("Student,ID,Section\nAda L,501,A\n", Student("Ada L", "501", canvas="501")),
        ("name,submission\nAda L,group 3\n", Student("Ada L", submission="group 3")),
    ],
)
def test_columns_have_the_names_that_people_and_systems_give_them(
    tmp_path: Path, text: str, student: Student
) -> None:
    assert roster(tmp_path, text) == (student,)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a,b\n1,2\n", "has no column `name`"),
        ("name\n", "names no student"),
        ("id,name\n7,Ada\n7,Bob\n", "a.csv:3: Bob cannot be told from the student of line 2"),
        ("name\nAda L\nada l\n", "cannot be told"),
    ],
)
def test_what_is_wrong_with_a_roster_is_said(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        roster(tmp_path, text)
