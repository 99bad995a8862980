"""`detr_check` gives the grader's verdicts, from numbers alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from generator.exercises.homework.detr_check.checking import check
from generator.exercises.leaks import given_away
from generator.exercises.notes import Worksheet
from generator.exercises.source import Exercise
from tests.exercises.homework.handed_in import as_notebook
from tests.exercises.test_minimal_detr import SmallBackbone, class_of
from tests.grading.cases import Case
from tests.grading.corpus import made
from tests.grading.mistaken import MISTAKEN
from tests.grading.second_round import SECOND_ROUND
from tests.grading.surrounded import SURROUNDED
from tests.grading.undeserved import UNDESERVED

pytestmark = pytest.mark.filterwarnings("ignore")  # a submission may do what it likes
Numbers = dict[str, Any]

DIFFERENT = {
    "a decorator of a missing module",  # no stand-ins: the module is missing at home as well
    "a magic exported by nbconvert",  # the class is a string there
    "the instructor's file",  # a flag, and no mistake of the class
    "imports the reference",  # the same
    "a list of modules",  # the tests' backbone has parts without weights
    "a stage left out",  # the tests' backbone has one that matters
}
"""Cases in which the grader goes further, and why."""
CASES = [
    case
    for case in (*MISTAKEN, *UNDESERVED, *SECOND_ROUND, *SURROUNDED)
    if case.name not in DIFFERENT and "sleep" not in case.text and "LOST" not in case.text
]


@pytest.fixture
def exercise(worksheet: Worksheet, monkeypatch: pytest.MonkeyPatch) -> Exercise:
    """The exercise, where a ResNet-50 has a few layers."""
    monkeypatch.setattr("torchvision.models.resnet50", lambda *_, **__: SmallBackbone())
    return worksheet.exercise


@pytest.mark.slow
def test_the_right_class_has_all_points(exercise: Exercise, numbers: Numbers) -> None:
    table = check(class_of(exercise.solution), numbers)
    assert (table.passed, table.points, table.message) == (True, 12, "")
    assert repr(table).splitlines()[0] == "12 of 12 points, passed"
    assert repr(table).splitlines()[12] == "  12  sigmoid      1  right"


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name.replace(" ", "-"))
def test_a_file_gets_what_the_grader_gives(
    case: Case,
    exercise: Exercise,
    numbers: Numbers,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    name, content = made(case, exercise)
    Path(name).write_bytes(content)
    table = check(name, numbers)
    lost = {blank.name for blank in exercise.blanks} if "all" in case.lost else set(case.lost)
    assert {row.name for row in table.rows if not row.points} == lost
    works = not lost if case.works is None else case.works
    assert table.passed == (works if case.passed is None else case.passed)
    assert table.passed == (table.points == 12)


def test_enough_cases_are_compared() -> None:
    assert len(CASES) > 100


@pytest.mark.slow
def test_an_empty_exercise_has_empty_blanks(
    exercise: Exercise, numbers: Numbers, tmp_path: Path
) -> None:
    (tmp_path / "a.py").write_text(exercise.student)
    table = check(tmp_path / "a.py", numbers)
    assert {row.verdict for row in table.rows} == {"empty"}
    assert table.message == "It stops: a blank is not filled in."


def test_single_blanks_can_be_checked_before_the_others_are_filled_in(
    exercise: Exercise, numbers: Numbers, tmp_path: Path
) -> None:
    filled = {"source": "cells * 0.1 + positions", "sigmoid": "self.linear_bbox(answers)"}
    blanks = {blank.name: "____" for blank in exercise.blanks}
    (tmp_path / "a.py").write_text(exercise.with_answers({**blanks, **filled}))
    verdicts = {row.name: row.verdict for row in check(tmp_path / "a.py", numbers).rows}
    assert (verdicts.pop("source"), verdicts.pop("sigmoid")) == ("right", "wrong")
    assert set(verdicts.values()) == {"empty"}


def test_a_notebook_is_read_cell_by_cell(
    exercise: Exercise, numbers: Numbers, tmp_path: Path
) -> None:
    sources = ["%pip install x", exercise.solution, "this is prose", "1 / 0"]
    cells = [{"cell_type": "code", "source": one, "outputs": []} for one in sources]
    (tmp_path / "a.ipynb").write_bytes(as_notebook(cells))
    assert check(tmp_path / "a.ipynb", numbers).passed


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.py", b"x = 1", "There is no class `MinimalDETR`."),
        ("a.py", b"class MinimalDETR: pass", "`MinimalDETR` is no `nn.Module`."),
        ("a.ipynb", b"{", "is not a notebook"),
        ("a.py", None, "No such file"),
        ("a.py", b"\xff\xfe\0\0", "There is no class"),
        ("a.py", b"class MinimalDETR(nn.Module:\n  pass", "not valid Python"),
    ],
)
def test_what_is_no_class_is_a_sentence(
    numbers: Numbers, tmp_path: Path, name: str, content: bytes | None, says: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    table = check(tmp_path / name, numbers)
    assert (table.passed, table.points) == (False, 0)
    assert says in table.message


def test_hooks_of_pytorch_are_left_as_they_were(exercise: Exercise, numbers: Numbers) -> None:
    import torch
    from torchvision.models import _api

    before = torch.nn.Module.load_state_dict, _api.WeightsEnum.get_state_dict
    check(class_of(exercise.with_answers({"boxes": "1 / 0"})), numbers)
    assert (torch.nn.Module.load_state_dict, _api.WeightsEnum.get_state_dict) == before


@pytest.mark.slow
def test_rounding_of_another_machine_costs_nothing(exercise: Exercise, numbers: Numbers) -> None:
    def shifted(value: Any) -> Any:
        if isinstance(value, list):
            return [shifted(one) for one in value]
        if isinstance(value, dict):
            return {key: shifted(one) for key, one in value.items()}
        return value * (1 + 2e-4) if isinstance(value, float) else value

    right = numbers["right"]
    moved = {key: shifted(right[key]) for key in ("runs", "training", "gradients", "modules")}
    other = {**numbers, "right": {**right, **moved}}
    assert check(class_of(exercise.solution), other).passed
    far = {**right, "runs": [{"logits": right["runs"][0]["boxes"], "boxes": None}] * 2}
    assert not check(class_of(exercise.solution), {**numbers, "right": far}).passed


def test_the_numbers_hold_no_answer(worksheet: Worksheet, numbers: Numbers) -> None:
    import json

    accepted = {name: one.accepted for name, one in worksheet.notes.items()}
    assert not [*given_away(json.dumps(numbers), accepted)]
