"""Figures on a telephone, 390 pixels wide: no word is less than 12 pixels high, nothing is cut."""

from __future__ import annotations

import json
import re
import shutil
import time
from pathlib import Path
from typing import Any

import pytest

from generator.build.recipe import build
from generator.build.report import BuildReport
from tests.exercises.browser import CHROMIUM, Browser
from tests.tiny_project import options

pytestmark = [
    pytest.mark.slow,
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here"),
]

CHARTS = """# About

{% for file in q3_figures.values() %}
{{ figure(file, "A chart.") }}
{% endfor %}

{{ workflow(workflows[0], "The workflow.") }}
"""
TEXTS = """
JSON.stringify([...document.querySelectorAll('article figure')].flatMap(figure => {
  const found = [], walker = document.createTreeWalker(figure, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode, parent = node.parentElement, range = document.createRange();
    range.selectNodeContents(node);
    if (!node.data.trim() || !range.getBoundingClientRect().width) continue;
    const drawing = parent.closest('svg');
    let scale = 1;
    if (drawing && drawing.viewBox.baseVal)
      scale = drawing.getBoundingClientRect().width / drawing.viewBox.baseVal.width;
    found.push([parseFloat(getComputedStyle(parent).fontSize) * scale, node.data.trim()]);
  }
  return found;
}))
"""
PICTURES = """
JSON.stringify([...document.querySelectorAll('article figure img')].map(
  image => [image.currentSrc, image.getBoundingClientRect().width, image.naturalWidth]))
"""
LOADED = """
[...document.querySelectorAll('article figure img')].every(
  image => !image.getBoundingClientRect().width || (image.complete && image.currentSrc))
"""
WITHOUT_ROOM = """
JSON.stringify([...document.querySelectorAll('article img')]
  .filter(image => image.offsetParent && !image.getBoundingClientRect().height)
  .map(image => image.getAttribute('src')))
"""
TILES = """
JSON.stringify([...document.querySelectorAll('#decoder .tile, #knock-out .tile')].map(
  tile => tile.getBoundingClientRect().left))
"""


def values(browser: Browser, script: str) -> list[Any]:
    found: list[Any] = json.loads(browser.evaluate(script))
    return found


def words_of(drawing: Path) -> list[float]:
    """The sizes of the words in a drawing of matplotlib's, as shares of its width."""
    svg = drawing.read_text(encoding="utf-8")
    width = re.search(r'viewBox="0 0 ([\d.]+) ', svg)
    assert width
    return [100 * float(one) / float(width[1]) for one in re.findall(r"scale\((0\.\d+) -", svg)]


@pytest.fixture(scope="module")
def browser() -> Any:
    with Browser() as opened:
        screen = {"width": 390, "height": 900, "deviceScaleFactor": 1, "mobile": False}
        opened.call("Emulation.setDeviceMetricsOverride", **screen)
        yield opened


@pytest.fixture(scope="module")
def site(report: BuildReport, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site that was built, with all charts and the workflow on one page."""
    project = tmp_path_factory.mktemp("project") / "site"
    shutil.copytree(report.output.parent, project)
    (project / "content/about.md").write_text(CHARTS)
    return build(options(project, leave_out={"pdf"})).of("site")["student"]


@pytest.mark.parametrize("page", ["about", "gallery/pets", "gallery/beach"])
def test_no_word_of_a_figure_is_too_small(site: Path, browser: Browser, page: str) -> None:
    browser.open((site / f"{page}.html").as_uri())
    assert values(browser, WITHOUT_ROOM) == []  # nothing moves when a picture is loaded
    browser.evaluate("document.querySelectorAll('img').forEach(one => one.loading = 'eager')")
    until = time.monotonic() + 30
    while not browser.evaluate(LOADED) and time.monotonic() < until:
        time.sleep(0.05)
    for size, text in values(browser, TEXTS):
        assert size >= 11.99, text
    drawings = 0
    for source, width, _ in values(browser, PICTURES):
        file = Path(source.removeprefix("file://"))
        if file.suffix == ".svg" and width:
            drawings += 1
            assert min(words_of(file)) * width >= 11.99, file.name
    assert drawings > 5 or page != "about"
    assert browser.evaluate("document.documentElement.scrollWidth") == 390


def test_maps_stand_in_two_columns(site: Path, browser: Browser) -> None:
    browser.open((site / "gallery/pets.html").as_uri())
    assert len(set(values(browser, TILES))) == 2
    browser.call("Emulation.setDeviceMetricsOverride", width=1440, height=900,
                 deviceScaleFactor=1, mobile=False)  # fmt: skip
    assert len(set(values(browser, TILES))) > 2
