"""The rubric is read, with every problem at once, and shares a question's points."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.errors import ConfigurationError
from generator.exercises.homework.rubric import FILE, points_of, read_rubric
from tests.exercises.conftest import CONTENT


def test_the_shipped_rubric_shares_all_points() -> None:
    rubric = read_rubric(CONTENT)
    assert list(rubric) == ["q1", "q2", "q3"]
    for criteria in rubric.values():
        shared = [points_of(one, criteria, 9) for one in criteria]
        assert sum(shared) == pytest.approx(9, abs=0.05)
    assert points_of(rubric["q3"][1], rubric["q3"], 10) == 3


def test_there_may_be_none(tmp_path: Path) -> None:
    assert read_rubric(tmp_path) == {}
    (tmp_path / FILE).parent.mkdir()
    for empty in ("", " \n", "# q1:\n"):
        (tmp_path / FILE).write_text(empty)
        assert read_rubric(tmp_path) == {}


def test_all_problems_are_told(tmp_path: Path) -> None:
    file = tmp_path / FILE
    file.parent.mkdir()
    file.write_text("q2:\n  - {share: 0, what: W, full: F}\n  - {share: 1, what: W}\nq4: []\n")
    with pytest.raises(ConfigurationError) as caught:
        read_rubric(tmp_path)
    said = str(caught.value)
    assert "expected a whole number, at least 1, found `0`" in said
    assert "`full:` is missing" in said
    assert "unknown key `q4`" in said
