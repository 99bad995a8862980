"""Watches processes that may misbehave, and ends them with all their children.

In: the number of a process, and its folder. Out: what it uses too much of, in words. Nothing of it
is left after `end`. It works on every system that psutil supports.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

from generator.exercises.grading.request import TOKEN

MOST_PROCESSES = 32
MOST_DISK = 500_000_000
_MOST_FILES = 10_000
_LOOK_EVERY = 0.1  # seconds; looking costs a few milliseconds


class Watched:
    """A process, what it started, and what they use."""

    def __init__(self, number: int, folder: Path, megabytes: int, token: str) -> None:
        """Takes a process that was just started.

        Args:
            number: of the process.
            folder: where it writes.
            megabytes: of memory that it may use with all that it starts.
            token: in the environment of all that it starts, as `TOKEN`.
        """
        self._folder = folder
        self._bytes = megabytes * 1_000_000
        self._token = token
        self._looked = 0.0
        self._known: set[psutil.Process] = set()
        self._process: psutil.Process | None = None
        with contextlib.suppress(psutil.Error):  # it may have ended
            self._process = psutil.Process(number)

    def excess(self) -> str | None:
        """What it uses too much of, as a predicate, or None."""
        if time.monotonic() - self._looked < _LOOK_EVERY:
            return None
        tree = self._tree()
        self._known |= set(tree)
        memory = sum(_resident_in(process) for process in tree)
        if memory > self._bytes:  # a fork's pages were counted twice; to tell that takes longer
            memory = sum(_own_part_of(process) for process in tree)
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
        if self._process is None:
            return []
        try:
            return [self._process, *self._process.children(recursive=True)]
        except psutil.Error:
            return []

    def end(self, all_of_it: bool) -> None:
        """Kills the process and what it started.

        Args:
            all_of_it: whether to search for processes that detached themselves, too; in a process
                namespace there are none.
        """
        self._known |= set(self._tree())
        for _ in range(5):  # one that forks during a search is found by the next
            marked = self._marked() if all_of_it else ()
            left = [process for process in {*self._known, *marked} if _runs(process)]
            if not left:
                break
            for process in left:
                with contextlib.suppress(psutil.Error):
                    process.kill()
            psutil.wait_procs(left, timeout=0.2)

    def _marked(self) -> Iterator[psutil.Process]:
        """Processes that inherited this one's environment, even if they detached."""
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error, OSError):
                if process.pid != os.getpid() and process.environ().get(TOKEN) == self._token:
                    yield process


def _runs(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.Error):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False


def _resident_in(process: psutil.Process) -> int:
    """Bytes of memory, with all that it shares."""
    with contextlib.suppress(psutil.Error, OSError):
        return int(process.memory_info().rss)
    return 0


def _own_part_of(process: psutil.Process) -> int:
    """Bytes of memory, its part of each page that it shares, if the system tells that."""
    with contextlib.suppress(psutil.Error, OSError):
        return int(getattr(process.memory_full_info(), "pss", _resident_in(process)))
    return _resident_in(process)


def _size_of(folder: Path) -> tuple[int, int]:
    """Bytes and number of the files in a folder, up to a limit."""
    size = count = 0
    with contextlib.suppress(OSError):
        for path in itertools.islice(folder.rglob("*"), _MOST_FILES):
            count += 1
            with contextlib.suppress(OSError):
                size += path.lstat().st_size
    return size, count
