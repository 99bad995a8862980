"""Python that nobody has read -> what a worker process observed of it, under limits.

In: sources, one step each. Out: for each the worker's observation, or why there is none. A
worker runs steps one after the other. If a step runs too long or ends Python itself, the worker
is lost: the step is reported as stopped, and another worker continues with the next.

An observation is a file that the worker renames into place. What a submission prints is never
read. A submission may forge the file, but that helps only if the numbers equal the reference's.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from generator.errors import GradingError
from generator.exercises.grading.observation import Observation, observation_from
from generator.exercises.grading.processes import Watched
from generator.exercises.grading.request import Case, Request

_ROOT = Path(__file__).parents[3]
_POLL = 0.02  # seconds
_AFTER_THE_CLASS = 3.0  # seconds for the cells behind a class that runs
# Where this project lies stands neither in the command nor in the environment.
_START = """
import pathlib, sys
root = pathlib.Path(sys.argv[1], "root")
sys.path.insert(0, root.read_text("utf-8"))
root.unlink()
del root
from generator.exercises.grading.worker import start
start(pathlib.Path(sys.argv[1]))
"""
_STARTING = 180.0  # seconds; torch loads slowly from a cold disk
_MOST_STOPPED = 3
_ENVIRONMENT = {
    "CUDA_VISIBLE_DEVICES": "",
    "MPLBACKEND": "Agg",  # a window would wait for somebody to close it
    "OMP_NUM_THREADS": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONHASHSEED": "0",
    "PYTHONIOENCODING": "utf-8",
}


@dataclass(frozen=True)
class Limits:
    """What one step may use.

    Attributes:
        seconds: of wall-clock time.
        megabytes: of memory, all processes together.
    """

    seconds: float = 30.0
    megabytes: int = 2000


@dataclass(frozen=True)
class Stopped:
    """A step without an observation; the reason is a predicate, such as "ran too long"."""

    reason: str


def run_steps(
    sources: Sequence[str], case: Case, limits: Limits
) -> tuple[Observation | Stopped, ...]:
    """Runs each source by itself, in separate processes.

    Raises:
        GradingError: no worker starts, whatever the sources are.
    """
    results: list[Observation | Stopped] = []
    while len(results) < len(sources):
        stopped = sum(isinstance(one, Stopped) or bool(one.ended) for one in results)
        if stopped == _MOST_STOPPED:
            rest = len(sources) - len(results)
            reason = f"was not run, since {stopped} answers before it had to be stopped"
            return (*results, *[Stopped(reason)] * rest)
        results += _run_worker(sources[len(results) :], case, limits)
    return tuple(results)


def _run_worker(sources: Sequence[str], case: Case, limits: Limits) -> list[Observation | Stopped]:
    """One worker's results of the first steps, up to one in which it is lost."""
    with tempfile.TemporaryDirectory(prefix="detr-grade-", ignore_cleanup_errors=True) as name:
        folder = Path(name).resolve()
        work = folder / "work"
        work.mkdir()
        request = Request(tuple(sources), case, limits.seconds)
        (folder / "request.json").write_text(json.dumps(request.to_json()), encoding="utf-8")
        (folder / "root").write_text(str(_ROOT), encoding="utf-8")
        environment = {**_ENVIRONMENT, "PYTHONPATH": _python_path()}
        folders = ("TORCH_HOME", "TMPDIR", "TEMP", "TMP", "PWD", "OLDPWD")
        environment |= {name: "" for name, value in os.environ.items() if value == str(_ROOT)}
        environment |= dict.fromkeys(folders, str(work))
        command = [sys.executable, "-P", "-W", "ignore", "-c", _START, str(folder)]
        with Watched(command, work, environment, limits.megabytes) as worker:
            _wait_for_start(worker, folder)
            results: list[Observation | Stopped] = []
            for number in range(len(sources)):
                result = _wait_for_step(worker, folder, number, limits)
                results.append(result)
                if isinstance(result, Stopped) or result.ended:
                    break
        return results


def _wait_for_start(worker: Watched, folder: Path) -> None:
    """Waits until torch is imported; nothing of a submission has run by then."""
    begun = time.monotonic()
    while not (folder / "ready").exists():
        code = worker.exit_code()
        if code is not None:
            said = folder / "failed"
            reason = said.read_text("utf-8") if said.exists() else _ending(code)
            raise GradingError(f"the grader's own process {reason}")
        if time.monotonic() - begun > _STARTING:
            raise GradingError(f"the grader's own process was not ready after {_STARTING:.0f} s")
        time.sleep(_POLL)
    (folder / "go").touch()


def _wait_for_step(
    worker: Watched, folder: Path, number: int, limits: Limits
) -> Observation | Stopped:
    """Waits for a step's observation; if the step is ended, for what was seen before."""
    path, seen = folder / f"step-{number}.json", folder / f"seen-{number}.json"
    begun, until, looked = time.monotonic(), limits.seconds, 0
    reason = f"did not end within {limits.seconds:g} s"
    while True:
        code = worker.exit_code()
        if path.exists():  # after the exit code: the file may be the last thing it made
            return observation_from(path) or Stopped("tampered with the grader's files")
        if code is not None:
            return _seen_before(seen, _ending(code))
        if excess := worker.excess():
            return _seen_before(seen, excess)
        now = time.monotonic()
        if now - begun > until:
            return _seen_before(seen, reason)
        if until == limits.seconds and (changed := _changed(seen)) != looked:
            looked = changed
            if _is_complete(seen) and now - begun + _AFTER_THE_CLASS < limits.seconds:
                until = now - begun + _AFTER_THE_CLASS
                reason = f"was ended {_AFTER_THE_CLASS:g} s after its class had run"
        time.sleep(_POLL)


def _seen_before(path: Path, reason: str) -> Observation | Stopped:
    seen = observation_from(path) if path.exists() else None
    return Stopped(reason) if seen is None else seen.model_copy(update={"ended": reason})


def _changed(path: Path) -> int:
    """When a file was written; 0 if it is not there."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def _is_complete(path: Path) -> bool:
    """Whether the class was seen to run to its end, so that little is left to wait for."""
    seen = observation_from(path) if path.exists() else None
    return seen is not None and seen.is_complete


def _python_path() -> str:
    """The user's search path without this project, which holds the reference."""
    paths = filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))
    return os.pathsep.join(path for path in paths if Path(path).resolve() != _ROOT)


def _ending(code: int) -> str:
    """What an exit code means, as a predicate."""
    if code >= 0:
        return f"ended Python itself, with exit code {code}"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    return f"crashed Python itself ({name})"
