"""Each experiment done with the mouse in Chromium, as its text says, shows what its answer says.

`test_experiments.py` asks the network in Python for more, and more exactly.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.exercises.browser import CHROMIUM, Browser
from tests.live.lab import THRESHOLD
from tests.live.lab_page import LabPage

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here"),
]
FOLLOWED = "document.querySelector('.lab-followed').textContent"


@pytest.fixture
def page(browser: Browser, lab_file: Path, request: pytest.FixtureRequest) -> Iterator[LabPage]:
    """The lab with the experiment that the test is called after, set up with the mouse."""
    opened = LabPage(browser, lab_file.as_uri())
    opened.begin()
    name = request.node.name.removeprefix("test_").replace("_", "-")
    opened.click(f"document.querySelector('[data-experiment={name}] .lab-set-up')")
    to_stage(opened)
    yield opened
    assert opened.complaints() == []


def to_stage(page: LabPage) -> None:
    """Scrolls to the picture, away from where the last click was."""
    page.ask("document.querySelector('.lab-stage').scrollIntoView({block: 'start'})")


def weights_by_cell(page: LabPage) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """The map that is shown, (h, w), and the middles of its cells as shares, (h, w, 2)."""
    edges = page.ask("Live.follow.edges(Live.lab.result.source)")
    x, y = ((one[1:] + one[:-1]) / 2 for one in map(np.array, (edges["edgesX"], edges["edgesY"])))
    shown = np.array(page.ask("[...Live.lab.mapShown()]")).reshape(len(y), len(x))
    return shown, np.stack(np.meshgrid(x, y), axis=-1)


def inside(page: LabPage, number: int, middles: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Which cells have their middle in the box of a thing, counted from 0."""
    x0, y0, x1, y1 = page.ask(f"Live.lab.result.boxes[{number}]")
    width, height = page.ask("[Live.lab.size.width, Live.lab.size.height]")
    x, y = middles[..., 0] * width, middles[..., 1] * height
    return np.asarray((x >= x0) & (x <= x1) & (y >= y0) & (y <= y1))


def choose(page: LabPage, name: str, value: str) -> None:
    """Chooses from a list, whose menu is the browser's own."""
    page.ask(
        "(() => { const list = [...document.querySelectorAll('.lab-field')]"
        f".find((one) => one.textContent.startsWith('{name}')).querySelector('select, input');"
        f"list.value = '{value}';"
        "for (const kind of ['input', 'change'])"
        "  list.dispatchEvent(new Event(kind, { bubbles: true }));"
        " })()"
    )
    page.settle()


def test_occlusion(page: LabPage) -> None:
    page.drag((0.12, 0.55), (0.6, 0.55), 24, is_slow=True)
    samples = page.samples()
    assert page.ask("Live.lab.view.plot") == "visible"
    assert min(one["score"] for one in samples if one["visible"] > 0.6) > 0.95
    assert max(one["score"] for one in samples if one["visible"] < 0.4) < 0.05
    apart = [one["iou"] for one in samples if one["visible"] > 0.95]
    hidden = [one["iou"] for one in samples if 0.55 < one["visible"] < 0.66]
    assert max(hidden) < min(apart) - 0.05
    assert "below the threshold" in page.ask(FOLLOWED)


def test_twins(page: LabPage) -> None:
    assert page.boxes() == 2
    choose(page, "Over the picture", "cross")
    shown, middles = weights_by_cell(page)
    best = np.unravel_index(shown.argmax(), shown.shape)
    assert [inside(page, number, middles)[best] for number in (0, 1)] == [False, True]
    page.drag((0.75, 0.52), (0.32, 0.52), 30, is_slow=True)
    assert page.boxes() == 1
    assert len({one["query"] for one in page.samples()}) >= 3
    assert "Another query answers than before" in page.ask(FOLLOWED)


def test_edge(page: LabPage) -> None:
    page.drag((0.6, 0.5), (1.1, 0.5), 26, is_slow=True)
    samples = page.samples()
    seen = [one for one in samples if one["visible"] > 0.56]
    assert min(one["score"] for one in seen) > 0.95
    assert all(one["right"] for one in seen)
    assert max(one["score"] for one in samples if one["visible"] < 0.46) < 0.5
    assert 0.75 < min(one["iou"] for one in seen) < 0.88


def test_size(page: LabPage) -> None:
    before = page.scene()
    page.click_on("Scale it from small to large")
    for _ in range(100):
        if not page.ask("Live.lab.swept"):
            break
        page.settle()
    page.settle()
    assert page.scene() == before
    samples = page.samples()
    assert len(samples) >= 49
    found = {one["size"]: one["right"] and one["iou"] >= 0.5 and one["score"] for one in samples}
    assert min(score for size, score in found.items() if 0.125 <= size <= 0.69) > THRESHOLD
    assert max(score for size, score in found.items() if not 0.1 < size < 0.76) < 0.6
    page.click("document.querySelector('.lab-thing')")
    to_stage(page)
    corner = page.ask(
        "(({left, top, width, height}) => [left + width / 2, top + height / 2])"
        "(document.querySelector('.is-selected [data-handle=size]').getBoundingClientRect())"
    )
    left, top = page.place(0, 0)
    width, height = (a - b for a, b in zip(page.place(1, 1), (left, top), strict=True))
    x, y = (corner[0] - left) / width, (corner[1] - top) / height
    page.drag((x, y), (x + 0.1, y + 0.1))
    assert page.scene().objects[0].size > 0.45


def test_unknown(page: LabPage) -> None:
    assert page.boxes() == 1
    assert "says elephant" in page.ask(FOLLOWED)
    scores = [page.ask("Live.lab.answer().score")]
    assert scores[0] > 0.9
    for _ in range(9):
        page.click_on("Another of its kind")
        answer = page.ask("Live.lab.answer()")
        scores.append(answer["score"] if answer["label"] == "elephant" else 0)
    assert min(scores) < 0.1
    page.click("document.querySelector('[data-experiment=unknown] .lab-set-up')")
    page.click("document.querySelector('.lab-thing')")
    page.click_on("Delete")
    page.click_on("Add: truck")
    to_stage(page)
    truck = page.scene().objects[0]
    page.drag((truck.x, truck.y), (0.8, 0.8), 16, is_slow=True)
    scores = [one["score"] for one in page.samples()]  # of the truck, which is followed now
    assert min(scores) < 0.1
    assert 0.2 < max(scores) < THRESHOLD


def test_sinks(page: LabPage) -> None:
    page.point(0.5, 0.52)
    shown, middles = weights_by_cell(page)
    on_it = inside(page, 0, middles)
    assert "layer 2" in page.ask("Live.lab.mapInWords()")
    assert shown[on_it].sum() > 0.5
    rows, columns = shown.shape
    outer = np.ones_like(on_it)
    outer[2 : rows - 2, 2 : columns - 2] = False
    choose(page, "Layer of the map", "0")
    for place in ((0.5, 0.52), (0.1, 0.9)):
        page.point(*place)
        shown, _ = weights_by_cell(page)
        assert shown[outer].sum() > 0.9
    page.click_on("Single heads and layers")
    page.click_on("Switch off encoder self-attention, layer 1")
    assert page.boxes() == 1
    assert "says giraffe" in page.ask(FOLLOWED)
    page.click_on("Single heads and layers")


def test_duplicates(page: LabPage) -> None:
    assert page.boxes() == 3
    page.click_on("without decoder self-attention")
    assert page.boxes() == 6
    page.click_on("without decoder self-attention")
    assert page.boxes() == 3
    page.click_on("Single heads and layers")
    counts = {}
    for layer in (1, 2, 3):
        for head in ("", ", head 1", ", head 2", ", head 3", ", head 4"):
            name = f"Switch off decoder self-attention, layer {layer}{head}"
            page.click_on(name)
            counts[layer, head] = page.boxes()
            page.click_on(name)
    assert [counts[layer, ""] for layer in (1, 2, 3)] == [3, 4, 3]
    more = {where for where, count in counts.items() if count > 3}
    assert more == {(2, ""), (2, ", head 2")}
    page.click_on("Single heads and layers")


def test_one_head(page: LabPage) -> None:
    assert page.boxes() == 3
    page.click_on("Single heads and layers")
    counts = {}
    for layer in (1, 2, 3):
        for head in (1, 2, 3, 4):
            name = f"Switch off decoder cross-attention, layer {layer}, head {head}"
            page.click_on(name)
            counts[layer, head] = page.boxes()
            if counts[layer, head] == 0:
                assert page.ask("Live.lab.answer().iou") > 0.5
            page.click_on(name)
    assert counts.pop((3, 2)) == 0
    assert min(counts.values()) >= 2
    page.click_on("Single heads and layers")
