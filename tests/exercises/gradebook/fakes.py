"""A grader that looks for words, and an exercise of two blanks: quick, and without torch."""

from __future__ import annotations

import errno
import os
import signal
import sys
import time
from pathlib import Path
from typing import ClassVar

from generator.exercises.gradebook import work
from generator.exercises.gradebook.run import Class, Outcome, Request, grade_class
from generator.exercises.gradebook.work import Settings
from generator.exercises.grading.grade import BlankGrade, Grade, Verdict
from generator.exercises.grading.workers import Limits

SOURCE = """class MinimalDETR:
    size = 32  ### SOLUTION size
    depth = abs(-6)  ### SOLUTION depth
"""


class FakeGrader:
    """A blank is right if its word stands in the file."""

    graded: ClassVar[list[str]] = []
    lacks: tuple[str, ...] = ()

    def __init__(self, exercise: Path, limits: Limits) -> None:
        pass

    def close(self) -> None:
        pass

    def ungraded(self, file: str, message: str) -> Grade:
        return Grade(file, False, _blanks("stopped", "stopped"), message)

    def grade_bytes(self, file: str, suffix: str, content: bytes) -> Grade:
        self.graded.append(file)
        text = content.decode()
        if "INTERRUPT" in text:
            raise KeyboardInterrupt
        if "BUG" in text:
            raise ValueError
        if "FULL" in text:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        if "END" in text:
            os._exit(3)
        if "SLEEP" in text:
            time.sleep(60)
        found: list[Verdict] = ["right" if one in text else "wrong" for one in ("SIZE", "DEPTH")]
        passed = found == ["right", "right"]
        return Grade(file, passed, _blanks(*found), text=text.strip())


def _blanks(size: Verdict, depth: Verdict) -> tuple[BlankGrade, ...]:
    said = "The size is not `right`." if size == "wrong" else ""
    return BlankGrade(1, "size", size, said), BlankGrade(2, "depth", depth)


def write_exercise(folder: Path) -> Path:
    """Writes the exercise and returns its path."""
    path = folder / "exercise.py"
    path.write_text(SOURCE)
    return path


def begin(settings: Settings) -> None:
    """As `work.begin`, for processes that are started."""
    vars(work)["Grader"] = FakeGrader
    work.begin(settings)


def request_for(*paths: Path, jobs: int = 1) -> Request:
    """A request; the exercise lies beside the first path."""
    return Request(paths, write_exercise(paths[0].parent), Limits(), jobs)


def run(path: Path, roster: Path | None = None, **kinds: bool) -> Outcome:
    """Grades a class into a folder `grades` beside it."""
    return grade_class(request_for(path), Class(path.parent / "grades", roster, **kinds))


if __name__ == "__main__":
    # A shell starts what runs in the background deaf to interrupts.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    vars(work)["Grader"] = FakeGrader
    run(Path(sys.argv[1]))
