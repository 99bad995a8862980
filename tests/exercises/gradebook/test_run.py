"""A class from its files to its folder, with a grader that looks for words."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from generator.errors import BusyError, GeneratorError, UsageError
from generator.exercises.gradebook import readers, work
from generator.exercises.gradebook.command import say_class
from generator.exercises.gradebook.run import Class, grade_class
from generator.exercises.gradebook.section import Row, Section
from generator.exercises.grading.submission import Submission, submission_of
from generator.files.lock import locked
from tests.exercises.gradebook.fakes import request_for, run
from tests.exercises.gradebook.zips import write_zip, zipped

pytestmark = pytest.mark.usefixtures("graded")


def rows(submissions: Path) -> dict[str, dict[str, str]]:
    text = (submissions.parent / "grades/grades.csv").read_text(encoding="utf-8-sig")
    return {row["name"]: row for row in csv.DictReader(text.splitlines())}


def lines(submissions: Path) -> list[dict[str, object]]:
    path = submissions.parent / "grades/grades.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()]


def text_of(submissions: Path, name: str) -> str:
    return (submissions.parent / "grades" / name).read_text()


def test_a_class_without_a_list(submissions: Path, graded: list[str]) -> None:
    outcome = run(submissions)
    assert [one.participant.student.name for one in outcome.entries] == ["ada", "bob", "cid"]
    assert {name: row["total"] for name, row in rows(submissions).items()} == {
        "ada": "2",
        "bob": "1",
        "cid": "1",
    }
    assert rows(submissions)["bob"]["2 depth"] == "0"
    assert rows(submissions)["ada"]["passed"] == "yes"
    assert len(lines(submissions)) == len(graded) == 3
    feedback = sorted(one.name for one in (submissions.parent / "grades/feedback").iterdir())
    assert feedback == ["ada.html", "bob.html", "cid.html"]
    assert "The size is not <code>right</code>." in text_of(submissions, "summary.html")


def test_everybody_on_the_list_has_a_row(submissions: Path, tmp_path: Path) -> None:
    roster = tmp_path / "students.csv"
    roster.write_text("id,name\n7,Ada\n8,Bobb\n9,Zoe\n")
    outcome = run(submissions, roster)
    found = {one.participant.student.name: one.status for one in outcome.entries}
    assert found == {
        "Ada": "graded",
        "Bobb": "nothing handed in",
        "Zoe": "nothing handed in",
        "bob": "not on the roster",
        "cid": "not on the roster",
    }
    assert list(rows(submissions)) == list(found)
    assert outcome.entries[3].participant.why == "is it: Bobb (8)?"
    assert "is it: Bobb (8)?" in text_of(submissions, "summary.html")
    assert "Nothing was handed in." in text_of(submissions, "feedback/zoe-9.html")


@pytest.mark.slow
def test_what_has_not_changed_is_not_graded_again(
    submissions: Path, graded: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run(submissions)
    before = {path.name: path.read_bytes() for path in _files(submissions)}
    moved = submissions.rename(submissions.with_name("moved"))
    (moved / "bob/detr.py").touch()
    graded.clear()
    assert run(moved).taken_over == 3
    assert graded == []
    assert rows(moved)["ada"]["file"].startswith(str(moved))
    moved.rename(submissions)
    run(submissions)
    assert {path.name: path.read_bytes() for path in _files(submissions)} == before
    (submissions / "bob/detr.py").write_text("SIZE DEPTH")
    run(submissions)
    assert graded == [str(submissions / "bob/detr.py")]
    monkeypatch.setattr("generator.exercises.gradebook.run.version_of", lambda settings: "2")
    graded.clear()
    run(submissions)
    assert len(graded) == 3


def _files(submissions: Path) -> list[Path]:
    return [path for path in (submissions.parent / "grades").rglob("*") if path.is_file()]


def test_an_interrupt_leaves_what_was_graded(submissions: Path, graded: list[str]) -> None:
    (submissions / "bob/detr.py").write_text("INTERRUPT")
    with pytest.raises(KeyboardInterrupt):
        run(submissions)
    assert len(lines(submissions)) == 1
    (submissions / "bob/detr.py").write_text("SIZE")
    graded.clear()
    assert run(submissions).taken_over == 1
    assert len(graded) == 2


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="has no such signals")
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_run_that_is_ended_from_outside_is_resumed(submissions: Path, number: int) -> None:
    (submissions / "bob/detr.py").write_text("SLEEP")
    command = [sys.executable, "-m", "tests.exercises.gradebook.fakes", str(submissions)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        journal, until = submissions.parent / "grades/grades.jsonl", time.monotonic() + 60
        while not (journal.exists() and journal.read_bytes()) and time.monotonic() < until:
            time.sleep(0.05)
        process.send_signal(number)
        assert process.wait() != 0
    (submissions / "bob/detr.py").write_text("SIZE")
    with journal.open("ab") as stream:
        stream.write(b'{"key": "cut o')
    run(submissions)  # of another version: nothing is taken over, and nothing is in the way
    assert rows(submissions)["bob"]["total"] == "1"


def test_one_file_that_the_grader_fails_on_costs_nobody_else(
    submissions: Path, graded: list[str]
) -> None:
    (submissions / "bob/detr.py").write_text("BUG")
    outcome = run(submissions)
    assert [one.points for one in outcome.entries] == [2, 0, 1]
    assert "The grader itself failed" in rows(submissions)["bob"]["flags"]
    assert "could not be graded yet" in text_of(submissions, "feedback/bob.html")
    said: list[str] = []
    assert not say_class(outcome, submissions, lambda line, **_: said.append(line))
    assert said[0].startswith("The grader itself failed on: bob.")
    graded.clear()
    run(submissions)
    assert graded == [str(submissions / "bob/detr.py")]


def test_a_full_disk_stops_everything(submissions: Path) -> None:
    (submissions / "bob/detr.py").write_text("FULL")
    with pytest.raises(GeneratorError, match="no space"):
        run(submissions)
    assert len(lines(submissions)) == 1


def test_what_the_instructor_typed_survives(submissions: Path) -> None:
    run(submissions)
    path = submissions.parent / "grades/grades.csv"
    text = path.read_text(encoding="utf-8-sig")
    header, *others = text.splitlines()
    typed = [f"{header};mine", *(f"{one};" for one in others)]
    typed = [line.replace(",", ";") for line in typed]
    columns = typed[0].split(";")
    cells = typed[2].split(";")
    cells[columns.index("override")] = "1,5"
    cells[columns.index("comment")] = "Fine <b>work</b>"
    cells[columns.index("mine")] = "=A1"
    typed[2] = ";".join(cells)
    path.write_text("\n".join(typed), encoding="cp1252")
    (submissions / "abe").mkdir()
    (submissions / "abe/detr.py").write_text("SIZE")
    for _ in range(2):
        run(submissions)
        text = path.read_text(encoding="utf-8-sig")
        found = {row["name"]: row for row in csv.DictReader(text.splitlines(), delimiter=";")}
        assert [found["bob"][name] for name in ("override", "comment", "mine", "final")] == [
            "1,5",
            "Fine <b>work</b>",
            "=A1",
            "1.5",
        ]
        assert found["abe"]["override"] == ""
    page = text_of(submissions, "feedback/bob.html")
    assert "1.5 of 2 points" in page
    assert "Fine &lt;b&gt;work&lt;/b&gt;" in page
    (submissions / "bob/detr.py").unlink()
    run(submissions)
    assert ";not in this run;" in path.read_text(encoding="utf-8-sig")
    assert ";Fine <b>work</b>;" in path.read_text(encoding="utf-8-sig")


def test_a_hostile_zip_file_stops_nobody(submissions: Path, tmp_path: Path) -> None:
    hostile = zipped({"../a.py": "", "b.py": b" " * 300_000, "=c.py": "SIZE"})
    files: dict[str, str | bytes] = {"=cmd|x_1_assignsubmission_file_/a.zip": hostile, "/e.py": ""}
    request = request_for(write_zip(tmp_path / "eve.zip", files), submissions)
    outcome = grade_class(request, Class(tmp_path / "grades"))
    assert [one.points for one in outcome.entries] == [1, 2, 1, 1]
    assert len(outcome.refused) == 3
    cells = [cell for row in rows(submissions).values() for cell in row.values()]
    assert "'=cmd|x" in cells
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]


def test_of_several_files_one_counts_and_each_is_named(submissions: Path) -> None:
    ada = submissions / "ada"
    (ada / "helper.py").write_text("x = 1")
    (ada / "blank.ipynb").write_text(_notebook("class MinimalDETR:\n    size = ____\n"))
    (ada / "detr.py").write_text("class MinimalDETR:\n    'SIZE'\n")
    os.utime(ada / "detr.py", (1e9, 1e9))
    (ada / "newer.py").write_text("class MinimalDETR:\n    'SIZE DEPTH'\n")
    outcome = run(submissions)
    (record,) = [one.record for one in outcome.entries if one.participant.student.name == "ada"]
    assert record is not None
    assert record.grade.points == 2
    assert {Path(one.file).name: one.note for one in record.files} == {
        "blank.ipynb": "does not count, as its class has blanks; newer.py does",
        "detr.py": "does not count; newer.py does",
        "helper.py": "does not count, as it holds no class; newer.py does",
        "newer.py": "",
    }
    assert "helper.py" in text_of(submissions, "summary.html")
    assert "helper.py" in text_of(submissions, "feedback/ada.html")
    (ada / "whole.ipynb").write_text(_notebook("class MinimalDETR:\n    'DEPTH'\n"))
    os.utime(ada / "whole.ipynb", (1e9, 1e9))  # a notebook, though an older one
    run(submissions)
    assert rows(submissions)["ada"]["file"].endswith("whole.ipynb")


def _notebook(text: str) -> str:
    return json.dumps({"nbformat": 4, "cells": [{"cell_type": "code", "source": text}]})


def test_copies_are_flagged_for_the_instructor_alone(submissions: Path) -> None:
    for name in ("bob", "cid"):
        (submissions / name / "detr.py").write_text("SIZE and more")
    run(submissions)
    assert rows(submissions)["bob"]["flags"].endswith("as cid.")
    assert rows(submissions)["cid"]["flags"].endswith("as bob.")
    assert rows(submissions)["ada"]["flags"] == ""
    assert "character by character" in text_of(submissions, "summary.html")
    assert "character by character" not in text_of(submissions, "feedback/bob.html")
    assert "cid" not in text_of(submissions, "feedback/bob.html")


def _sections(name: str, content: bytes) -> tuple[Section, ...]:
    row = Row("a figure", "found", "with `boxes` & <all>", 1, 2)
    return (
        Section("Q2", (row,), "<p>safe</p>", "=1 of 2"),
        Section("Q3", html=f"<p>{len(content)}</p>", is_for_students=False),
    )


@pytest.mark.slow
def test_more_of_a_submission_is_reported_where_there_is_a_reader(
    submissions: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(submissions)
    assert not (submissions.parent / "grades/reading.html").exists()
    monkeypatch.setattr(readers, "READERS", (_sections,))
    monkeypatch.setattr("generator.exercises.gradebook.run.version_of", lambda settings: "2")
    for _ in range(2):  # made, and taken over
        run(submissions)
        assert rows(submissions)["ada"]["Q2"] == "'=1 of 2"
        page = text_of(submissions, "feedback/ada.html")
        assert "<h2>Q2</h2>" in page
        assert "with <code>boxes</code> &amp; &lt;all&gt;" in page
        assert "<p>safe</p>" in page
        assert "Q3" not in page
        assert "<h2>Q3</h2>" in text_of(submissions, "reading.html")
        assert "found 3" in text_of(submissions, "summary.html")


def test_a_reader_that_fails_costs_nobody_else(
    submissions: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def reader(name: str, content: bytes) -> tuple[Section, ...]:
        if b"bob" in content:
            raise ValueError("huge\nnumber")
        return _sections(name, content)

    monkeypatch.setattr(readers, "READERS", (reader,))
    run(submissions)
    assert {name: row["total"] for name, row in rows(submissions).items()} == {
        "ada": "2",
        "bob": "1",
        "cid": "1",
    }
    said = rows(submissions)["bob"]["flags"]
    assert said.startswith("its notebook could not be read: ValueError: huge")
    assert [rows(submissions)[name]["flags"] for name in ("ada", "cid")] == ["", ""]


def test_a_file_that_cannot_even_be_compared_is_flagged(
    submissions: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (submissions / "bob/more.py").write_text("ODD")

    def read(suffix: str, content: bytes) -> Submission:
        if b"ODD" in content:
            raise ValueError
        return submission_of(suffix, content)

    monkeypatch.setattr(work, "submission_of", read)
    run(submissions)
    assert rows(submissions)["bob"]["total"] == "1"
    assert "more.py could not be read" in rows(submissions)["bob"]["flags"]


@pytest.mark.slow
def test_answers_are_told_if_the_instructor_asks(submissions: Path) -> None:
    run(submissions)
    assert "abs(-6)" not in text_of(submissions, "feedback/bob.html")
    run(submissions, with_answers=True)
    assert "abs(-6)" in text_of(submissions, "feedback/bob.html")
    assert "abs(-6)" not in text_of(submissions, "feedback/ada.html")


def test_what_cannot_be_is_one_sentence(submissions: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nothing to grade"):
        run(tmp_path / "none.zip")
    with locked(tmp_path / "grades", "a test"), pytest.raises(BusyError, match="a test"):
        run(submissions)
    (tmp_path / "grades/grades.csv").write_bytes(b"PK")
    with pytest.raises(UsageError, match="workbook"):
        run(submissions)
    with pytest.raises(UsageError, match="both the submissions and the results"):
        grade_class(request_for(submissions), Class(tmp_path / "grades/../class"))
    (tmp_path / "file").touch()
    with pytest.raises(GeneratorError, match="file"):
        grade_class(request_for(submissions), Class(tmp_path / "file"))
