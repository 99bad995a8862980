"""`serve` in a browser: a change shows once, a mistake shows, and Ctrl-C is one line."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from generator import serve as module
from generator.build.recipe import BuildOptions
from generator.build.report import BuildReport
from generator.command_line.interrupts import INTERRUPTED, STOPPED
from generator.serve import Wishes, serve
from tests.exercises.browser import CHROMIUM, Browser
from tests.tiny_project import replace_in

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0


class Serving:
    """The command, and what it said."""

    def __init__(self, project: Path) -> None:
        # A shell may have started these tests deaf to interrupts.
        listen = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
        code = (
            f"import sys; sys.path.insert(0, {str(ROOT)!r}); {listen}; "
            "from generator.__main__ import run; run()"
        )
        command = [sys.executable, "-c", code, "serve", "--port", "0", "--offline"]
        self.process = subprocess.Popen(
            command, cwd=project, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        self.lines: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        self.lines.extend(iter(self.process.stdout.readline, ""))

    def end(self) -> None:
        """Ends it, whatever it is doing."""
        self.process.kill()
        self.process.wait()
        self._reader.join()
        for stream in (self.process.stdout, self.process.stderr):
            assert stream is not None
            stream.close()

    def said(self, pattern: str) -> str:
        """The first group of a line, as soon as there is one."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            for line in list(self.lines):
                if found := re.search(pattern, line):
                    return found[1]
            time.sleep(0.05)
        raise TimeoutError(pattern, self.lines)


@pytest.fixture
def serving(small: Path) -> Iterator[Serving]:
    one = Serving(small)
    yield one
    one.end()


@pytest.mark.slow
def test_what_is_saved_during_the_first_build_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, watching = tmp_path / "content/q1.md", []

    class Changes(module._Changes):
        def __init__(self, config: Path) -> None:
            super().__init__(config)
            watching.append(self)

    def build(_: BuildOptions) -> BuildReport:
        until = time.monotonic() + PATIENCE / 6
        while watching[0]._found.empty() and time.monotonic() < until:
            page.write_text(f"Saved at {time.monotonic()}")
            time.sleep(0.02)
        raise KeyboardInterrupt

    (tmp_path / "templates").mkdir()
    page.parent.mkdir()
    page.write_text("Before")
    (tmp_path / "content/gallery.yml").write_text("images: []\n")
    (tmp_path / "site_config.yml").write_text("title: T\n")
    monkeypatch.setattr(module, "_Changes", Changes)
    monkeypatch.setattr(module, "build", build)
    wishes = Wishes(None, 0, offline=True, jobs=1)
    with pytest.raises(KeyboardInterrupt):
        serve(tmp_path / "site_config.yml", wishes, lambda _: None, lambda _: None)
    assert not watching[0]._found.empty()
    assert page.resolve() in watching[0].next()


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")
def test_a_change_shows_once_and_a_mistake_shows_above_the_last_site(
    serving: Serving, small: Path
) -> None:
    address = serving.said("^(http://127.0.0.1:\\d+/)")
    serving.said(r"(nothing to do|built) in")
    page, banner = small / "content/q1.md", "document.getElementById('preview-banner')"
    with Browser() as browser:
        browser.open(f"{address}q1.html")
        browser.evaluate("window.before = 1")
        replace_in(page, "There are", "Twice there are")
        browser.wait_for("document.body?.innerText.includes('Twice there are')")
        assert browser.evaluate("window.before") is None
        browser.evaluate("window.before = 2")
        replace_in(page, "Twice there are", "Thrice {{ there")
        browser.wait_for(f"{banner} !== null")
        assert "content/q1.md:3: " in browser.evaluate(f"{banner}.textContent")
        assert serving.said("^content/q1.md:(3): ") == "3"
        assert browser.evaluate("document.body?.innerText.includes('Twice there are')")
        assert browser.evaluate("window.before") == 2  # neither the change nor the mistake again
        replace_in(page, "Thrice {{ there", "Thrice there are")
        browser.wait_for(f"document.body?.innerText.includes('Thrice there are') && !{banner}")


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="has no interrupts for single processes")
def test_ctrl_c_ends_it_in_one_line(serving: Serving) -> None:
    serving.said(r"(nothing to do|built) in")
    serving.process.send_signal(signal.SIGINT)
    assert serving.process.wait(PATIENCE) == INTERRUPTED
    assert serving.process.stderr is not None
    told = serving.process.stderr.read().strip().splitlines()
    assert told[-1:] == [STOPPED]
    assert "Traceback" not in "".join(told)
