"""A warm worker process, seen from the grader: it is started, told what to run, and watched.

In: limits, and what is not to be read. Out: `Step`s, each a submission that runs in a process of
its own. The lines between grader and worker are `worker`'s. A submission cannot write to them: it
has neither end of them, and the worker never runs it, where the system can fork.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import secrets
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from generator.errors import GradingError
from generator.exercises.grading.guards import is_clone
from generator.exercises.grading.processes import Watched
from generator.exercises.grading.request import Case, Request

_ROOT = Path(__file__).parents[3]
_STARTING = 180.0  # seconds; torch loads slowly from a cold disk
_ENDING = 10.0
_POLL = 0.01
# Where this project lies stands neither in the command nor in the environment.
_START = """
import json, sys
greeting = json.loads(sys.stdin.readline())
sys.path[:] = [greeting.pop("root"), *greeting.pop("path")]
from generator.exercises.grading.worker import start
start(greeting)
"""
_ENVIRONMENT = {
    "CUDA_VISIBLE_DEVICES": "",
    "MPLBACKEND": "Agg",  # a window would wait for somebody to close it
    "OMP_NUM_THREADS": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONHASHSEED": "0",
    "PYTHONIOENCODING": "utf-8",
}
_NEEDED = ("PATH", "SYSTEMROOT", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")


@dataclass(frozen=True)
class Limits:
    """What one step may use.

    Attributes:
        seconds: of wall-clock time.
        megabytes: of memory, all processes together.
    """

    seconds: float = 30.0
    megabytes: int = 2000


class Workers:
    """Starts a worker when one is needed, and another when one is lost."""

    def __init__(self, limits: Limits, hidden: Sequence[Path] = ()) -> None:
        """Starts nothing yet.

        Args:
            limits: of each step.
            hidden: files that no submission may read, besides those of this package.
        """
        package = _ROOT / "generator"
        clone = [_ROOT] if is_clone(_ROOT) else []
        self.limits = limits
        self._hidden = sorted({path.resolve() for path in (package, *clone, *hidden)})
        self._worker: _Worker | None = None
        self._lacks: tuple[str, ...] = ()

    @property
    def lacks(self) -> tuple[str, ...]:
        """What a submission can do here that it should not; empty until one has run."""
        return self._lacks

    def step(self, source: str, case: Case) -> Step:
        """Begins to run a source.

        Raises:
            GradingError: no worker starts.
        """
        return Step(self._ready(), source, case, self.limits)

    def close(self) -> None:
        """Ends the worker."""
        if self._worker is not None:
            self._worker.end()
            self._worker = None

    def _ready(self) -> _Worker:
        if self._worker is None or not self._worker.is_usable:
            self.close()
            self._worker = _Worker(self._hidden)
            self._lacks = self._worker.lacks
        return self._worker


class _Worker:
    """The process; `lacks` as `Workers.lacks`."""

    def __init__(self, hidden: Sequence[Path]) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="detr-grade-", ignore_cleanup_errors=True)
        folder = Path(self._folder.name).resolve()
        make_folders(folder)
        kept = {name: os.environ[name] for name in _NEEDED if name in os.environ}
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-W", "ignore", "-c", _START],
            cwd=folder / "work",
            env={**kept, **_ENVIRONMENT, "HOME": str(folder / "work")},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            text=True,
            encoding="utf-8",
        )
        self._said: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        threading.Thread(target=self._listen, args=(self._process.stdout,), daemon=True).start()
        self.is_usable = True
        self.tell(
            root=str(_ROOT),
            path=[path for path in sys.path if path and Path(path).resolve() != _ROOT],
            hidden=[str(path) for path in hidden],
            folder=str(folder),
        )
        greeted = self.hear(_STARTING)
        if greeted is None or "lacks" not in greeted:
            self.end()
            raise GradingError(f"the grader's own process {_why_not(greeted)}")
        self.lacks = tuple(greeted["lacks"])

    def _listen(self, lines: TextIO) -> None:
        with contextlib.suppress(ValueError, OSError):
            for line in lines:
                self._said.put(json.loads(line))
        self._said.put({"gone": True})

    def tell(self, **values: object) -> None:
        """Gives an order."""
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):  # it is gone, which `hear` tells
            self._process.stdin.write(json.dumps(values) + "\n")
            self._process.stdin.flush()

    def hear(self, seconds: float) -> dict[str, Any] | None:
        """What it says next; None if it says nothing for so long."""
        try:
            said = self._said.get(timeout=seconds) if seconds else self._said.get_nowait()
        except queue.Empty:
            return None
        if "gone" in said:
            self.is_usable = False
        return said

    def code(self) -> int:
        """The exit code of a worker that is gone."""
        return self._process.wait()

    def end(self) -> None:
        """Ends it."""
        self.is_usable = False
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):
                if stream is not None:
                    stream.close()
        self._folder.cleanup()


class Step:
    """A source that runs in a process of its own; a context, and nothing is left after it."""

    def __init__(self, worker: _Worker, source: str, case: Case, limits: Limits) -> None:
        self._worker = worker
        self._token = secrets.token_hex(16)
        self._source, self._case, self._limits = source, case, limits
        self.code: int | None = None

    def __enter__(self) -> Step:
        self._folder = tempfile.TemporaryDirectory(prefix="detr-grade-", ignore_cleanup_errors=True)
        folder = Path(self._folder.name).resolve()
        make_folders(folder)
        self.out = folder / "out"
        request = Request(self._source, self._limits.seconds, self._limits.megabytes, self._token)
        text = json.dumps(request.to_json())
        (folder / "request.json").write_text(text, encoding="utf-8")
        self._worker.tell(folder=str(folder), case=self._case.to_json())
        said = self._worker.hear(_STARTING)
        if said is None or "started" not in said:
            self._worker.end()
            self._folder.cleanup()
            raise GradingError(f"the grader's own process {_why_not(said)}")
        self._watched = Watched(said["started"], folder, self._limits.megabytes, self._token)
        return self

    def has_ended(self) -> bool:
        """Whether its process is gone; then `code` says how."""
        if self.code is None:
            said = self._worker.hear(0)
            if said is not None:
                self.code = int(said["ended"]) if "ended" in said else self._worker.code()
        return self.code is not None

    def excess(self) -> str | None:
        """As `Watched.excess`."""
        return self._watched.excess()

    def __exit__(self, *_: object) -> None:
        until = time.monotonic() + _ENDING
        self._watched.end(all_of_it=bool(self._worker.lacks))
        while not self.has_ended() and time.monotonic() < until:
            time.sleep(_POLL)
        if self.code is None:
            self._worker.end()
        self._folder.cleanup()


def make_folders(folder: Path) -> None:
    """The folders that `confine` wants in a folder."""
    for name in ("work", "out", "root"):
        (folder / name).mkdir()


def _why_not(said: dict[str, Any] | None) -> str:
    if said is None:
        return f"was not ready after {_STARTING:.0f} s"
    return str(said.get("failed", "ended while it started"))
