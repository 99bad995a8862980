"""Starts and watches processes that may misbehave, and ends them with all their children.

In: a command. Out: a `Watched` process, which reports when it uses too much memory or disk or
too many processes. Nothing of it is left afterwards. It works on every system that psutil
supports.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Self

import psutil

MOST_PROCESSES = 32
MOST_DISK = 500_000_000
_MOST_FILES = 10_000
_LOOK_EVERY = 0.1  # seconds; looking costs a few milliseconds
_TOKEN = "DETR_GRADE_RUN"


class Watched:
    """A process, what it started, and what they use; ends them when the context is left.

    Its standard input is closed, and the system drops whatever it prints, so that
    output fills neither memory nor disk.
    """

    def __init__(
        self, command: Sequence[str], folder: Path, environment: Mapping[str, str], megabytes: int
    ) -> None:
        self._command = list(command)
        self._folder = folder
        self._bytes = megabytes * 1_000_000
        self._token = secrets.token_hex(16)
        self._environment = {**os.environ, **environment, _TOKEN: self._token}
        self._looked = 0.0
        self._known: set[psutil.Process] = set()

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            self._command,
            cwd=self._folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def exit_code(self) -> int | None:
        """As `Popen.poll`: None while it runs, negative for a signal."""
        return self._process.poll()

    def excess(self) -> str | None:
        """What it uses too much of, as a predicate, or None."""
        if time.monotonic() - self._looked < _LOOK_EVERY:
            return None
        tree = self._tree()
        self._known |= set(tree)
        memory = 0
        for process in tree:
            with contextlib.suppress(psutil.Error):
                memory += process.memory_info().rss
        disk, files = _size_of(self._folder)
        self._looked = time.monotonic()
        if len(tree) > MOST_PROCESSES:
            return f"started more than {MOST_PROCESSES} processes"
        if memory > self._bytes:
            return f"took more than {self._bytes // 1_000_000} MB of memory"
        if disk > MOST_DISK or files >= _MOST_FILES:
            return "wrote more files than there is room for"
        return None

    def _tree(self) -> list[psutil.Process]:
        try:
            process = psutil.Process(self._process.pid)
            return [process, *process.children(recursive=True)]
        except psutil.Error:
            return []

    def _end(self) -> None:
        """Kills the whole tree, including detached processes, and waits for the process."""
        self._known |= set(self._tree())
        if sys.platform != "win32":
            with contextlib.suppress(OSError):  # not waited for yet, so its number is not reused
                os.killpg(self._process.pid, signal.SIGKILL)
        for _ in range(5):  # one that forks during a search is found by the next
            left = [process for process in {*self._known, *self._marked()} if process.is_running()]
            if not left:
                break
            for process in left:
                with contextlib.suppress(psutil.Error):
                    process.kill()
            self._process.poll()
            psutil.wait_procs(left, timeout=1)
        self._process.kill()
        self._process.wait()

    def _marked(self) -> Iterator[psutil.Process]:
        """Processes that inherited this one's environment, even if they detached."""
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error, OSError):
                if process.pid != os.getpid() and process.environ().get(_TOKEN) == self._token:
                    yield process


def _size_of(folder: Path) -> tuple[int, int]:
    """Bytes and number of the files in a folder, up to a limit."""
    size = count = 0
    with contextlib.suppress(OSError):
        for path in itertools.islice(folder.rglob("*"), _MOST_FILES):
            count += 1
            with contextlib.suppress(OSError):
                size += path.lstat().st_size
    return size, count
