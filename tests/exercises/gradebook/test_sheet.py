from __future__ import annotations

from collections.abc import Mapping

import pytest

from generator.exercises.gradebook.entry import Entry
from generator.exercises.gradebook.participants import Participant
from generator.exercises.gradebook.readers import READERS, SECTIONS
from generator.exercises.gradebook.roster import Student
from generator.exercises.gradebook.sheet import Sheet
from generator.exercises.gradebook.table import Table
from tests.exercises.homework.handed_in import as_notebook, cells_of

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
        {"id": "", "name": "Ada L", "email": ""},
        {"id": "2,02312E+13", "name": "Ada L", "email": ""},
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


def test_a_row_of_the_same_name_and_another_id_is_somebody_elses() -> None:
    before = table({"id": "12", "name": "Ada L", "file": "a.py", "override": "3"})
    sheet = Sheet(["1 a"], before)
    (ada,) = sheet.with_typed([Entry(Participant(ADA), None)])
    assert ada.typed == {}
    assert "not in this run" in sheet.content([ada]).decode("utf-8-sig")


def test_columns_that_this_run_has_not_are_not_the_instructors() -> None:
    cells = {"id": "007", "file": "a.py", "1 a": "1", "2 gone": "1", "total": "2", "Q2": "7 of 7"}
    before = table({**cells, "Q3": "7 of 7", "override": "", "3 late": "mine", "my Q2": "mine"})
    sheet = Sheet(["1 a"], before)
    (ada,) = sheet.with_typed([Entry(Participant(ADA), None)])
    assert ada.typed == {"override": "", "3 late": "mine", "my Q2": "mine"}
    header = sheet.content([ada]).decode("utf-8-sig").splitlines()[0].split(",")
    assert header[-2:] == ["3 late", "my Q2"]
    assert not {"2 gone", "Q2", "Q3"} & set(header)


def test_the_sections_of_readers_are_named() -> None:
    found = [one for read in READERS for one in read("a.ipynb", as_notebook(cells_of()))]
    assert {one.name for one in found} == set(SECTIONS)
