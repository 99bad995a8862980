"""The shipped exercise; its classes run in this process, to save starts of torch."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import chdir, contextmanager
from pathlib import Path
from typing import Any

import pytest
import torch
import torchvision.models
from torch import nn
from torchvision.models import WeightsEnum

from generator.exercises.grading.observation import Observation
from generator.exercises.grading.offline import download_nothing
from generator.exercises.grading.probe import Probe
from generator.exercises.grading.request import Case
from generator.exercises.grading.runner import Stopped
from generator.exercises.grading.workers import Workers
from generator.exercises.source import Exercise, read_exercise
from tests.exercises.test_minimal_detr import SmallBackbone
from tests.undrawn import undrawn_weights

EXERCISE = Path(__file__).parents[3] / "content/exercises/minimal_detr.py"

Look = Callable[[str], Observation]
LookAs = Callable[[str, Case], Observation]


@pytest.fixture(scope="session")
def exercise() -> Exercise:
    return read_exercise(EXERCISE)


@contextmanager
def undisturbed() -> Iterator[None]:
    """Downloads nothing; what that and a submission change of PyTorch is put back afterwards."""
    precision = torch.get_default_dtype()
    with pytest.MonkeyPatch.context() as patch:
        for place, name in (
            (nn.Module, "load_state_dict"),
            (WeightsEnum, "get_state_dict"),
            (torch.hub, "load_state_dict_from_url"),
        ):
            patch.setattr(place, name, getattr(place, name))
        download_nothing()
        try:
            yield
        finally:
            torch.set_default_dtype(precision)


@pytest.fixture(scope="session")
def look_as(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LookAs]:
    """What a worker would observe of a source in a case; each source is run once.

    The backbone is a small one: a ResNet-50, which hardly a source changes, would take nine tenths
    of the time. `test_runner.py` compares with a worker, which has the whole, and
    `tests/grading/test_backbones.py` grades what does change it.
    """
    real = torchvision.models.resnet50

    def small(*arguments: Any, **options: Any) -> nn.Module:
        return real(*arguments, **options) if arguments or options else SmallBackbone()

    small_look = observer(tmp_path_factory)

    def look_at(source: str, case: Case) -> Observation:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("torchvision.models.resnet50", small)
            return small_look(source, case)

    yield look_at
    sys.modules.pop("submission", None)


@pytest.fixture(scope="session")
def look_at_the_whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LookAs]:
    """The same with the ResNet-50."""
    yield observer(tmp_path_factory)
    sys.modules.pop("submission", None)


def observer(tmp_path_factory: pytest.TempPathFactory) -> LookAs:
    """Observes sources in this process."""
    probes: dict[str, Probe] = {}
    seen: dict[tuple[str, str], Observation] = {}

    def look_at(source: str, case: Case) -> Observation:
        key = (source, repr(case))
        if key not in seen:
            probe = probes.setdefault(repr(case), Probe())
            probe.prepare(case)
            with undisturbed(), undrawn_weights(), chdir(tmp_path_factory.mktemp("work")):
                # the probe replaces the weights anyway
                observed = json.loads(json.dumps(probe.observe(source)))
            seen[key] = Observation.model_validate(observed)
        return seen[key]

    return look_at


@pytest.fixture(scope="session")
def look(look_as: LookAs) -> Look:
    """As `look_as`, in the case of the reference."""
    return lambda source: look_as(source, Case())


@pytest.fixture
def run_here(look_as: LookAs, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Makes a grader run everything in this process; returns the sources that it ran.

    The worker counts as lost in a source that holds the word LOST.
    """
    return _running(look_as, monkeypatch)


@pytest.fixture
def run_the_whole_here(look_at_the_whole: LookAs, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The same with the ResNet-50."""
    return _running(look_at_the_whole, monkeypatch)


def _running(look_as: LookAs, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    ran: list[str] = []

    def run_steps(
        sources: Sequence[str], case: Case, workers: Workers
    ) -> tuple[Observation | Stopped, ...]:
        ran.extend(sources)
        return tuple(
            Stopped("did not end within 30 s") if "LOST" in source else look_as(source, case)
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
        "torch/__init__.py": "class Tensor: normal_ = uniform_ = lambda self: self\n"
        "class hub: ...\n"
        "class Generator: manual_seed = lambda self, _: self\n"
        "class Number:\n"
        "    def __init__(self, shape): self.shape = shape\n"
        "    is_floating_point = lambda self: False\n"
        "    flatten = __matmul__ = lambda self, _: self\n"
        "    normal_ = uniform_ = lambda self, generator: self\n"
        "zeros_like = lambda one: one\n"
        "empty = randn = lambda *shape: Number(shape)",
        "torch/nn/__init__.py": "class Module: state_dict = load_state_dict = train = None\n"
        "class Transformer(Module): ...",
        "torch/nn/functional.py": "conv2d = lambda one, _: one",
        "torchvision/__init__.py": "",
        "torchvision/models/__init__.py": "",
        "torchvision/models/_api.py": "",
    }
    for name, text in files.items():
        path = tmp_path / "without_torch" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    monkeypatch.syspath_prepend(tmp_path / "without_torch")
