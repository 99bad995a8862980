"""The page of an image with its explorer, as a reader's hands and eyes have it.

In: a browser, and the forward pass that the page is of. Out: what is painted, said and lit up.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib import colormaps

from generator.analysis.attention import AttentionMaps
from generator.analysis.grid import Cell, Grid
from generator.inference.forward_pass import ForwardPass
from generator.pages.explorer import Explorer
from tests.exercises.browser import Browser

COLOURS = colormaps["viridis"](np.arange(256), bytes=True)[:, :3].astype(int)
WATCH = """
window.complaints = [];
for (const name of ["error", "warn"]) {
  console[name] = (...words) => complaints.push(words.join(" "));
}
addEventListener("error", (event) => complaints.push(event.message));
addEventListener("unhandledrejection", (event) => complaints.push(String(event.reason)));
window.jumps = [];
new PerformanceObserver((list) => jumps.push(...list.getEntries().map((one) => one.value)))
  .observe({ type: "layout-shift", buffered: true });
"""
# The colours near two corners of each cell's footprint, row by row.
PAINTED = """(() => {
  const canvas = document.querySelector(".explorer-map"), context = canvas.getContext("2d");
  const within = (edges, share, size) => edges.slice(1).map((edge, i) =>
    Math.floor((share * edge + (1 - share) * edges[i]) * size));
  const { edgesX, edgesY } = Live.explorers[0].source;
  return [0.1, 0.9].map((share) => within(edgesY, share, canvas.height).flatMap((y) =>
    within(edgesX, share, canvas.width).map((x) => [...context.getImageData(x, y, 1, 1).data])));
})()"""
IDLE = "Live.explorers[0]._frame === undefined"
SETTLED = """(() => {
  const says = document.querySelector(".explorer-says").textContent;
  return Live.explorers[0]._frame === undefined && !says.startsWith("Loading") && says;
})()"""
STARTED = """Live.explorers.length === 1 && Live.marks
  && !document.querySelector(".explorer-body").inert"""
# As a reader's hand sets a control: radio buttons are clicked.
SET = """(() => {
  const form = document.querySelector(".explorer-controls");
  const control = form.elements.namedItem(NAME);
  if (control instanceof RadioNodeList) {
    [...control].find((one) => one.value === VALUE).click();
  } else {
    control.value = VALUE;
    control.dispatchEvent(new Event("input", { bubbles: true }));
  }
})()"""
# Where an element is, once two looks at it find it at the same place.
PLACED = """(() => {
  const one = document.querySelector(SELECTOR);
  one.scrollIntoView({ block: "center" });
  const { left, top, width, height } = one.getBoundingClientRect();
  const before = window.placed;
  window.placed = [left, top, width, height];
  return before?.join() === window.placed.join() && window.placed;
})()"""
BOXES = """[...document.querySelectorAll(".live-box")]
  .map((one) => Number(one.dataset.query))"""


@dataclass(frozen=True)
class Example:
    """One image of the site, and the exact maps of its forward pass."""

    page: str
    forward: ForwardPass
    explorer: Explorer

    @property
    def maps(self) -> AttentionMaps:
        return AttentionMaps(self.forward)

    def error(self, mechanism: str, layer: int) -> float:
        """What is said to be the greatest error of a layer."""
        [found] = [
            one.largest_error
            for one in self.explorer.layers
            if (one.mechanism, one.layer) == (mechanism, layer)
        ]
        return found


class Page:
    """The page of an image in a browser."""

    def __init__(self, browser: Browser, example: Example) -> None:
        self.browser, self.example = browser, example
        browser.call("Page.enable")
        browser.call("Page.addScriptToEvaluateOnNewDocument", source=WATCH)
        self.size(1440, 1000)
        self.open(example.page)

    def size(self, width: int, height: int, *, is_phone: bool = False) -> None:
        self.browser.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=is_phone,
        )
        self.browser.call("Emulation.setTouchEmulationEnabled", enabled=is_phone)

    def open(self, address: str) -> None:
        self.browser.open(address)
        self.wait(STARTED)

    def wait(self, script: str) -> Any:
        """The value of an expression once it is one that counts."""
        waited = (
            "new Promise((done) => { const ask = () => { let found; "
            f"try {{ found = {script}; }} catch {{}} "
            "found ? done(found) : setTimeout(ask, 10); }; ask(); })"
        )
        answer = self.browser.call(
            "Runtime.evaluate", expression=waited, awaitPromise=True, returnByValue=True
        )
        return answer["result"]["value"]

    def says(self) -> str:
        """The sentence below the picture, once it is that of what is drawn."""
        return str(self.wait(SETTLED))

    def painted(self) -> npt.NDArray[np.float64]:
        """The painted map, (h, w) from 0 to 1."""
        self.says()
        upper, pixels = np.array(self.browser.evaluate(PAINTED))[..., :3]
        assert np.array_equal(upper, pixels)
        found = np.abs(pixels[:, None] - COLOURS).sum(axis=2)
        assert found.min(axis=1).max() == 0  # only colours of the map
        shares = found.argmin(axis=1) / 255
        return np.asarray(shares.reshape(self.example.forward.grid_hw))

    def shows(self, expected: npt.NDArray[np.float32], error: float) -> None:
        """Checks what is painted, each cell within the error and a step of the colours."""
        largest = float(expected.max())
        allowed = 2 * error / largest + 1.01 / 255
        assert np.abs(self.painted() - expected / largest).max() <= allowed

    def place(self, selector: str) -> tuple[float, float, float, float]:
        """Left, top, width and height of an element that is brought into sight, once it rests."""
        value = self.wait(PLACED.replace("SELECTOR", json.dumps(selector)))
        left, top, width, height = value
        return left, top, width, height

    def in_cell(self, cell: Cell) -> tuple[float, float]:
        """A point of the window that lies in a cell, not far from its upper left corner."""
        left, top, width, height = self.place(".explorer-cells")
        grid = Grid.of(self.example.forward)
        return (
            left + width * (0.7 * grid.edges_x[cell[1]] + 0.3 * grid.edges_x[cell[1] + 1]),
            top + height * (0.7 * grid.edges_y[cell[0]] + 0.3 * grid.edges_y[cell[0] + 1]),
        )

    def mouse(self, kind: str, x: float, y: float, **more: Any) -> None:
        self.browser.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, **more)

    def point(self, x: float, y: float) -> None:
        self.mouse("mouseMoved", x, y)

    def click(self, x: float, y: float) -> None:
        self.point(x, y)
        for kind in ("mousePressed", "mouseReleased"):
            self.mouse(kind, x, y, button="left", clickCount=1)

    def click_on(self, selector: str) -> None:
        left, top, width, height = self.place(selector)
        self.click(left + width / 2, top + height / 2)

    def tap(self, x: float, y: float) -> None:
        self.browser.call(
            "Input.dispatchTouchEvent", type="touchStart", touchPoints=[{"x": x, "y": y}]
        )
        self.browser.call("Input.dispatchTouchEvent", type="touchEnd", touchPoints=[])

    def set(self, name: str, value: str | float) -> None:
        """Sets a control of the form."""
        script = SET.replace("VALUE", json.dumps(str(value))).replace("NAME", json.dumps(name))
        self.browser.evaluate(script)

    def boxes(self) -> list[int]:
        """The queries whose boxes are drawn."""
        self.wait(IDLE)
        return [int(one) for one in self.browser.evaluate(BOXES)]

    def lit(self) -> list[list[str]]:
        """The texts of the first two cells of rows that are lit up, by table."""
        self.wait(IDLE)
        found = self.browser.evaluate(
            "[...document.querySelectorAll('tr.is-lit')].map((row) => "
            "[...row.cells].slice(0, 2).map((cell) => cell.textContent.trim()))"
        )
        return [[str(text) for text in row] for row in found]

    def complaints(self) -> list[str]:
        """Errors and warnings of the page, and requests that are for no file."""
        return list(
            self.browser.evaluate(
                "[...complaints, ...performance.getEntriesByType('resource').map((one) => one.name)"
                ".filter((name) => !name.startsWith('data:') && !name.startsWith("
                "location.protocol === 'file:' ? 'file:' : location.origin + '/'))]"
            )
        )
