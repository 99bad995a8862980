import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from generator.exercises.grading import processes
from generator.exercises.grading.processes import Watched

pytestmark = pytest.mark.slow  # starts many processes
posix = pytest.mark.skipif(sys.platform == "win32", reason="forks")


def watched(folder: Path, code: str, megabytes: int = 200) -> Watched:
    return Watched([sys.executable, "-c", code], folder, {"MARK": "here"}, megabytes)


def wait_for(condition: Callable[[], object]) -> object:
    end = time.monotonic() + 20
    while not (found := condition()):
        assert time.monotonic() < end
        time.sleep(0.02)
    return found


def test_exit_code_and_environment(tmp_path: Path) -> None:
    code = "import os, pathlib; pathlib.Path('x').write_text(os.environ['MARK']); os._exit(7)"
    with watched(tmp_path, code) as process:
        wait_for(lambda: process.exit_code() is not None)
        assert process.exit_code() == 7
        assert process.excess() is None
    assert (tmp_path / "x").read_text() == "here"


def test_input_is_closed_and_megabytes_of_prints_are_dropped(tmp_path: Path) -> None:
    code = (
        "import os\nfor n in range(400): os.write(1 + n % 2, b'x' * 100_000)\n"
        "try: input()\nexcept EOFError: os._exit(3)"
    )
    with watched(tmp_path, code) as process:
        wait_for(lambda: process.exit_code() is not None)
        assert process.exit_code() == 3
    assert list(tmp_path.iterdir()) == []


def test_memory_is_watched(tmp_path: Path) -> None:
    code = "x = []\nwhile len(x) < 400: x.append(b'x' * 1_000_000 + bytes([len(x) % 256]))\ninput"
    with watched(tmp_path, code + "\nimport time; time.sleep(60)") as process:
        assert wait_for(lambda: excess_of(process)) == "took more than 200 MB of memory"


def excess_of(process: Watched) -> str | None:
    assert process.exit_code() is None
    return process.excess()


def test_files_are_watched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "MOST_DISK", 1_000_000)
    code = "open('x', 'wb').write(bytes(2_000_000)); import time; time.sleep(60)"
    with watched(tmp_path, code) as process:
        assert wait_for(lambda: excess_of(process)) == "wrote more files than there is room for"


@posix
def test_the_number_of_processes_is_watched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "MOST_PROCESSES", 3)
    code = "import os, time\nfor _ in range(2): os.fork()\ntime.sleep(60)"
    with watched(tmp_path, code) as process:
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
    with watched(tmp_path, code) as process:
        wait_for((tmp_path / "numbers").exists)
        numbers = [int(number) for number in (tmp_path / "numbers").read_text().split()]
        assert len(numbers) == 4
        assert all(map(is_alive, numbers))
        assert process.exit_code() is None
    wait_for(lambda: not any(map(is_alive, numbers)))
    assert is_alive(os.getpid())


def is_alive(number: int) -> bool:
    try:
        return psutil.Process(number).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
