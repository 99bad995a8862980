"""axe-core finds nothing serious on any type of page, Material's own parts included.

It is one of the tools that `package.json` names; without `npm ci` the tests are skipped.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.exercises.browser import CHROMIUM, Browser

ROOT = Path(__file__).parents[2]
AXE = ROOT / "node_modules/axe-core/axe.min.js"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.browser,
    pytest.mark.node,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here"),
    pytest.mark.skipif(not AXE.is_file(), reason="`npm ci` was not called here"),
]

PAGES = (
    "index", "q1", "q2", "q3", "lab", "about", "glossary", "404", "gallery/pets", "gallery/beach"
)  # fmt: skip
RUN = """
window.found = undefined;
axe.run(document, {resultTypes: ['violations']}).then(result => { window.found = JSON.stringify(
  result.violations.filter(one => ['serious', 'critical'].includes(one.impact)).flatMap(
    one => one.nodes.map(node => `${one.id}: ${node.html.slice(0, 200)}`))); });
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with Browser() as opened:
        yield opened


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("page", PAGES)
def test_nothing_serious(site: Path, browser: Browser, page: str, scheme: str, width: int) -> None:
    browser.call("Emulation.setDeviceMetricsOverride", width=width, height=900,
                 deviceScaleFactor=1, mobile=False)  # fmt: skip
    media = [{"name": "prefers-color-scheme", "value": scheme}]
    browser.call("Emulation.setEmulatedMedia", features=media)
    browser.open((site / f"{page}.html").as_uri())
    browser.evaluate(AXE.read_text(encoding="utf-8") + RUN)
    until = time.monotonic() + 60
    while not browser.evaluate("window.found") and time.monotonic() < until:
        time.sleep(0.05)
    found: list[Any] = json.loads(browser.evaluate("window.found"))
    assert found == []
