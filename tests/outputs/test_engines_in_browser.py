"""The pages as Zensical makes them, opened from files; as MkDocs makes them, see `test_reading`."""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from generator.files.folders import BuildFolder
from generator.outputs.website import stage_website
from tests.exercises.browser import CHROMIUM, Browser
from tests.shared import made_once

pytestmark = [
    pytest.mark.slow,
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here"),
    pytest.mark.skipif(
        importlib.util.find_spec("zensical") is None, reason="zensical is not installed here"
    ),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with Browser() as opened:
        yield opened


@pytest.fixture(scope="module")
def by_zensical(site: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project's own pages, once more."""

    def make(folder: Path) -> Path:
        copy = BuildFolder(folder / "build")
        shutil.copytree(site.parent / "docs", copy.docs)
        shutil.copy(site.parent / "mkdocs.yml", copy.settings)
        stage_website(copy, captions={"gallery/pets.md": ""}, engine="zensical")
        return copy.staged_site

    return made_once(tmp_path_factory, "own-pages-zensical", make)


SHADOW = "[...document.querySelectorAll('body > div')].find(one => one.shadowRoot)?.shadowRoot"
SEARCH = f"""
(() => {{
  const input = {SHADOW}.querySelector('input');
  input.value = QUERY;
  input.dispatchEvent(new Event('input', {{bubbles: true}}));
}})()
"""
FOUND = f"[...{SHADOW}.querySelectorAll('li, [role=option]')].map(one => one.innerText).join(' ')"


@pytest.mark.parametrize("query", ["linear_bbox", "row_embed", "0.9", "DC5", "encoder:"])
def test_search_works_from_a_file(by_zensical: Path, browser: Browser, query: str) -> None:
    browser.open((by_zensical / "about.html").as_uri())
    browser.evaluate("document.querySelector('.md-search__button').click()")
    browser.wait_for(f"{SHADOW}?.querySelector('input')")
    browser.evaluate(SEARCH.replace("QUERY", repr(query)))
    word = query.rstrip(":").lower()
    browser.wait_for(f"{FOUND}.toLowerCase().includes({word!r})")
    assert word in str(browser.evaluate(FOUND)).lower()


def test_no_other_host_is_asked(by_zensical: Path) -> None:
    with Browser() as opened:
        opened.watch_requests()
        for name in ("index", "q3", "gallery/pets"):
            opened.open((by_zensical / f"{name}.html").as_uri())
            opened.wait_for("document.documentElement.classList.contains('js')")
        assert len(opened.requests) > 10
        assert not [one for one in opened.requests if one.startswith(("http", "ws"))]
