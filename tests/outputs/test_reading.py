"""What a reader of the site does: searches, hovers over words, goes wrong, reads on a telephone."""

from __future__ import annotations

import functools
import http.server
import threading
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


@pytest.fixture(scope="module")
def served(site: Path) -> Iterator[str]:
    """The address of the site below a path of a server, which sends 404.html as hosts do."""

    class Handler(http.server.SimpleHTTPRequestHandler):
        def translate_path(self, path: str) -> str:
            inside = path.partition("?")[0].removeprefix("/courses/detr/")
            return str(site / inside) if inside != path else str(site / "nowhere")

        def send_error(self, code: int, *_: object, **__: object) -> None:
            page = (site / "404.html").read_bytes()
            self.send_response(code)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(page)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(page)

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/courses/detr/"
    server.shutdown()
    thread.join()
    server.server_close()


TYPE = """
(() => {{
  const input = document.querySelector('[data-md-component=search-query]');
  document.querySelector('.md-search-result__list').replaceChildren();
  input.focus();
  input.value = {query!r};
  input.dispatchEvent(new Event('keyup', {{bubbles: true}}));
}})()
"""
FOUND = "document.querySelector('.md-search-result__list').innerText"
QUERIES = ("linear_bbox", "query_pos", "row_embed", "num_encoder_layers", "0.9", "DC5", "encoder:")


@pytest.mark.parametrize("way", ["file", "http"])
def test_search_finds_names_in_code_numbers_and_words_with_a_colon(
    site: Path, served: str, browser: Browser, way: str
) -> None:
    browser.open((site / "about.html").as_uri() if way == "file" else f"{served}about.html")
    for query in QUERIES:
        browser.evaluate(TYPE.format(query=query))
        word = query.rstrip(":")
        browser.wait_for(
            "document.querySelector('.md-search-result__meta').innerText.includes(' matching ')"
            f" && {FOUND}.toLowerCase().includes({word.lower()!r})"
        )
        assert word.lower() in browser.evaluate(FOUND).lower()


@pytest.mark.parametrize("address", ["nowhere.html", "gallery/no/such/page.html", "x/"])
def test_a_wrong_address_leads_back_to_the_site(
    served: str, browser: Browser, address: str
) -> None:
    browser.open(served + address)
    link = "document.querySelector('a').href"
    browser.wait_for(f"{link} === {served!r} + 'index.html'")
    assert browser.evaluate(link) == f"{served}index.html"


def test_the_page_for_wrong_addresses_works_from_a_file(site: Path, browser: Browser) -> None:
    browser.open((site / "404.html").as_uri())
    assert browser.evaluate("document.querySelector('a').href") == (site / "index.html").as_uri()


def test_a_word_shows_its_definition_and_leads_to_the_glossary(
    site: Path, browser: Browser
) -> None:
    browser.call("Emulation.setDeviceMetricsOverride", width=1440, height=900,
                 deviceScaleFactor=1, mobile=False)  # fmt: skip
    browser.open((site / "q3.html").as_uri())
    word = "document.querySelector('article a.term')"
    assert browser.evaluate(f"{word}.href").startswith((site / "glossary.html").as_uri() + "#")
    browser.evaluate(f"{word}.scrollIntoView({{block: 'center'}})")
    place = browser.evaluate(
        f"(() => {{ const r = {word}.getBoundingClientRect(); return [r.x + 5, r.y + 5]; }})()"
    )
    definition = browser.evaluate(f"{word}.title")
    for x, y in ((1, 1), place):
        browser.call("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)
    browser.wait_for("document.querySelector('.md-tooltip2')?.innerText.trim()")
    assert browser.evaluate("document.querySelector('.md-tooltip2').innerText.trim()") == definition
    address = browser.evaluate(f"{word}.href")
    browser.open(address)
    target = "document.querySelector(location.hash)"
    assert browser.evaluate(f"{target}.tagName") == "DT"
