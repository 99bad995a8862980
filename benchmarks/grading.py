"""What it takes to grade a class, with one process and with several. On Linux.

In: how many submissions, and numbers of processes. Out: for each of these the seconds of a
processor that a submission takes, all processes and the start of torch included, and the seconds
of the clock. Submissions are those of `tests/grading`, right, wrong and hostile ones, again and
again.

    python -m benchmarks.grading [200] [1 2]
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from generator.exercises.source import read_exercise
from tests.grading.corpus import CASES, made

EXERCISE = Path("content/exercises/minimal_detr.py")
_PR_SET_CHILD_SUBREAPER = 36


def used() -> float:
    """Seconds of a processor that processes which have ended took."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG) != (0, 0):  # those whose parents were ended before them
            pass
    one = resource.getrusage(resource.RUSAGE_CHILDREN)
    return one.ru_utime + one.ru_stime


def write_class(folder: Path, number: int) -> None:
    """Writes a folder with so many submissions, each in a folder of its own."""
    exercise = read_exercise(EXERCISE)
    files = [made(case, exercise) for case in CASES]
    for at in range(number):
        name, content = files[at % len(files)]
        path = folder / f"student {at}" / name
        path.parent.mkdir()
        path.write_bytes(content if name.endswith("ipynb") else content + f"\n# {at}\n".encode())


def graded(folder: Path, output: Path, jobs: int) -> tuple[float, float]:
    """Seconds of a processor and of the clock for a class."""
    begun, before = time.monotonic(), used()
    words = ("grade", str(folder), "--output", str(output), "-q", "--jobs", str(jobs))
    command = [sys.executable, "-m", "generator", *words]
    subprocess.run(command, stdout=subprocess.DEVNULL, check=False)
    return used() - before, time.monotonic() - begun


def main(number: int, counts: list[int]) -> None:
    """Prints the table."""
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1)  # so that `used` knows of every process
    print(f"{len(CASES)} kinds of submissions, {os.cpu_count()} cores")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name, "class")
        folder.mkdir()
        write_class(folder, number)
        for jobs in counts:
            output = Path(name, f"grades-{jobs}")
            processor, clock = graded(folder, output, jobs)
            again, clock_again = graded(folder, output, jobs)
            print(
                f"{number} submissions, {jobs} jobs: {processor / number:.2f} CPU s each, "
                f"{clock:.0f} s by the clock, {processor / clock:.2f} cores busy; "
                f"once more {again:.1f} CPU s, {clock_again:.1f} s"
            )


if __name__ == "__main__":
    chosen = [int(one) for one in sys.argv[1:]]
    main(chosen[0] if chosen else 200, chosen[1:] or [1, 2])
