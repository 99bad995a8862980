"""The hand-in notebook is valid, holds no answer for students, and tells points and deadline."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import nbformat
import pytest

from generator.errors import PageError
from generator.exercises.homework.detr_check.reading import read_hand_in
from generator.exercises.homework.notebook import FILE, hand_in_notebook
from generator.exercises.leaks import given_away
from generator.exercises.notes import Worksheet
from generator.project.config import Homework, Points, SiteConfig
from tests.exercises.conftest import CONTENT


def made(worksheet: Worksheet, *, instructor: bool = False, **settings: Any) -> str:
    config = SiteConfig(root=CONTENT.parent, title="T", content=CONTENT, **settings)
    text = hand_in_notebook(config, {worksheet.exercise.name: worksheet}, instructor=instructor)
    assert text is not None
    return text


@pytest.mark.parametrize("instructor", [False, True])
def test_it_is_valid_and_the_same_each_time(worksheet: Worksheet, instructor: bool) -> None:
    text = made(worksheet, instructor=instructor)
    assert text == made(worksheet, instructor=instructor)
    notebook = nbformat.reads(text, as_version=4)  # type: ignore[no-untyped-call]
    nbformat.validate(notebook)
    assert not any(cell.get("outputs") for cell in notebook.cells)
    assert "{{" not in text.replace("{{'", "")
    for cell in notebook.cells:
        if cell.cell_type == "code":
            compile(cell.source, cell.id, "exec")


def test_students_get_no_answer_and_instructors_all(worksheet: Worksheet) -> None:
    student, instructor = made(worksheet), made(worksheet, instructor=True)
    accepted = {name: one.accepted for name, one in worksheet.notes.items()}
    assert not [*given_away(student, accepted)]
    told = {leak.blank for leak in given_away(instructor, accepted)}
    assert told >= {"projection", "source", "sigmoid"}
    answers = [part for part in read_hand_in(student.encode()).parts if part.is_answer]
    assert len(answers) == 7
    assert all(part.is_empty for part in answers)
    solved = [part for part in read_hand_in(instructor.encode()).parts if part.is_answer]
    assert not any(part.is_empty for part in solved)
    assert not [part for part in solved if part.source.strip() in student]
    assert "keeps two queries from claiming one object" in instructor
    assert "keeps two queries from claiming one object" not in student


def test_points_and_deadline_are_those_of_the_settings(worksheet: Worksheet) -> None:
    text = made(worksheet, homework=Homework(Points(3, 4, 20), "on Friday"))
    assert "Hand in until: **on Friday**." in text
    assert "| total | 27 |" in text
    assert "- 4 points: 3.1 names the three attentions" in text
    assert "Hand in until" not in made(worksheet)


def test_the_threshold_is_that_of_the_settings(worksheet: Worksheet) -> None:
    assert "THRESHOLD = 0.75  #" in made(worksheet, threshold=0.75)


def test_an_empty_text_means_no_notebook(worksheet: Worksheet, tmp_path: Path) -> None:
    (tmp_path / FILE).parent.mkdir()
    (tmp_path / FILE).write_text("\n")
    config = SiteConfig(root=tmp_path, title="T", content=tmp_path)
    worksheets = {worksheet.exercise.name: worksheet}
    assert hand_in_notebook(config, worksheets, instructor=False) is None


def test_every_part_is_named_three_times(worksheet: Worksheet) -> None:
    for cell in json.loads(made(worksheet))["cells"]:
        assert cell["metadata"]["tags"][0] == cell["id"]
        assert f"part: {cell['id']}" in cell["source"][0]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("Hello\n", "hand_in.md:1: begin a cell"),
        ("<!-- cell a -->\n{{ nothing }}\n", "hand_in.md:1: there is no `nothing` here"),
        ("<!-- cell a -->\nA\n\n```python b\nx = 1\n", "hand_in.md:4: no line ``` ends this code"),
        ("<!-- cell a -->\nA\n<!-- cell a -->\nB\n", "two cells are called `a`"),
        ("<!-- exercise other -->\n", "there is no exercise `other`; there are minimal_detr"),
    ],
)
def test_what_is_wrong_with_its_text_is_told(
    worksheet: Worksheet, tmp_path: Path, text: str, problem: str
) -> None:
    (tmp_path / FILE).parent.mkdir()
    (tmp_path / FILE).write_text(text)
    config = dataclasses.replace(SiteConfig(root=tmp_path, title="T"), content=tmp_path)
    with pytest.raises(PageError) as caught:
        hand_in_notebook(config, {worksheet.exercise.name: worksheet}, instructor=False)
    assert problem in str(caught.value)
