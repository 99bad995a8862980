"""Real workers, with sources that behave as badly as possible. A start of torch takes seconds."""

import json
import re
import sys
from contextlib import closing
from pathlib import Path

import pytest

from generator.errors import GradingError
from generator.exercises.grading.observation import Observation
from generator.exercises.grading.request import Case, Request, case_from
from generator.exercises.grading.runner import Stopped, run_steps
from generator.exercises.grading.workers import Limits, Workers
from generator.exercises.source import Exercise
from tests.exercises.grading.conftest import LookAs

pytestmark = pytest.mark.slow

CLASS = """
import torch
from torch import nn
class MinimalDETR(nn.Module):
    def __init__(self, **arguments):
        super().__init__()
        self.layer = nn.Linear(3, arguments["num_classes"])
    def forward(self, image):
        return {"pred_logits": self.layer(image.mean((2, 3))), "pred_boxes": image[:, :, 0, :4]}
"""

SURVIVED = {
    "as it should be": CLASS,
    "prints megabytes": CLASS + "for _ in range(20_000): print('x' * 1000)",
    "raises": "raise ValueError('first\\nsecond')",
    "is no Python": "x = = 1",
    "says goodbye": CLASS + "import sys; sys.exit(3)",
    "asks": CLASS + "input('Your name? ')",
    "leaves threads": CLASS + "import threading, time\n"
    "for _ in range(9): threading.Thread(target=time.sleep, args=(99,)).start()",
    "leaves children": CLASS + "import subprocess, sys\n"
    "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(99)'])",
    "wants the solution": "from generator.detr.minimal import MinimalDETR",
    "wants the network": "import urllib.request\nurllib.request.urlopen('http://192.0.2.1/x')",
    "breaks the tools": CLASS + "import json\njson.dumps = None\nsys = None\ntorch.equal = None",
    "patches itself in": CLASS + "import torch\ntorch.Tensor.double = lambda self: self * 0",
}

ROOT = Path(__file__).parents[3]
SURVIVED["looks for the solution"] = f"""
import os, sys
with open("/proc/self/cmdline" if os.path.exists("/proc/self/cmdline") else os.devnull) as file:
    command = file.read()
told = [*sys.argv, *sys.path, *os.environ.values(), *command.split(chr(0))]
raise ValueError({str(ROOT)!r} in told)
"""
SURVIVED["reads the solution"] = f"open({str(ROOT / 'content/exercises/minimal_detr.py')!r})"
SURVIVED["sleeps behind the class"] = CLASS + "import time; time.sleep(99)"
SURVIVED["patches itself in"] = SURVIVED.pop("patches itself in")  # last, as it breaks the rest

LOST = {
    "loops": ("while True: pass", "did not end within 1 s"),
    "ends Python": (
        CLASS + "import os; os._exit(0)",
        "ended Python itself, with exit code 0",
    ),
    "crashes": ("import ctypes\nctypes.string_at(0)", "crashed Python itself (SIGSEGV)"),
    "not tried": (CLASS, "was not run, since 3 answers before it had to be stopped"),
}


@pytest.fixture(scope="module")
def seen(exercise: Exercise) -> dict[str, Observation | Stopped]:
    """The observations of all sources, by one worker."""
    sources = {"the solution": exercise.solution, **SURVIVED}
    with closing(Workers(Limits())) as workers:
        results = run_steps(list(sources.values()), Case(), workers)
    return dict(zip(sources, results, strict=True))


def observation(seen: dict[str, Observation | Stopped], name: str) -> Observation:
    result = seen[name]
    assert isinstance(result, Observation), result
    return result


def test_a_class_is_observed_whatever_is_around_it(seen: dict[str, Observation | Stopped]) -> None:
    expected = observation(seen, "as it should be")
    assert expected.errors == ()
    assert expected.state == (("layer.weight", (9, 3)), ("layer.bias", (9,)))
    assert [run.boxes.shape for run in expected.runs if run.boxes] == [(1, 3, 4)] * 2
    for name in ("prints megabytes", "leaves threads", "leaves children", "breaks the tools"):
        assert observation(seen, name) == expected, name
    for name in ("says goodbye", "asks", "sleeps behind the class"):
        assert observation(seen, name).runs == expected.runs, name


@pytest.mark.filterwarnings("ignore:enable_nested_tensor")
def test_the_other_tests_observe_as_a_worker_does(
    seen: dict[str, Observation | Stopped], exercise: Exercise, look_at_the_whole: LookAs
) -> None:
    assert observation(seen, "the solution") == look_at_the_whole(exercise.solution, Case())


def test_errors_are_reported(seen: dict[str, Observation | Stopped]) -> None:
    errors = {
        name: (error.kind, error.text, error.line)
        for name in SURVIVED
        for error in observation(seen, name).errors
    }
    last = len(CLASS.splitlines()) + 1
    assert errors["raises"] == ("ValueError", "first", 1)
    assert errors["is no Python"] == ("SyntaxError", "invalid syntax", 1)
    assert errors["says goodbye"] == ("SystemExit", "3", last)
    assert errors["asks"][0] == "EOFError"
    assert errors["wants the solution"][0] == "ModuleNotFoundError"
    assert "the grader has no network" in errors["wants the network"][1]
    assert errors["looks for the solution"][:2] == ("ValueError", "False")
    assert errors["reads the solution"][0] == "PermissionError"
    assert observation(seen, "reads the solution").forbidden == ("minimal_detr.py",)
    assert observation(seen, "wants the solution").forbidden == ("generator.detr.minimal",)
    ended = observation(seen, "sleeps behind the class").ended
    assert re.fullmatch(r"was ended \d+ s after its class had run", ended)


@pytest.mark.usefixtures("worker_without_torch")
@pytest.mark.skipif(sys.platform == "win32", reason="signals have no names there")
def test_a_lost_worker_is_reported_and_followed_by_another() -> None:
    sources = [source for source, _ in LOST.values()]
    with closing(Workers(Limits(seconds=1))) as workers:
        seen = run_steps(sources, Case(), workers)
    ends = [one.reason if isinstance(one, Stopped) else one.ended for one in seen]
    assert ends == [reason for _, reason in LOST.values()]
    assert isinstance(seen[1], Observation)  # what was seen before it ended is kept


def test_nothing_to_run_starts_nothing() -> None:
    assert run_steps([], Case(), Workers(Limits())) == ()


def test_a_grader_that_cannot_start_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "torch.py").write_text("raise ImportError('no torch here')")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(GradingError, match="cannot start: ImportError: no torch here"):
        run_steps([CLASS], Case(), Workers(Limits()))


def test_a_request_comes_back_from_json_unchanged() -> None:
    request = Request("a", 3.5, 2000, "token")
    assert Request.from_json(request.to_json()) == request
    case = Case(state=(("a.weight", (2, 3)),))
    assert case_from(json.loads(json.dumps(case.to_json()))) == case
