"""Explorer and lab in Firefox, from a file and over http, where there is a Firefox.

`test_explorer.py` and `test_lab_page.py` try more, in Chromium.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import numpy as np
import pytest

from generator.analysis.grid import Grid
from generator.project.experiments import PreparedScene, SceneObject
from tests.live.explorer_page import COLOURS, IDLE, PAINTED, SETTLED, STARTED, Example
from tests.live.firefox import FIREFOX, Firefox, Place, firefox
from tests.live.lab import assert_agrees, iou, look
from tests.live.lab_page import IDLE as LAB_IDLE
from tests.live.server import served

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(FIREFOX is None, reason="no Firefox here"),
]
ARROW_RIGHT, ARROW_UP = "\ue014", "\ue013"
HOSTS = """performance.getEntriesByType("resource").map((one) => one.name).filter((name) =>
  !/^(data|blob|file|resource):/.test(name) && !name.startsWith(location.origin + "/"))"""
FRAME = """(({ left, top, width, height }) => [left, top, width, height])(
  document.querySelector("SELECTOR").getBoundingClientRect())"""
COMPLAIN = """(() => { window.wrong = [];
  addEventListener("error", (event) => wrong.push(event.message), true);
  addEventListener("unhandledrejection", (event) => wrong.push(String(event.reason)));
  for (const name of ["error", "warn"]) console[name] = (...words) => wrong.push(words.join(" "));
})()"""


@pytest.fixture(scope="module")
def window(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Firefox]:
    with firefox(tmp_path_factory.mktemp("firefox") / "profile") as opened:
        opened.size(1440, 1000)
        yield opened


@pytest.fixture(params=["file", "http"])
def is_served(request: pytest.FixtureRequest) -> bool:
    return bool(request.param == "http")


def at(window: Firefox, selector: str, x: float, y: float) -> Place:
    """A place of an element, given as shares of it, in the window."""
    left, top, width, height = window.ask(FRAME.replace("SELECTOR", selector))
    return left + x * width, top + y * height


def assert_shows(window: Firefox, example: Example, wanted: np.ndarray, layer: int) -> None:
    window.wait(SETTLED)
    pixels = np.array(window.ask(PAINTED))[0][:, :3]
    apart = np.abs(pixels[:, None] - COLOURS).sum(axis=2)
    shares = apart.argmin(axis=1).reshape(wanted.shape) / 255
    largest = float(wanted.max())
    allowed = 2 * example.error("encoder_self", layer) / largest + 2.01 / 255
    assert np.abs(shares - wanted / largest).max() <= allowed


def test_the_explorer(window: Firefox, examples: dict[str, Example], is_served: bool) -> None:
    example = examples["dogs"]
    file = Path(unquote(urlsplit(example.page).path))
    with served(file.parents[1]) as host:
        window.open(f"{host}/gallery/{file.name}" if is_served else example.page)
        window.ask(COMPLAIN)
        window.wait(STARTED)
        window.ask("document.querySelector('.explorer-stage').scrollIntoView({ block: 'center' })")
        grid = Grid.of(example.forward)
        x, y = grid.centre_of((2, 3))
        window.point(at(window, ".explorer-cells", x, y))
        assert_shows(window, example, example.maps.encoder_row((2, 3), 2), 2)
        x, y = grid.centre_of((4, 1))
        window.drag([at(window, ".explorer-cells", x, y)], "touch")
        assert_shows(window, example, example.maps.encoder_row((4, 1), 2), 2)
        window.ask("document.querySelector('.explorer-cells').focus()")
        window.press(ARROW_RIGHT, ARROW_UP)
        assert_shows(window, example, example.maps.encoder_row((3, 2), 2), 2)
        window.ask("document.querySelector('[name=layer]').focus()")
        window.press(ARROW_UP)
        assert_shows(window, example, example.maps.encoder_row((3, 2), 1), 1)
        assert window.ask(IDLE)
        assert window.ask(f"[...wrong, ...{HOSTS}]") == []


def test_the_lab(window: Firefox, lab_file: Path, is_served: bool) -> None:
    with served(lab_file.parent) as host:
        address = f"{host}/{lab_file.name}" if is_served else lab_file.as_uri()
        window.open(f"{address}?{is_served}#experiment=twins")
        assert window.ask("Live.bundle === undefined")
        window.drag([at(window, ".lab-start", 0.5, 0.5)])
        settle(window)
        window.ask("document.querySelector('.lab-stage').scrollIntoView({ block: 'start' })")
        ways = [(0.75 - 0.13 * t, 0.52 + 0.23 * t) for t in np.linspace(0, 1, 8)]
        window.drag([at(window, ".lab-stage", *one) for one in ways])
        settle(window)
        assert_lab(window, [], (0.62, 0.75))
        window.ask("document.querySelectorAll('.lab-thing')[1].focus()")
        window.press(ARROW_RIGHT, ARROW_UP, ARROW_UP)
        settle(window)
        assert_lab(window, [], (0.63, 0.73))
        window.ask("document.querySelector('.lab-knocks summary').click()")
        name = "[aria-label='Switch off decoder cross-attention, layer 3, head 2']"
        window.ask(f'document.querySelector("{name}").click()')
        settle(window)
        assert_lab(window, ["decoder_cross.3.2"], (0.63, 0.73))
        assert window.ask("Live.lab.kept().length") == 0
        assert window.ask(f"[...complaints, ...{HOSTS}]") == []


def settle(window: Firefox) -> None:
    """Waits until the model has answered for the scene as it is."""
    for _ in range(2):  # a change is noticed with the next frame
        window.wait(LAB_IDLE)
        window.ask("new Promise((done) => requestAnimationFrame(() => done(1)))")
    window.wait(LAB_IDLE)


def assert_lab(window: Firefox, off: list[str], place: Place) -> None:
    """The second thing is where it was put, and what was found is what Python finds."""
    given = window.ask("Live.lab.scene")
    things = [SceneObject(**{**one, "turn": float(one["turn"])}) for one in given["things"]]
    assert (things[1].x, things[1].y) == pytest.approx(place, abs=0.01)
    wanted = look(PreparedScene(given["background"], given["seed"], tuple(things)), off)
    assert_agrees(window.ask("Live.lab.result.predictions.at(-1)"), wanted)
    if not off:
        box = np.array(window.ask("Live.lab.answer().box"))
        assert iou(box, wanted.composed.boxes_xyxy[1]) > 0.8
