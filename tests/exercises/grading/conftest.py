"""The shipped exercise; its classes run in this process, to save starts of torch."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from generator.exercises.grading.observation import Observation
from generator.exercises.grading.probe import Probe
from generator.exercises.grading.request import Case
from generator.exercises.grading.runner import Limits, Stopped
from generator.exercises.source import Exercise, read_exercise
from tests.undrawn import undrawn_weights

EXERCISE = Path(__file__).parents[3] / "content/exercises/minimal_detr.py"

Look = Callable[[str], Observation]


@pytest.fixture(scope="session")
def exercise() -> Exercise:
    return read_exercise(EXERCISE)


@pytest.fixture(scope="session")
def look() -> Iterator[Look]:
    """What a worker would observe of a source; each source is run once."""
    probe, seen = Probe(Case()), dict[str, Observation]()

    def look_at(source: str) -> Observation:
        if source not in seen:
            with undrawn_weights():  # the probe replaces them anyway
                seen[source] = Observation.model_validate(probe.observe(source))
        return seen[source]

    yield look_at
    sys.modules.pop("submission", None)


@pytest.fixture
def run_here(look: Look, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Makes a grader run everything in this process; returns the sources that it ran.

    The worker counts as lost in a source that holds the word LOST.
    """
    ran: list[str] = []

    def run_steps(
        sources: Sequence[str], case: Case, limits: Limits
    ) -> tuple[Observation | Stopped, ...]:
        ran.extend(sources)
        return tuple(
            Stopped("did not end within 30 s") if "LOST" in source else look(source)
            for source in sources
        )

    monkeypatch.setattr("generator.exercises.grading.grader.run_steps", run_steps)
    return ran


@pytest.fixture
def worker_without_torch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Gives workers a fake torch that can only be imported, but quickly.

    For sources in which a worker is lost, where the real torch makes no difference.
    """
    files = {
        "torch/__init__.py": "class Tensor: ...",
        "torch/nn.py": "class Module:\n    def state_dict(self): ...",
        "torchvision/__init__.py": "",
        "torchvision/models.py": "",
    }
    for name, text in files.items():
        path = tmp_path / "without_torch" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "without_torch"))
