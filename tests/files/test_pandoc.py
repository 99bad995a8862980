"""pandoc ends with the process that started it."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from generator.files.pandoc import pandoc_command
from tests.families import left_of

START = (
    "import subprocess, sys; from generator.files.pandoc import pandoc_command\n"
    "command = [*pandoc_command(), '--from=markdown', '--to=html']\n"
    "pandoc = subprocess.Popen(command, stdin=subprocess.PIPE)\n"
    "print(pandoc.pid, flush=True); pandoc.wait()\n"
)


def test_the_command_runs_pandoc() -> None:
    command = [*pandoc_command(), "--from=markdown", "--to=html"]
    done = subprocess.run(command, input="*x*", capture_output=True, text=True, check=True)
    assert done.stdout == "<p><em>x</em></p>\n"


@pytest.mark.slow
@pytest.mark.skipif(len(pandoc_command()) == 1, reason="nobody is there to ask the kernel")
def test_pandoc_ends_with_the_process_that_started_it() -> None:
    parent = subprocess.Popen([sys.executable, "-c", START], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    # A copy of the pipe that pandoc reads from: without the kernel it would wait for ever.
    child = psutil.Process(int(parent.stdout.readline()))
    while child.name() != "pandoc":  # it is `setpriv` first
        time.sleep(0.01)
    with Path(f"/proc/{parent.pid}/fd/{_pipe_of(parent.pid, child.pid)}").open("wb"):
        parent.kill()
        parent.wait()
        assert left_of([child]) == []
    parent.stdout.close()


def _pipe_of(parent: int, child: int) -> str:
    """The parent's end of the pipe that a child reads from."""
    pipe = Path(f"/proc/{child}/fd/0").readlink()
    ends = Path(f"/proc/{parent}/fd").iterdir()
    return next(end.name for end in ends if end.readlink() == pipe)
