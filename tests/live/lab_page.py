"""The lab's page in a headless Chromium: opened from a file, driven by mouse, finger and key."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from generator.build.stand_ins import PICTURE
from generator.files.folders import BuildFolder
from generator.outputs.live.lab_scripts import publish_lab
from generator.outputs.pdf.chapters import chapters_of
from generator.pages.render import render_pages
from generator.project.experiments import PreparedScene, SceneObject
from tests.exercises.browser import Browser
from tests.invented import invented_contents, invented_project
from tests.live.lab import ROOT, experiments

PATIENCE = 60.0
_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>The lab</title>
<link rel="stylesheet" href="assets/explorer.css">
<script>
window.complaints = [];
addEventListener("error", (event) => complaints.push(event.message || "a file is missing"), true);
addEventListener("unhandledrejection", (event) => complaints.push(String(event.reason)));
for (const name of ["error", "warn"]) {{
  console[name] = (...words) => complaints.push(words.join(" "));
}}
</script>
<body class="md-typeset" style="margin: 8px">{body}</body></html>
"""
IDLE = """Boolean(Live.lab?.result && !Live.lab._isRunning && !Live.lab._isAsked
  && !Live.lab._isScheduled)"""
Place = tuple[float, float]


def write_page(folder: Path) -> Path:
    """The shipped lab as one page with its scripts; MkDocs and its theme are left out."""
    config = invented_project(folder / "project")
    shutil.copy(ROOT / "content/lab.md", config.content)
    shutil.copytree(ROOT / "content/lab", config.content / "lab")
    prepared = dict.fromkeys(experiments(), PICTURE)
    contents = replace(invented_contents([], ()), prepared=prepared)
    pages, settings = render_pages(config, contents)
    build = BuildFolder(folder / "build")
    build.docs.mkdir(parents=True)
    (build.docs / "lab.md").write_text(pages["lab.md"], encoding="utf-8")
    shutil.copytree(config.templates / "assets", build.docs / "assets")
    publish_lab(build, config)
    (build.docs / PICTURE.path).parent.mkdir()
    shutil.copy(ROOT / "content/images/pets.jpg", build.docs / PICTURE.path)
    chapter = next(one for one in chapters_of(pages, settings, []) if one.file == "lab.md")
    page = build.docs / "lab.html"
    page.write_text(_PAGE.format(body=chapter.html), encoding="utf-8")
    return page


class LabPage:
    """The page in a browser."""

    def __init__(self, browser: Browser, address: str) -> None:
        self.browser, self.address = browser, address
        self._is_down = False

    def start(self, fragment: str = "", width: int = 1200, height: int = 900) -> None:
        """Opens the page anew and presses "Start"."""
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.browser.call("Emulation.setDeviceMetricsOverride", **size)
        self.browser.open("about:blank")
        self.browser.open(self.address + fragment)
        assert self.ask("Live.bundle === undefined && Live.labData === undefined")
        self.ask("document.querySelector('.lab-start').click()")
        self.settle()

    def begin(self) -> None:
        """The page as it is once it was started, with its first experiment.

        A test that opens nothing anew finds the page that another left: to load the model and
        draw the page costs more than most tests.
        """
        address = json.dumps(self.address)
        is_kept = "window.isKept === true && complaints.length === 0"
        if self.ask(f"{is_kept} && location.href.startsWith({address})"):
            self.set_up(next(iter(experiments())))
        else:
            self.start()
            self.ask("window.isKept = true")

    def ask(self, script: str) -> Any:
        """The value of an expression."""
        return self.browser.evaluate(script)

    def settle(self) -> None:
        """Waits until the model has answered for the scene as it is."""
        until = time.monotonic() + PATIENCE
        quiet = 0
        while quiet < 2:  # a change is noticed with the next frame
            quiet = quiet + 1 if self.ask(IDLE) else 0
            if time.monotonic() > until:
                raise TimeoutError(str(self.ask("complaints.join()")))
            time.sleep(0.03)

    def set_up(self, name: str) -> None:
        """Presses the button of an experiment."""
        self.ask(f"document.querySelector('[data-experiment={name}] .lab-set-up').click()")
        self.settle()
        self.ask("document.querySelector('.lab-stage').scrollIntoView({block: 'start'})")

    def scene(self) -> PreparedScene:
        """The scene that is shown."""
        given = self.ask("Live.lab.scene")
        things = [SceneObject(**{**one, "turn": float(one["turn"])}) for one in given["things"]]
        return PreparedScene(given["background"], given["seed"], tuple(things))

    def predictions(self) -> list[dict[str, Any]]:
        """What each query says after the last layer: `label`, `score`, `box`."""
        found: list[dict[str, Any]] = self.ask("Live.lab.result.predictions.at(-1)")
        return found

    def place(self, x: float, y: float) -> Place:
        """Shares of the picture as pixels of the window."""
        left, top, width, height = self.ask(
            "(({left, top, width, height}) => [left, top, width, height])"
            "(document.querySelector('.lab-stage').getBoundingClientRect())"
        )
        return left + x * width, top + y * height

    def mouse(self, kind: str, place: Place) -> None:
        """A mouse event: "Pressed", "Moved" or "Released"."""
        self._is_down = kind == "Pressed" or (self._is_down and kind == "Moved")
        self.browser.call(
            "Input.dispatchMouseEvent", type=f"mouse{kind}", x=place[0], y=place[1],
            button="left" if self._is_down or kind == "Released" else "none",
            buttons=int(self._is_down), clickCount=int(kind != "Moved"),
        )  # fmt: skip

    def drag(self, begin: Place, end: Place, steps: int = 12, *, is_slow: bool = False) -> None:
        """Drags from one place of the picture to another, if slowly with an answer at each step."""
        (x0, y0), (x1, y1) = self.place(*begin), self.place(*end)
        self.mouse("Moved", (x0, y0))
        self.mouse("Pressed", (x0, y0))
        for step in range(1, steps + 1):
            t = step / steps
            self.mouse("Moved", (x0 + (x1 - x0) * t, y0 + (y1 - y0) * t))
            if is_slow:
                self.settle()
        self.mouse("Released", (x1, y1))
        self.settle()

    def point(self, x: float, y: float) -> None:
        """Moves the mouse to a place of the picture."""
        px, py = self.place(x, y)
        for dx in (3.0, 0.0):
            self.browser.call("Input.dispatchMouseEvent", type="mouseMoved", x=px + dx, y=py)
        self.settle()

    def touch(self, kind: str, places: Sequence[Place]) -> None:
        """A touch event, "Start", "Move" or "End", with a finger at each place of the picture."""
        points = [dict(zip("xy", self.place(*one), strict=True)) for one in places]
        numbered = [{**one, "id": number} for number, one in enumerate(points)]
        self.browser.call("Input.dispatchTouchEvent", type=f"touch{kind}", touchPoints=numbered)

    def key(self, key: str, code: int = 0, modifiers: int = 0) -> None:
        """Presses a key; 2 is Ctrl, 8 is Shift."""
        names = {"key": key, "code": key, "windowsVirtualKeyCode": code, "modifiers": modifiers}
        text = {"text": key} if len(key) == 1 and not modifiers & 2 else {}
        self.browser.call("Input.dispatchKeyEvent", type="keyDown", **names, **text)
        self.browser.call("Input.dispatchKeyEvent", type="keyUp", **names)
        self.settle()

    def click(self, element: str) -> None:
        """Clicks an element, an expression of the page, in its middle with the mouse."""
        self.ask(f"{element}.scrollIntoView({{block: 'center'}})")
        x, y = self.ask(
            "(({left, top, width, height}) => [left + width / 2, top + height / 2])"
            f"({element}.getBoundingClientRect())"
        )
        for kind in ("Moved", "Pressed", "Released"):
            self.mouse(kind, (x, y))
        self.settle()

    def click_on(self, text: str) -> None:
        """Clicks the button, the box or the heading that says this."""
        found = json.dumps(text)
        self.click(
            "[...document.querySelectorAll('.lab :is(button, label, summary, [aria-label])')]"
            ".find((one) => (one.getAttribute('aria-label') ?? one.textContent.trim())"
            f" === {found})"
        )

    def boxes(self) -> int:
        """How many boxes lie over the picture."""
        return int(self.ask("document.querySelectorAll('.live-box:not(.is-below)').length"))

    def samples(self) -> list[dict[str, Any]]:
        """What the curve is drawn of: `score`, `iou`, `visible`, `size`, `right`, `query`."""
        found: list[dict[str, Any]] = self.ask("Live.lab.track.samples")
        return found

    def check(self, label: str) -> None:
        """Clicks what has this label, a box or a button."""
        found = json.dumps(label)
        self.ask(
            "[...document.querySelectorAll('.lab [aria-label], .lab label, .lab button')]"
            ".find((one) => (one.getAttribute('aria-label') ?? one.textContent.trim())"
            f" === {found}).click()"
        )
        self.settle()

    def complaints(self) -> list[str]:
        """Errors, and files of other hosts."""
        hosts = (
            "performance.getEntriesByType('resource').map((one) => one.name)"
            ".filter((name) => !/^(data|blob):/.test(name) && !name.startsWith("
            "location.protocol === 'file:' ? 'file:' : location.origin + '/'))"
        )
        return [*self.ask("complaints"), *self.ask(hosts)]
