"""Python that nobody has read -> what a process of its own observed of it, under limits.

In: sources. Out: for each the observation, or why there is none. An observation is a file that
the process renames into place. What a submission prints is never read. A submission may forge the
file, but that helps only if the numbers equal the reference's. Nothing that it puts there instead,
such as a pipe, holds the grader up.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from generator.exercises.grading.observation import Observation, observation_from
from generator.exercises.grading.request import Case
from generator.exercises.grading.workers import Limits, Step, Workers

_POLL = 0.01  # seconds
_AFTER_THE_CLASS = 3.0  # seconds for the cells behind a class that runs
_AS_LONG_AGAIN = 2.0  # times what it took to come so far, which is long where all cores are busy
_MOST_STOPPED = 3


@dataclass(frozen=True)
class Stopped:
    """A step without an observation; the reason is a predicate, such as "ran too long"."""

    reason: str


def run_steps(
    sources: Sequence[str], case: Case, workers: Workers
) -> tuple[Observation | Stopped, ...]:
    """Runs each source by itself, in a process of its own.

    Raises:
        GradingError: no worker starts, whatever the sources are.
    """
    results: list[Observation | Stopped] = []
    for source in sources:
        stopped = sum(isinstance(one, Stopped) or bool(one.ended) for one in results)
        if stopped == _MOST_STOPPED:
            rest = len(sources) - len(results)
            reason = f"was not run, since {stopped} answers before it had to be stopped"
            return (*results, *[Stopped(reason)] * rest)
        with workers.step(source, case) as step:
            results.append(_result_of(step, workers.limits))
    return tuple(results)


def _result_of(step: Step, limits: Limits) -> Observation | Stopped:
    """Waits for a step's observation; if the step is ended, for what was seen before."""
    path, seen = step.out / "step.json", step.out / "seen.json"
    begun, until, looked = time.monotonic(), limits.seconds, 0
    reason = f"did not end within {limits.seconds:g} s"
    while True:
        has_ended = step.has_ended()
        if _is_there(path):  # after the exit code: the file may be the last thing it made
            return observation_from(path) or Stopped("tampered with the grader's files")
        if has_ended:
            return _seen_before(seen, _ending(step.code or 0))
        if excess := step.excess():
            return _seen_before(seen, excess)
        now = time.monotonic()
        if now - begun > until:
            return _seen_before(seen, reason)
        if until == limits.seconds and (changed := _changed(seen)) != looked:
            looked = changed
            rest = max(_AFTER_THE_CLASS, _AS_LONG_AGAIN * (now - begun))
            if _is_complete(seen) and now - begun + rest < limits.seconds:
                until = now - begun + rest
                reason = f"was ended {rest:.0f} s after its class had run"
        time.sleep(_POLL)


def _is_there(path: Path) -> bool:
    """Whether there is something of that name, even a link that leads nowhere."""
    try:
        path.lstat()
    except OSError:
        return False
    return True


def _seen_before(path: Path, reason: str) -> Observation | Stopped:
    seen = observation_from(path)
    return Stopped(reason) if seen is None else seen.model_copy(update={"ended": reason})


def _changed(path: Path) -> int:
    """When a file was written; 0 if it is not there."""
    try:
        return path.lstat().st_mtime_ns
    except OSError:
        return 0


def _is_complete(path: Path) -> bool:
    """Whether the class was seen to run to its end, so that little is left to wait for."""
    seen = observation_from(path)
    return seen is not None and seen.is_complete


def _ending(code: int) -> str:
    """What an exit code means, as a predicate."""
    if code >= 0:
        return f"ended Python itself, with exit code {code}"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    return f"crashed Python itself ({name})"
