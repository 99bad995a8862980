from __future__ import annotations

from collections.abc import Mapping

import pytest

from generator.exercises.gradebook.entry import Entry
from generator.exercises.gradebook.participants import Participant
from generator.exercises.gradebook.roster import Student
from generator.exercises.gradebook.sheet import Sheet
from generator.exercises.gradebook.table import Table

ADA, BOB = Student("Ada L", "007", "a@x"), Student("Bob M", "8")


def table(*rows: Mapping[str, str]) -> Table:
    header = tuple(dict.fromkeys(name for row in rows for name in row))
    return Table(header, tuple(enumerate(rows, start=2)))


@pytest.mark.parametrize(
    "row",
    [
        {"id": "007", "name": "Ada married", "email": "new@x"},
        {"id": "7", "name": "", "email": "A@x"},
        {"id": "7", "name": "Ada L", "email": ""},
    ],
)
def test_a_row_is_found_by_what_tells_it(row: dict[str, str]) -> None:
    before = table({**row, "override": "3"}, {"id": "8", "name": "Bob M", "override": ""})
    entries = [Entry(Participant(one), None) for one in (BOB, ADA)]
    bob, ada = Sheet(["1 a"], before).with_typed(entries)
    assert ada.typed["override"] == "3"
    assert (ada.final, bob.final) == ("3", "0")


def test_two_rows_that_could_be_meant_are_both_kept_and_nobody_gets_them() -> None:
    rows = [{"id": "", "name": "Ada L", "comment": one} for one in ("one", "two")]
    sheet = Sheet(["1 a"], table(*rows))
    (ada,) = sheet.with_typed([Entry(Participant(ADA), None)])
    assert ada.typed == {}
    content = sheet.content([ada]).decode("utf-8-sig")
    assert "one" in content
    assert "two" in content
    assert content.count("not in this run") == 2
