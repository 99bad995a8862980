"""`hand-in` makes a PDF of each notebook; what is none is a sentence, and stops no other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from generator import hand_in
from generator.__main__ import main
from generator.exercises.grading.grade import BlankGrade, Grade
from generator.exercises.homework.detr_check.reading import HandIn
from tests.exercises.homework.handed_in import as_notebook, cells_of, code, notebook_of, text


class Graded:
    """Stands in for the grader, whose own tests run classes."""

    lacks: tuple[str, ...] = ()

    def __init__(self, *_: Any) -> None:
        self.files: list[Path] = []

    def grade(self, path: Path) -> Grade:
        return Grade(str(path), False, (BlankGrade(1, "backbone", "wrong", "Look."),))

    def close(self) -> None:
        pass


@pytest.fixture(autouse=True)
def _no_grader(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(hand_in, "Grader", Graded)
    monkeypatch.chdir(tmp_path)
    Path("content/exercises").mkdir(parents=True)
    Path("content/exercises/minimal_detr.py").touch()


def run(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(main, ["hand-in", *words])
    return done.exit_code, done.output


@pytest.mark.slow
def test_a_folder_gives_a_pdf_each_and_a_sentence_for_what_is_none() -> None:
    Path("all").mkdir()
    Path("all/a.ipynb").write_bytes(notebook_of())
    Path("all/b.ipynb").write_text("{")
    odd = [*cells_of(), text("q3-1-answer", "漢字 #panic() \u202e")]
    Path("all/c.ipynb").write_bytes(as_notebook(odd))
    exit_code, said = run("all", "--output", "pdfs")
    assert exit_code == 1
    assert "pdfs/a.pdf: 0 of 1 points for the class" in said
    assert "Error: all/b.ipynb: it is not a notebook: its content is no JSON" in said
    assert sorted(path.name for path in Path("pdfs").iterdir()) == ["a.pdf", "c.pdf"]
    assert Path("pdfs/a.pdf").read_bytes().startswith(b"%PDF")


def two_students() -> None:
    for name in ("ada", "bob"):
        Path("all", name).mkdir(parents=True)
        Path("all", name, "hand_in.ipynb").write_bytes(notebook_of())
        Path("all", name, "hand_in.pdf").write_text("handed in")


def test_no_pdf_of_a_student_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hand_in, "_pdf", lambda *_: b"ours")
    two_students()
    for _ in range(2):
        assert run("all")[0] == 0
        found = {path.as_posix(): path.read_text() for path in Path("all").rglob("*.pdf")}
        assert found == {
            f"all/{name}/hand_in{ours}.pdf": text
            for name in ("ada", "bob")
            for ours, text in (("", "handed in"), ("-graded", "ours"))
        }


@pytest.mark.parametrize("words", [["all"], ["all/ada", "all/bob/hand_in.ipynb", "all/ada"]])
def test_each_notebook_has_a_place_of_its_own(
    words: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hand_in, "_pdf", lambda *_: b"ours")
    two_students()
    for left in ("__MACOSX", ".ipynb_checkpoints"):
        Path("all", left).mkdir()
        Path("all", left, "a.ipynb").write_bytes(notebook_of())
    exit_code, said = run(*words, "--output", "pdfs")
    assert exit_code == 0
    assert said.count("of 1 points") == 2
    found = sorted(path.as_posix() for path in Path("pdfs").rglob("*.pdf"))
    assert found == ["pdfs/ada/hand_in.pdf", "pdfs/bob/hand_in.pdf"]


def test_whatever_goes_wrong_stops_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    def pdf(one: HandIn, _: Grade) -> bytes:
        if one.said("NAME") == "Eve":
            raise KeyError("odd")
        return b"ours"

    monkeypatch.setattr(hand_in, "_pdf", pdf)
    Path("all").mkdir()
    Path("all/a.ipynb").write_bytes(as_notebook([code("name", "NAME = 'Eve'")]))
    Path("all/b.ipynb").write_bytes(notebook_of())
    exit_code, said = run("all")
    assert exit_code == 1
    assert "Error: all/a.ipynb: no PDF can be made of it (KeyError: 'odd')" in said
    assert Path("all/b-graded.pdf").read_bytes() == b"ours"


@pytest.mark.parametrize(
    ("word", "says"),
    [
        ("nothing.ipynb", "nothing.ipynb: there is no such file"),
        ("content", "content: there is no notebook in this folder"),
    ],
)
def test_wrong_usage_is_a_sentence(word: str, says: str) -> None:
    exit_code, said = run(word)
    assert exit_code == 2
    assert says in said


def test_an_exercise_is_needed() -> None:
    Path("content/exercises/minimal_detr.py").unlink()
    assert run("content") == (
        2,
        "Error: content/exercises/minimal_detr.py: there is no such file; name one with "
        "--exercise\n",
    )
