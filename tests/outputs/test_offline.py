"""With the network off no page asks another host for anything, whatever is opened on it."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.exercises.browser import CHROMIUM, Browser

ROOT = Path(__file__).parents[2]
pytestmark = [
    pytest.mark.slow,
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here"),
]
PAGES = ("index", "q1", "q2", "q3", "lab", "about", "404", "gallery/pets", "gallery/beach")
LOCAL = ("file:", "data:", "blob:", "about:", "chrome:", "devtools:")
OPENED = """
document.querySelectorAll('details').forEach(one => { one.open = true; });
document.querySelectorAll('img[loading]').forEach(one => { one.loading = 'eager'; });
document.querySelector('.lab-start')?.click();
const search = document.querySelector('[data-md-component=search-query]');
if (search) { search.focus(); search.value = 'it'; search.dispatchEvent(new Event('keyup')); }
window.scrollTo(0, document.body.scrollHeight); true
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with Browser() as opened:
        opened.watch_requests()
        yield opened


def asked_of_others(browser: Browser, page: Path) -> list[str]:
    browser.requests.clear()
    browser.open(page.as_uri())
    browser.evaluate(OPENED)
    until = time.monotonic() + 1.5
    while time.monotonic() < until:
        browser.evaluate("1")
        time.sleep(0.05)
    assert any(one.startswith("file:") for one in browser.requests), "nothing was noted"
    return [one for one in browser.requests if not one.startswith(LOCAL)]


def test_no_page_asks_another_host(site: Path, browser: Browser) -> None:
    asked = {name: asked_of_others(browser, site / f"{name}.html") for name in PAGES}
    assert asked == {name: [] for name in PAGES}


@pytest.mark.parametrize(
    "hostile",
    [
        "<img src='https://example.org/x'>",
        "<p style='background: url(https://example.org/x)'>x</p>",
        "<script>fetch('htt' + 'ps://example.org/x')</script>",
        "<pre class='mermaid'><code>graph LR; a-->b</code></pre>",
    ],
    ids=["picture", "style", "script", "what the theme draws"],
)
def test_a_page_that_does_is_noticed(site: Path, browser: Browser, hostile: str) -> None:
    text = (site / "about.html").read_text(encoding="utf-8")
    copy = site / f"hostile-{os.getpid()}.html"  # other processes read this site, too
    copy.write_text(text.replace("<h1", f"{hostile}<h1", 1), encoding="utf-8")
    found = asked_of_others(browser, copy)
    copy.unlink()
    assert found != []
