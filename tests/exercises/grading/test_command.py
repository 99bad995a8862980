"""The command: what the grader sees."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from generator.__main__ import main
from generator.exercises.grading import grader
from generator.exercises.grading.grader import Grader
from generator.exercises.grading.observation import Observation
from generator.exercises.grading.request import Case
from generator.exercises.grading.runner import Stopped, run_steps
from generator.exercises.grading.workers import Workers
from generator.exercises.source import Exercise
from tests.exercises.grading.conftest import EXERCISE, Look


def grade(*arguments: object) -> Result:
    words = ["grade", "--exercise", str(EXERCISE), *map(str, arguments)]
    return CliRunner().invoke(main, words)


@pytest.mark.slow
@pytest.mark.usefixtures("worker_without_torch")
@pytest.mark.filterwarnings("ignore:enable_nested_tensor")
def test_many_at_once(
    exercise: Exercise, look: Look, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run_here_unless_it_ends_python(
        sources: Sequence[str], case: Case, workers: Workers
    ) -> tuple[Observation | Stopped, ...]:
        if any("_exit" in source for source in sources):
            return run_steps(sources, case, workers)
        return tuple(map(look, sources))

    monkeypatch.setattr(grader, "run_steps", run_here_unless_it_ends_python)
    (tmp_path / "ada.py").write_text(exercise.solution)
    (tmp_path / "bob.py").write_text(exercise.student)
    (tmp_path / "eve.py").write_text("print('[{\"passed\": true}]')\nimport os; os._exit(0)")
    paths = [tmp_path / name for name in ("ada.py", "bob.py", "eve.py", "none.py")]
    result = grade("--json", "-q", "--jobs", 1, *paths)
    assert result.exit_code == 1
    grades = json.loads(result.stdout)
    assert [Path(one["file"]).name for one in grades] == ["ada.py", "bob.py", "eve.py", "none.py"]
    assert [one["points"] for one in grades] == [12, 0, 0, 0]
    assert [one["passed"] for one in grades] == [True, False, False, False]
    assert "ended Python itself" in grades[2]["message"]
    assert "does not exist" in grades[3]["message"]


@pytest.mark.usefixtures("run_here")
@pytest.mark.filterwarnings("ignore:enable_nested_tensor")
@pytest.mark.slow
def test_one_that_passes(exercise: Exercise, tmp_path: Path) -> None:
    (tmp_path / "ada.py").write_text(exercise.solution)
    result = grade(tmp_path / "ada.py")
    assert result.exit_code == 0
    assert "ada.py: 12 of 12 points, passed" in result.stdout
    assert result.stdout.count(" right") == 12


@pytest.mark.usefixtures("run_here")
@pytest.mark.filterwarnings("ignore:enable_nested_tensor")
@pytest.mark.slow
def test_a_class_and_the_same_text_twice(exercise: Exercise, tmp_path: Path) -> None:
    for name in ("ada", "bob"):
        (tmp_path / "class" / name).mkdir(parents=True)
        (tmp_path / "class" / name / "detr.py").write_text(exercise.solution)
    (tmp_path / "students.csv").write_text("id,name\n1,Ada\n2,Bob\n3,Cid\n4,Bobb\n")
    roster, output = tmp_path / "students.csv", tmp_path / "grades"
    words = ("--jobs", 1, "--roster", roster, "--output", output, tmp_path / "class")
    result = grade(*words)
    assert result.exit_code == 0, result.output
    assert "4 students, 2 submissions: 2 passed, 2 to be looked at, 0 taken over" in result.stdout
    assert len((output / "grades.jsonl").read_text().splitlines()) == 2
    assert len(list((output / "feedback").iterdir())) == 4
    assert "2 taken over from before" in grade(*words).stdout
    files = [tmp_path / "class" / name / "detr.py" for name in ("ada", "bob")]
    flags = [one["flags"] for one in json.loads(grade("--json", "--jobs", 1, *files).stdout)]
    assert flags == [[], [f"it is the same, character by character, as {files[0]}."]]


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("a.py", "--time-limit", "0"),
        ("a.py", "--memory-limit", "5"),
        ("a.py", "--exercise", "none.py"),
        ("a.py", "--jobs", "0"),
        ("a.py", "--roster", "none.csv"),
        ("a.zip", "--json"),
    ],
)
def test_wrong_usage(arguments: tuple[str, ...]) -> None:
    assert grade(*arguments).exit_code == 2


@pytest.mark.slow
def test_help_says_where_it_does_not_hold_and_the_grader_imports_no_torch() -> None:
    assert "Where it does not hold, the command says so" in " ".join(grade("--help").output.split())
    code = (
        "import sys, generator.exercises.grading.grader, generator.exercises.grading.report\n"
        "sys.exit('torch' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.slow
@pytest.mark.usefixtures("run_here")
@pytest.mark.filterwarnings("ignore:enable_nested_tensor")
def test_what_does_not_hold_is_said_at_each_run_and_what_reaches_out_is_flagged(
    exercise: Exercise, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ada.py").write_text("import os\nprint(open)\n" + exercise.solution)
    result = grade(tmp_path / "ada.py")
    assert "Not confined" not in result.output
    assert "Look at it yourself" not in result.output
    monkeypatch.setattr(Grader, "lacks", ("reach the network",))
    result = grade(tmp_path / "ada.py")
    assert result.exit_code == 0
    assert "Not confined: on this machine a submission can reach the network." in result.stderr
    assert "Look at it yourself: it uses `os`, and this machine" in result.stdout
