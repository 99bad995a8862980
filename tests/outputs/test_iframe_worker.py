"""What stands in for a Worker on pages that were opened from a file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.exercises.browser import CHROMIUM, Browser

pytestmark = [
    pytest.mark.slow,
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here"),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with Browser() as opened:
        yield opened


@pytest.mark.parametrize(
    ("script", "heard"),
    [
        ("self.onmessage = (event) => self.postMessage(event.data + 1)", "message 42"),
        ("addEventListener('message', ({data}) => postMessage(data + 1))", "message 42"),
        ("throw new Error('broken')", "error "),
        (None, "error cannot load"),
    ],
    ids=["by property", "by listener", "a script that throws", "no script"],
)
def test_it_answers_and_tells_errors(
    tmp_path: Path, browser: Browser, script: str | None, heard: str
) -> None:
    frame = Path(__file__).parents[2] / "templates/assets/iframe-worker.js"
    page = tmp_path / "page.html"
    page.write_text(f"<!doctype html><script src='{frame.as_uri()}'></script>")
    if script is not None:
        (tmp_path / "worker.js").write_text(script)
    browser.open(page.as_uri())
    browser.evaluate("""
        window.heard = [];
        window.worker = new Worker('worker.js');
        worker.onmessage = ({data}) => heard.push(`message ${data}`);
        worker.onerror = ({message}) => heard.push(`error ${message}`);
        worker.postMessage(41);
    """)
    browser.wait_for("heard.length > 0")
    assert browser.evaluate("heard[0]").startswith(heard)
    browser.evaluate("worker.terminate(); worker.postMessage(1)")
    assert browser.evaluate("document.querySelector('iframe')") is None
