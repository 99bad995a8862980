"""What the grader reports of a handed-in notebook is safe to show, and small enough."""

from __future__ import annotations

import pytest

from generator.errors import GradingError
from generator.exercises.gradebook.readers import READERS
from generator.exercises.homework.sections import sections_of
from tests.exercises.homework.conftest import Change
from tests.exercises.homework.handed_in import as_notebook, cells_of, code, text


def test_a_handed_in_notebook_has_three_sections(
    handed_in: Change, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(__file__.partition("/tests/")[0])
    second, third, rubric = sections_of("a.ipynb", handed_in())
    assert sections_of in READERS
    assert (second.name, second.summary) == ("Q2", "7 of 7 found")
    assert second.html.count("data:image/jpeg;base64,") == 3
    assert "I see <em>it</em>." in second.html
    assert (third.name, third.summary) == ("Q3", "4 of 4 written")
    assert "0.707" in third.html
    assert not rubric.is_for_students
    assert "often left out" in str(rubric.rows)
    assert all(one.points is None for one in second.rows)


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
