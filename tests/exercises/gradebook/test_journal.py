from __future__ import annotations

from pathlib import Path

from generator.exercises.gradebook.journal import Journal
from generator.exercises.gradebook.record import FileNote, Record
from generator.exercises.gradebook.section import Row, Section
from generator.exercises.grading.grade import BlankGrade, Grade

BLANKS = (BlankGrade(1, "backbone", "right"), BlankGrade(2, "sigmoid", "wrong", "Why."))


def record(key: str, file: str = "a\udcff\n.py") -> Record:
    grade = Grade(file, False, BLANKS, "Nearly.", 1, ("look",), "text")
    sections = (Section("Q2", (Row("a", "found", "b", 1, 2),), "<p>", "c", False),)
    return Record(key, grade, (FileNote(file), FileNote("b.py", "no")), sections)


def test_a_record_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    with Journal(path) as journal:
        journal.add(record("1"))
        journal.add(record(""))
        assert path.read_bytes().count(b"\n") == 2  # they are there before the next is graded
    assert Journal(path).records == {"1": record("1")}


def test_a_file_that_was_cut_off_anywhere_has_all_lines_before(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    with Journal(path) as journal:
        journal.add(record("1"))
        begin = path.stat().st_size
        journal.add(record("2"))
    whole = path.read_bytes()
    for length in range(begin, len(whole) - 1, 40):
        path.write_bytes(whole[:length])
        with Journal(path) as journal:
            assert journal.records == {"1": record("1")}
            journal.add(record("3"))
        assert set(Journal(path).records) == {"1", "3"}


def test_lines_of_another_kind_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('5\n[]\n{"key": 1}\n\n{"key": "1", "blanks": [{"number": "x"}]}\n' + "[" * 9000)
    assert Journal(path).records == {}


def test_it_is_written_anew_in_an_order_that_is_always_the_same(tmp_path: Path) -> None:
    contents = []
    for keys in ("123", "312"):
        path = tmp_path / keys
        with Journal(path) as journal:
            for key in keys:
                journal.add(record(key))
        journal.rewrite([record("1", "moved.py"), record("1", "same.py")])
        contents.append(path.read_bytes())
    assert contents[0] == contents[1]
    assert contents[0].count(b'"key": "1"') == 2
    assert b"a\\udcff" not in contents[0].splitlines()[0]
