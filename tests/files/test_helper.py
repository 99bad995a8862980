"""What takes too long over there, or takes its process with it, is an error here."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from generator.files.helper import Helper
from tests.families import left_of

START = (
    "import os, time\n"
    "from generator.files.helper import Helper\n"
    "if __name__ == '__main__':\n"
    "    helper = Helper()\n"
    "    print(helper.call(os.getpid, seconds=60), flush=True)\n"
    "    helper.call(time.sleep, 600, seconds=600)\n"
)


@pytest.fixture(scope="module")
def helper() -> Iterator[Helper]:
    made = Helper()
    yield made
    made.end()


@pytest.mark.slow
def test_it_answers_from_one_process_of_its_own(helper: Helper) -> None:
    first, second = (helper.call(os.getpid, seconds=60) for _ in range(2))
    assert first == second != os.getpid()


def test_errors_come_back(helper: Helper) -> None:
    with pytest.raises(ZeroDivisionError):
        helper.call(divmod, 1, 0, seconds=60)


@pytest.mark.slow
def test_what_takes_too_long_is_ended(helper: Helper) -> None:
    process = psutil.Process(helper.call(os.getpid, seconds=60))
    with pytest.raises(TimeoutError):
        helper.call(time.sleep, 600, seconds=0.2)
    assert left_of([process]) == []
    assert helper.call(abs, -1, seconds=60) == 1


def test_what_takes_its_process_with_it_is_an_error(helper: Helper) -> None:
    with pytest.raises(ChildProcessError):
        helper.call(os.abort, seconds=60)
    assert helper.call(abs, -1, seconds=60) == 1


@pytest.mark.slow
def test_it_ends_with_the_process_that_started_it(tmp_path: Path) -> None:
    script = tmp_path / "start.py"
    script.write_text(START, encoding="utf-8")
    parent = subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child = psutil.Process(int(parent.stdout.readline()))
    parent.kill()
    parent.wait()
    parent.stdout.close()
    assert left_of([child]) == []
