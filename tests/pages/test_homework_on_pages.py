"""Q2 says what the task is, what to hand in, for how many points, until when, and the rubric."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from generator.exercises.homework.notebook import FILE as NOTEBOOK
from generator.exercises.homework.rubric import FILE as RUBRIC
from generator.exercises.homework.rubric import read_rubric
from generator.pages.render import render_pages
from generator.project.config import Homework, Points
from tests.invented import built, invented_contents, invented_project, invented_result

CONTENT = Path(__file__).parents[2] / "content"
HOMEWORK = Homework(Points(12, 9, 10), "Friday, 11 December")


def q2(root: Path, **settings: Any) -> str:
    config = invented_project(root, {"q2.md": (CONTENT / "q2.md").read_text()}, **settings)
    results = [invented_result()]
    return render_pages(config, invented_contents(results, built(results)))[0]["q2.md"]


@pytest.fixture
def with_homework(tmp_path: Path) -> Path:
    shutil.copytree(CONTENT / RUBRIC.parent, tmp_path / "content" / RUBRIC.parent)
    shutil.copytree(CONTENT / "exercises", tmp_path / "content/exercises")
    return tmp_path


@pytest.mark.slow
@pytest.mark.parametrize("edition", ["student", "instructor"])
def test_task_files_points_deadline_and_rubric(with_homework: Path, edition: str) -> None:
    page = q2(with_homework, homework=HOMEWORK, edition=edition)
    assert "## The task" in page
    assert "downloads/hand_in.ipynb" in page
    assert "| Points | 9 points of 31 |" in page
    assert "| By | Friday, 11 December |" in page
    points = [float(one) for one in re.findall(r"^\| ([\d.]+) \| ", page, re.MULTILINE)]
    criteria = read_rubric(CONTENT)["q2"]
    assert len(points) == len(criteria)
    assert sum(points) == pytest.approx(9)
    for one in criteria:
        assert one.what.split(". ")[0][-20:].rstrip(".") in page
        assert (one.full[:20] in page) == (edition == "instructor")


@pytest.mark.slow
def test_what_is_not_told_is_not_on_the_page(tmp_path: Path) -> None:
    page = q2(tmp_path, homework=Homework(Points(12, 9, 10), ""))
    assert "| By |" not in page
    assert "It is marked" not in page
    assert "downloads/" not in page
    shutil.copytree(CONTENT / RUBRIC.parent, tmp_path / "content" / RUBRIC.parent)
    (tmp_path / "content" / NOTEBOOK).write_text("")
    page = q2(tmp_path, homework=Homework(Points(12, 9, 10), ""))
    assert "It is marked" in page
    assert "downloads/" not in page  # a rubric makes no notebook
    assert "## The task" not in q2(tmp_path, homework=Homework(Points(12, 0, 10), ""))
