import dataclasses
import shutil
from pathlib import Path

import pytest

from generator.errors import ConfigurationError, ExerciseError
from generator.exercises.grading.grade import Grade
from generator.exercises.grading.grader import Grader
from generator.exercises.grading.workers import Limits
from generator.exercises.source import Exercise
from tests.exercises.grading.conftest import EXERCISE
from tests.exercises.grading.test_notebook import notebook

pytestmark = [
    pytest.mark.filterwarnings("ignore:enable_nested_tensor"),
    pytest.mark.usefixtures("run_here"),
]


@pytest.fixture(scope="module")
def grader() -> Grader:
    return Grader(EXERCISE, Limits())


def graded(grader: Grader, folder: Path, text: str, name: str = "ada.py") -> Grade:
    (folder / name).write_text(text, encoding="utf-8")
    return grader.grade(folder / name)


def points(grade: Grade) -> dict[str, int]:
    return {blank.name: blank.points for blank in grade.blanks}


def lost(grade: Grade) -> set[str]:
    return {name for name, point in points(grade).items() if not point}


@pytest.mark.slow
def test_the_solution_gets_all_points(grader: Grader, exercise: Exercise, tmp_path: Path) -> None:
    grade = graded(grader, tmp_path, exercise.solution)
    assert grade.passed
    assert (grade.points, grade.of, grade.message) == (12, 12, "")
    assert [blank.number for blank in grade.blanks] == list(range(1, 13))


@pytest.mark.slow
def test_what_was_handed_out_gets_none(
    grader: Grader, exercise: Exercise, tmp_path: Path, run_here: list[str]
) -> None:
    grade = graded(grader, tmp_path, exercise.student)
    assert (grade.points, grade.passed) == (0, False)
    assert {blank.verdict for blank in grade.blanks} == {"empty"}
    assert run_here == []


@pytest.mark.slow
def test_one_mistake_costs_one_point_and_has_a_name(
    grader: Grader, exercise: Exercise, tmp_path: Path
) -> None:
    answers = {
        "codes": "torch.rand(50, hidden_dim)",
        "target": "self.query_pos",
        "sigmoid": "self.linear_bbox(answers)",
    }
    grade = graded(grader, tmp_path, exercise.with_answers(answers))
    assert lost(grade) == answers.keys()
    said = {blank.name: blank.message for blank in grade.blanks}
    assert said["codes"].startswith("The positions are not halved")
    assert said["target"].startswith("The queries are missing their batch axis.")
    assert said["sigmoid"].startswith("The boxes did not go through a sigmoid")
    assert said["sigmoid"].endswith("boxes may leave the image.")  # from the exercise's notes


@pytest.mark.slow
def test_a_blank_left_empty_costs_its_own_point(
    grader: Grader, exercise: Exercise, tmp_path: Path
) -> None:
    grade = graded(
        grader, tmp_path, exercise.with_answers({"boxes": "nn.Linear(hidden_dim, ____)"})
    )
    assert lost(grade) == {"boxes"}
    assert grade.blanks[4].verdict == "empty"
    assert "a blank is not filled in (line " in grade.message


@pytest.mark.slow
def test_a_line_that_is_not_python_costs_its_own_point(
    grader: Grader, exercise: Exercise, tmp_path: Path
) -> None:
    text = exercise.solution.replace("nn.Linear(hidden_dim, 4)", "nn.Linear(hidden_dim, 4")
    grade = graded(grader, tmp_path, text)
    assert lost(grade) == {"boxes"}
    assert "is not Python" in grade.message


@pytest.mark.slow
def test_lines_that_were_rewritten_are_judged_by_the_class(
    grader: Grader, exercise: Exercise, tmp_path: Path
) -> None:
    text = exercise.solution.replace("(answers)", "(hs)").replace("answers = ", "hs = ")
    text = text.replace("source, queries", "positions + cells * 0.1, self.query_pos[:, None]")
    for line in ("source = positions + 0.1 * cells", "queries = self.query_pos.unsqueeze(1)"):
        assert line in text
        text = text.replace(line, "")
    assert graded(grader, tmp_path, text).passed
    grade = graded(grader, tmp_path, text.replace("(hs).sigmoid()", "(hs)"))
    assert lost(grade) == {"sigmoid"}
    assert "did not go through a sigmoid" in grade.blanks[-1].message
    grade = graded(grader, tmp_path, text.replace("cells * 0.1", "cells"))
    assert lost(grade) == {"source"}
    assert "the features are not scaled" in grade.message


@pytest.mark.slow
def test_a_class_that_shows_nothing_gets_nothing(
    grader: Grader, exercise: Exercise, tmp_path: Path
) -> None:
    """A rewritten blank gets no point merely because nothing speaks against it."""
    text = """
import torch
class MinimalDETR(torch.nn.Module):
    def __init__(self, **arguments):
        super().__init__()
    def forward(self, image):
        return {"pred_logits": torch.zeros(1), "pred_boxes": torch.zeros(1)}
"""
    assert graded(grader, tmp_path, text).points == 0


@pytest.mark.slow
def test_right_answers_in_a_class_that_was_changed_do_not_pass(
    grader: Grader, exercise: Exercise, tmp_path: Path
) -> None:
    text = exercise.solution.replace("dim=2)", "dim=2).flip(0)")
    grade = graded(grader, tmp_path, text)
    assert (grade.points, grade.deducted, grade.passed) == (11, 1, False)
    assert lost(grade) == set()
    assert grade.message.startswith("All answers are right, but the class as a whole does not work")


@pytest.mark.slow
def test_errors_after_a_right_class_are_reported_and_cost_no_points(
    grader: Grader, exercise: Exercise, tmp_path: Path
) -> None:
    grade = graded(grader, tmp_path, exercise.solution + "\nprint(undefined)\n")
    assert grade.passed
    assert "which costs nothing: NameError: name 'undefined' is not defined (line " in grade.message
    (tmp_path / "ada.ipynb").write_bytes(notebook(exercise.solution, "!nvidia-smi\nundefined"))
    grade = grader.grade(tmp_path / "ada.ipynb")
    assert grade.passed
    assert grade.message.endswith("(cell 3, line 2).")


@pytest.mark.slow
def test_steps_that_had_to_be_stopped(grader: Grader, exercise: Exercise, tmp_path: Path) -> None:
    grade = graded(grader, tmp_path, exercise.solution + "\nLOST = 1\n")
    assert (grade.points, grade.passed) == (11, False)
    assert grade.message.endswith("The file did not end within 30 s.")
    grade = graded(grader, tmp_path, exercise.solution + "\nLOST()\n")  # its definitions run
    assert (grade.points, grade.passed) == (12, True)
    assert grade.message.endswith("The file did not end within 30 s, which costs nothing.")
    grade = graded(grader, tmp_path, exercise.with_answers({"target": "LOST"}))
    assert lost(grade) == {"target"}
    assert grade.blanks[10].verdict == "stopped"
    assert grade.blanks[10].message == "It did not end within 30 s."


@pytest.mark.slow
def test_a_file_that_is_not_a_submission_gets_a_sentence(grader: Grader, tmp_path: Path) -> None:
    grade = grader.grade(tmp_path / "none.py")
    assert (grade.points, grade.of, grade.passed) == (0, 12, False)
    assert grade.message == "The file does not exist."


@pytest.mark.slow
def test_a_file_without_any_blank_gets_no_points(grader: Grader, tmp_path: Path) -> None:
    grade = graded(grader, tmp_path, "import this_is_not_here\n")
    assert grade.points == 0
    assert {blank.verdict for blank in grade.blanks} == {"not found"}
    assert "`this_is_not_here` is not installed" in grade.message


@pytest.mark.slow
def test_grades_are_the_same_each_time(grader: Grader, exercise: Exercise, tmp_path: Path) -> None:
    text = exercise.with_answers({"source": "positions + cells"})
    one, other = (graded(grader, tmp_path, text) for _ in range(2))
    assert one == other
    assert dataclasses.asdict(one) == dataclasses.asdict(other)


@pytest.mark.slow
def test_an_exercise_needs_no_notes_but_a_solution_that_works(
    exercise: Exercise, tmp_path: Path
) -> None:
    source = EXERCISE.read_text()
    path = tmp_path / "mine.py"
    path.write_text(source)
    grade = graded(Grader(path, Limits()), tmp_path, exercise.with_answers({"target": "cells"}))
    assert lost(grade) == {"target"}
    path.write_text(source.replace("class MinimalDETR", "class Other"))
    with pytest.raises(ExerciseError, match=r"mine: the solution: .*no class `MinimalDETR`"):
        graded(Grader(path, Limits()), tmp_path, exercise.solution)
    shutil.copy(EXERCISE.with_suffix(".yml"), path.with_suffix(".yml"))
    path.with_suffix(".yml").write_text("title: [")
    with pytest.raises(ConfigurationError):
        Grader(path, Limits())
