"""A build that is killed or interrupted at any moment leaves the site whole, and no process."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

import pytest

from generator.files.fingerprint import digest_of_files
from generator.files.lock import LOCK
from tests.build.command import start
from tests.build.forked import Running
from tests.families import LONG_S, children_of, left_of
from tests.thorough import times
from tests.tiny_project import replace_in

KILLS, INTERRUPTS = times(5, 20), times(3, 10)
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="has neither signals nor groups"),
]


class Builds:
    """Builds of a small project whose figures are drawn anew each time."""

    def __init__(self, project: Path) -> None:
        self.project, self._dpi = project, 72

    def change(self, *, back: bool = True) -> None:
        """Lets the next build draw everything again, as the one before the last or as none did."""
        before, self._dpi = self._dpi, 152 - self._dpi if back else self._dpi + 1
        replace_in(self.project / "site_config.yml", f"dpi: {before}", f"dpi: {self._dpi}")

    def start(self, *, afresh: bool = False) -> Running:
        """Starts one; returns as soon as Python has begun with it.

        Args:
            afresh: whether it still has everything to import.
        """
        begun = self.project.parent / "begun"
        begun.unlink(missing_ok=True)
        arguments = ("build", "--offline", "--jobs", "2")
        process = start(self.project, *arguments, begun=begun, alone=True, afresh=afresh)
        until = time.monotonic() + LONG_S
        while not begun.exists() and time.monotonic() < until:
            time.sleep(0.01)
        return process

    def run(self) -> float:
        """Builds to the end; returns how long that took, in seconds."""
        began = time.monotonic()
        process = self.start()
        text = process.communicate()[0]
        assert process.returncode == 0, text
        return time.monotonic() - began

    def site(self) -> str:
        return digest_of_files(self.project / "build/site")


@pytest.fixture
def builds(small: Path) -> Builds:
    return Builds(small)


def test_kills_at_any_moment(builds: Builds) -> None:
    good = {builds.site()}
    builds.change()
    seconds = builds.run()
    good.add(builds.site())
    assert len(good) == 2
    for moment in range(KILLS):
        builds.change()
        process = builds.start(afresh=moment == 0)  # while all is imported
        time.sleep(seconds * (moment + 0.5) / KILLS)
        family = children_of(process.pid)
        process.send_signal(signal.SIGKILL if moment % 2 else signal.SIGTERM)
        process.communicate()
        assert left_of(family) == [], moment
        assert builds.site() in good, moment
    builds.run()
    assert builds.site() in good
    build = builds.project / "build"
    assert not (build / LOCK).exists()
    places = (build, builds.project / ".cache")
    assert [path for place in places for path in place.rglob("*.part")] == []
    assert not (build / ".site").exists()
    assert not (build / ".site.before").exists()


def test_interrupts_at_any_moment_are_one_line_each(builds: Builds) -> None:
    builds.change()
    seconds = builds.run()
    took = []
    for moment in range(INTERRUPTS):
        builds.change(back=False)
        process = builds.start(afresh=moment == 0)  # while all is imported
        time.sleep(seconds * moment / INTERRUPTS)
        family = children_of(process.pid)
        began = time.monotonic()
        os.killpg(process.pid, signal.SIGINT)  # as a terminal sends it
        text = process.communicate()[0]
        took.append(time.monotonic() - began)
        assert left_of(family) == [], moment
        assert "Traceback" not in text, moment
        if "Open build/site" not in text:  # it may just have come to its end
            assert process.returncode in (130, -signal.SIGINT), text
            assert text.count("Stopped. What was published before is as it was.") == 1, text
    print("seconds to the end:", [round(one, 1) for one in took])  # noqa: T201
    assert max(took) < LONG_S
