"""Two commands at once on one folder: one works, the other says who does, or waits."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from generator.files.lock import LOCK
from generator.files.owned_folder import MARKER
from tests.tiny_project import files_in

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.slow


def start(project: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "generator", *arguments],
        cwd=project,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def wait_for(path: Path, process: subprocess.Popen[str]) -> None:
    while not path.exists():
        assert process.poll() is None, process.communicate()[0]
        time.sleep(0.01)


@pytest.mark.parametrize("second", [("build", "--offline"), ("clean",)])
def test_the_second_says_who_is_at_work(small: Path, second: tuple[str, ...]) -> None:
    first = start(small, "build", "--offline", "--jobs", "1")
    wait_for(small / "build" / LOCK, first)
    told = start(small, *second)
    told_text = told.communicate()[0]
    text = first.communicate()[0]
    assert first.returncode == 0, text
    assert told.returncode == 1, told_text
    assert f"a build (process {first.pid} on " in told_text
    assert "has been writing here since" in told_text
    assert "Traceback" not in told_text
    assert (small / "build" / MARKER).exists()
    assert (small / "build/site/gallery/pets.html").is_file()


def test_with_wait_both_build_and_the_site_is_one(small: Path) -> None:
    alone = shutil.copytree(small, small.with_name("alone"))
    text = start(alone, "build", "--offline").communicate()[0]
    assert (alone / "build/site/index.html").is_file(), text
    commands = [start(small, "build", "--offline", "--wait", "--jobs", "1") for _ in range(3)]
    texts = [one.communicate()[0] for one in commands]
    assert [one.returncode for one in commands] == [0, 0, 0], texts
    assert sum("waiting until it is done" in text for text in texts) >= 1
    assert files_in(small / "build/site") == files_in(alone / "build/site")
    assert not (small / "build" / LOCK).exists()
