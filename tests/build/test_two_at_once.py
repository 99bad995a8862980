"""Two commands at once on one folder: one works, the other says who does, or waits."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import pytest

from generator.files.lock import LOCK
from generator.files.owned_folder import MARKER
from tests.build.command import start
from tests.build.forked import Running
from tests.tiny_project import files_in, replace_in

pytestmark = pytest.mark.slow
BUILD = ("build", "--offline", "--jobs", "1")


@pytest.fixture
def changed(small: Path) -> Path:
    """The small project, built; all its figures have to be drawn again."""
    replace_in(small / "site_config.yml", "dpi: 72", "dpi: 80")
    return small


@pytest.fixture
def hold(tmp_path: Path) -> Path:
    """A file that keeps a build at work."""
    file = tmp_path / "hold"
    file.touch()
    return file


def wait_for(path: Path, process: Running) -> None:
    while not path.exists():
        assert process.poll() is None, process.communicate()[0]
        time.sleep(0.01)


def wait_for_line(words: str, process: Running) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        if words in line:
            return
    raise AssertionError(f"it never said: {words}")


@pytest.mark.parametrize("second", [("build", "--offline"), ("clean",)])
def test_the_second_says_who_is_at_work(changed: Path, hold: Path, second: tuple[str, ...]) -> None:
    first = start(changed, *BUILD, hold=hold)
    wait_for(changed / "build" / LOCK, first)
    told = start(changed, *second)
    told_text = told.communicate()[0]
    hold.unlink()
    text = first.communicate()[0]
    assert first.returncode == 0, text
    assert told.returncode == 1, told_text
    assert f"a build (process {first.pid} on " in told_text
    assert "has been writing here since" in told_text
    assert "Traceback" not in told_text
    assert (changed / "build" / MARKER).exists()
    assert (changed / "build/site/gallery/pets.html").is_file()


def test_with_wait_both_build_and_the_site_is_one(changed: Path, hold: Path) -> None:
    alone = shutil.copytree(changed, changed.with_name("alone"))
    text = start(alone, *BUILD).communicate()[0]
    assert (alone / "build/site/index.html").is_file(), text
    first = start(changed, *BUILD, hold=hold)
    wait_for(changed / "build" / LOCK, first)
    others = [start(changed, *BUILD, "--wait") for _ in range(2)]
    for other in others:
        wait_for_line("waiting until it is done", other)
    hold.unlink()
    texts = [one.communicate()[0] for one in (first, *others)]
    assert [one.returncode for one in (first, *others)] == [0, 0, 0], texts
    assert files_in(changed / "build/site") == files_in(alone / "build/site")
    assert not (changed / "build" / LOCK).exists()
