import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from generator.exercises.grading import processes
from generator.exercises.grading.processes import Watched
from generator.exercises.grading.request import TOKEN

pytestmark = pytest.mark.slow  # starts many processes
posix = pytest.mark.skipif(sys.platform == "win32", reason="forks")


class Started(Watched):
    """A process, and its watching; a context."""

    def __init__(self, folder: Path, code: str, megabytes: int = 200) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", code],
            cwd=folder,
            env={**os.environ, TOKEN: folder.name},
            start_new_session=True,
        )
        super().__init__(self.process.pid, folder, megabytes, folder.name)

    def __enter__(self) -> "Started":
        return self

    def __exit__(self, *_: object) -> None:
        self.end(all_of_it=True)
        self.process.wait()


def wait_for(condition: Callable[[], object]) -> object:
    end = time.monotonic() + 20
    while not (found := condition()):
        assert time.monotonic() < end
        time.sleep(0.02)
    return found


def test_memory_is_watched(tmp_path: Path) -> None:
    code = "x = []\nwhile len(x) < 400: x.append(b'x' * 1_000_000 + bytes([len(x) % 256]))\ninput"
    with Started(tmp_path, code + "\nimport time; time.sleep(60)") as process:
        assert wait_for(lambda: excess_of(process)) == "took more than 200 MB of memory"


def excess_of(process: Started) -> str | None:
    assert process.process.poll() is None
    return process.excess()


def test_files_are_watched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "MOST_DISK", 1_000_000)
    code = "open('x', 'wb').write(bytes(2_000_000)); import time; time.sleep(60)"
    with Started(tmp_path, code) as process:
        assert wait_for(lambda: excess_of(process)) == "wrote more files than there is room for"


@posix
def test_the_number_of_processes_is_watched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "MOST_PROCESSES", 3)
    code = "import os, time\nfor _ in range(2): os.fork()\ntime.sleep(60)"
    with Started(tmp_path, code) as process:
        assert wait_for(lambda: excess_of(process)) == "started more than 3 processes"


@posix
def test_nothing_is_left_of_it_not_even_detached_processes(tmp_path: Path) -> None:
    code = """
import os, subprocess, sys, time
wait = "import time; time.sleep(60)"
numbers = [os.getpid(), subprocess.Popen([sys.executable, "-c", wait]).pid]
numbers.append(subprocess.Popen([sys.executable, "-c", wait], start_new_session=True).pid)
read, write = os.pipe()
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:  # its parent ends, so that it is nobody's child
        os.write(write, str(os.getpid()).encode())
        time.sleep(60)
    os._exit(0)
numbers.append(int(os.read(read, 20)))
open("part", "w").write(" ".join(map(str, numbers)))
os.rename("part", "numbers")
time.sleep(60)
"""
    with Started(tmp_path, code) as process:
        wait_for((tmp_path / "numbers").exists)
        numbers = [int(number) for number in (tmp_path / "numbers").read_text().split()]
        assert len(numbers) == 4
        assert all(map(is_alive, numbers))
        assert process.process.poll() is None
    wait_for(lambda: not any(map(is_alive, numbers)))
    assert is_alive(os.getpid())


def is_alive(number: int) -> bool:
    try:
        return psutil.Process(number).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
