"""What the grader reports of a handed-in notebook is safe to show, and small enough."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.errors import GradingError
from generator.exercises.gradebook.readers import READERS
from generator.exercises.homework.sections import sections_of
from tests.exercises.homework.conftest import Change
from tests.exercises.homework.handed_in import as_notebook, cells_of, code, text


def test_a_handed_in_notebook_is_checked_and_collected_for_reading(
    handed_in: Change, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(__file__.partition("/tests/")[0])
    second, to_read = sections_of("a.ipynb", handed_in())
    assert sections_of in READERS
    assert (second.name, second.summary, second.html) == ("Q2", "7 of 7 found", "")
    assert all(one.points is None for one in second.rows)
    assert second.is_for_students
    assert not to_read.is_for_students
    assert (to_read.name, to_read.summary) == ("Q3", "7 of 7 written")
    assert to_read.html.count("data:image/jpeg;base64,") == 3
    assert "0.707" in to_read.html
    first = to_read.html.index("2.1 The decoder")
    answer = to_read.html.index("I see <em>it</em>.", first)
    assert first < answer < to_read.html.index("<strong>2 of 8</strong>: 2.1 says where", first)
    assert "often left out" in to_read.html


def test_a_course_without_a_rubric_has_ours(
    handed_in: Change, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    assert "<strong>2 of 8</strong>" in sections_of("a.ipynb", handed_in())[1].html


def test_without_a_rubric_the_texts_stand_alone(
    handed_in: Change, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "content/homework").mkdir(parents=True)
    (tmp_path / "content/homework/rubric.yml").write_text("q1: []\n")
    assert "Because." in sections_of("a.ipynb", handed_in())[1].html
    assert "<strong>" not in sections_of("a.ipynb", handed_in())[1].html


def test_a_rubric_with_mistakes_says_so(
    handed_in: Change, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "content/homework").mkdir(parents=True)
    (tmp_path / "content/homework/rubric.yml").write_text("q9: []\n")
    found = sections_of("a.ipynb", handed_in())[1].html
    assert "unknown key `q9`" in found
    assert "Because." in found


def test_a_question_that_a_course_added_is_collected() -> None:
    added = [text("q3-5", "**3.5 Heads.** Which?"), text("q3-5-answer", "The fifth.")]
    section = sections_of("a.ipynb", as_notebook([*cells_of(), *added]))[1]
    assert section.summary == "8 of 8 written"
    assert "<h4>3.5 Heads</h4>" in section.html
    assert "The fifth." in section.html


def test_all_that_a_student_wrote_is_escaped() -> None:
    evil = "<script>alert(1)</script> <img src=x onerror=y> `<b>` | <i> |\n|---|\n| <u> |"
    cells = [code("name", f"NAME = {evil!r}"), *cells_of()[1:]]
    cells[-1] = text("q3-4-answer", evil)
    cells[2]["outputs"] = [{"output_type": "error", "ename": "<script>", "evalue": "x"}]
    for section in sections_of("a.ipynb", as_notebook(cells)):
        for tag in ("<script", "<b>", "<i>", "<u>", "<img src=x"):
            assert tag not in section.html
    assert "&lt;script&gt;" in sections_of("a.ipynb", as_notebook(cells))[1].html


def test_many_words_stay_within_a_megabyte() -> None:
    cells = [*cells_of()[:8], *(text(f"q3-{n}-answer", "&<" * 100_000) for n in range(1, 5))]
    assert all(len(one.html) < 1_000_000 for one in sections_of("a.ipynb", as_notebook(cells)))


def test_other_files_have_none() -> None:
    assert sections_of("a.py", b"x") == ()
    other = as_notebook([{"cell_type": "code", "source": "x", "outputs": []}])
    assert sections_of("a.ipynb", other) == ()
    with pytest.raises(GradingError, match="is not a notebook"):
        sections_of("a.ipynb", b"{")
