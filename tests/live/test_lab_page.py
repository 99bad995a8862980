"""The lab in Chromium: what is dragged is found where it was put, what is switched off counts."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from generator.files.images import load_image
from tests.exercises.browser import CHROMIUM, Browser
from tests.live.lab import ROOT, Look, assert_agrees, detector, everywhere, iou, look
from tests.live.lab_page import LabPage
from tests.live.server import served

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here"),
]


@pytest.fixture
def page(browser: Browser, lab_file: Path) -> Iterator[LabPage]:
    opened = LabPage(browser, lab_file.as_uri())
    opened.begin()
    yield opened
    assert opened.complaints() == []


def assert_as_python(page: LabPage, wanted: Look) -> None:
    assert_agrees(page.predictions(), wanted)


def test_what_is_dragged_is_found_where_it_was_put(page: LabPage) -> None:
    page.set_up("twins")
    page.drag((0.75, 0.52), (0.62, 0.75))
    scene = page.scene()
    assert scene.objects[1].x == pytest.approx(0.62, abs=0.01)
    assert scene.objects[1].y == pytest.approx(0.75, abs=0.01)
    wanted = look(scene)
    answer = page.ask("Live.lab.answer()")
    assert answer["label"] == "zebra"
    assert answer["score"] > 0.9
    box = wanted.composed.boxes_xyxy[1]
    assert page.ask("Live.lab.result.boxes[1]") == box.tolist()
    assert iou(np.array(answer["box"]), box) > 0.8
    assert_as_python(page, wanted)
    assert "query" in page.ask("document.querySelector('.lab-followed').textContent")
    assert page.ask("Live.lab.track.samples.length") > 2
    page.check("Undo")
    assert page.scene().objects[1].x == 0.75  # the drag was one change


@pytest.mark.parametrize(
    ("labels", "names"),
    [
        (["without decoder self-attention"], everywhere),
        (["without position encodings"], ["positions"]),
        (["Switch off encoder self-attention, layer 3"], ["encoder_self.3"]),
        (["Switch off decoder cross-attention, layer 3, head 2"], ["decoder_cross.3.2"]),
        (["Hide the followed thing's cells"], None),
    ],
    ids=["self-attention", "positions", "layer", "head", "cells"],
)  # fmt: skip
def test_what_is_switched_off_changes_what_it_changes_in_python(
    page: LabPage, labels: list[str], names: object
) -> None:
    page.set_up("duplicates")
    before = [(one["label"], one["score"], one["box"]) for one in page.predictions()]
    for label in labels:
        page.check(label)
    off = everywhere("decoder_self") if names is everywhere else names
    if off is None:
        off = page.ask("[...Live.lab.view.off]")
        assert len(off) > 10
    after = [(one["label"], one["score"], one["box"]) for one in page.predictions()]
    apart = [abs(a[1] - b[1]) for a, b in zip(before, after, strict=True)]
    moved = [iou(np.array(a[2]), np.array(b[2])) for a, b in zip(before, after, strict=True)]
    assert max(apart) > 0.1 or min(moved) < 0.5
    assert isinstance(off, list)
    assert_as_python(page, look(page.scene(), off))
    page.check("Switch everything on")
    assert [(one["label"], one["score"], one["box"]) for one in page.predictions()] == before


def test_cells_are_hidden_where_the_pointer_draws(page: LabPage) -> None:
    page.set_up("duplicates")
    page.check("hide cells: draw over the picture")
    page.drag((0.15, 0.2), (0.35, 0.2))
    off = page.ask("[...Live.lab.view.off]")
    assert 3 <= len(off) <= 6
    assert len({int(name[5:]) // 19 for name in off}) == 1  # of one row
    assert page.scene() == look(page.scene(), off).scene
    assert_as_python(page, look(page.scene(), off))


def test_maps_are_those_of_python(page: LabPage) -> None:
    page.set_up("sinks")
    wanted = look(page.scene())
    for layer in (0, 1, 2):
        page.ask(f"Live.lab.setLayer({layer})")
        page.point(0.52, 0.48)
        cell = page.ask("Live.lab.cellShown()")
        row, column = divmod(cell, wanted.grid.hw[1])
        assert wanted.grid.edges_x[column] <= 0.52 <= wanted.grid.edges_x[column + 1]
        assert wanted.grid.edges_y[row] <= 0.48 <= wanted.grid.edges_y[row + 1]
        for show, given in (
            ("looks", wanted.maps.encoder_row((row, column), layer)),
            ("looked-at", wanted.maps.encoder_column((row, column), layer)),
        ):
            found = page.ask(f"(Live.lab.look({{show: '{show}'}}), [...Live.lab.mapShown()])")
            np.testing.assert_allclose(found, np.ravel(given), atol=0.01)
        head = page.ask("(Live.lab.look({show: 'looks', head: 2}), [...Live.lab.mapShown()])")
        given = wanted.maps.encoder_row((row, column), layer, 2)
        np.testing.assert_allclose(head, np.ravel(given), atol=0.01)
        page.ask("Live.lab.look({head: 'mean'})")
    query = page.ask("(Live.lab.look({show: 'cross'}), Live.lab.queryShown())")
    cross = page.ask("[...Live.lab.mapShown()]")
    np.testing.assert_allclose(cross, np.ravel(wanted.maps.decoder_cross()[query]), atol=0.01)


def test_keys_do_what_the_mouse_does(page: LabPage) -> None:
    page.set_up("size")
    page.ask("document.querySelector('.lab-stage').scrollIntoView()")
    page.ask("document.querySelector('.lab-cells').previousElementSibling")
    page.ask("document.querySelector('.lab-thing').focus()")
    for key in ("ArrowLeft", "ArrowUp", "ArrowUp", "+", "]", "f"):
        page.key(key)
    (dog,) = page.scene().objects
    assert (dog.x, dog.y) == pytest.approx((0.49, 0.48))
    assert dog.size == pytest.approx(0.35 * 1.06)
    assert (dog.turn, dog.flip) == (5, True)
    page.key("ArrowRight", modifiers=8)
    assert page.scene().objects[0].x == pytest.approx(0.54)
    assert_as_python(page, look(page.scene()))
    page.key("z", 90, modifiers=2)
    assert page.scene().objects[0].x == pytest.approx(0.49)
    page.key("Delete")
    assert page.scene().objects == ()
    page.key("Tab")
    page.check("Undo")
    assert len(page.scene().objects) == 1


def test_the_tab_key_reaches_every_thing(page: LabPage) -> None:
    page.set_up("duplicates")
    page.ask("document.querySelectorAll('.lab-thing')[0].focus()")
    seen = []
    for _ in range(3):
        seen.append(page.ask("document.activeElement.getAttribute('aria-label')").split(",")[0])
        page.key("Tab", 9)
    assert seen == ["dog", "cat", "teddy bear"]
    assert page.ask("Live.lab.selected") == 2


def test_a_finger_drags_and_two_scale_and_turn(page: LabPage) -> None:
    page.browser.call("Emulation.setTouchEmulationEnabled", enabled=True, maxTouchPoints=2)
    page.set_up("size")
    page.touch("Start", [(0.5, 0.5)])
    for x in (0.45, 0.4, 0.35, 0.3):
        page.touch("Move", [(x, 0.5)])
    page.touch("End", [])
    page.settle()
    assert page.scene().objects[0].x == pytest.approx(0.3, abs=0.02)
    assert page.ask("Live.lab.answer().iou") > 0.8
    page.touch("Start", [(0.25, 0.5)])
    page.touch("Start", [(0.25, 0.5), (0.35, 0.5)])
    page.touch("Move", [(0.25, 0.5), (0.4, 0.6)])
    page.touch("End", [])
    page.settle()
    (dog,) = page.scene().objects
    assert dog.size > 0.35 * 1.4
    assert 15 < dog.turn < 45
    page.browser.call("Emulation.setTouchEmulationEnabled", enabled=False)


def test_things_come_from_the_tray_and_are_said_to_be_unknown(page: LabPage) -> None:
    page.set_up("size")
    page.check("Add: tiger")
    assert [one.sprite for one in page.scene().objects] == ["dog", "tiger"]
    assert "no class of the model" in page.ask("document.querySelector('.lab-chosen').textContent")
    page.ask("Live.lab.change(1, {size: 0.05, turn: 60})")
    page.settle()
    told = page.ask("document.querySelector('.lab-chosen').textContent")
    assert "small" in told
    assert "turned" in told


def test_a_server_has_the_same_lab(browser: Browser, lab_file: Path) -> None:
    with served(lab_file.parent) as host:
        page = LabPage(browser, f"{host}/{lab_file.name}")
        page.start("#experiment=twins")
        page.drag((0.75, 0.52), (0.62, 0.75))
        page.check("Switch off decoder cross-attention, layer 1, head 3")
        assert_as_python(page, look(page.scene(), ["decoder_cross.1.3"]))
        assert page.ask("Live.lab.answer().iou") > 0.8
        assert page.complaints() == []


def test_an_address_brings_back_the_scene_and_what_is_looked_at(page: LabPage) -> None:
    page.set_up("one-head")
    page.check("Switch off decoder cross-attention, layer 3, head 2")
    page.ask("Live.lab.look({threshold: 0.4, step: 1, head: 1})")
    page.ask("Live.lab.change(0, {turn: -12})")
    page.settle()
    page.ask("Live.lab.update()")
    scene = page.scene()
    fragment = "#" + page.ask(
        "Live.address.write(Live.lab.scene, Live.lab.view, Live.lab.firstView())"
    )
    page.start(fragment)
    assert page.scene().background == scene.background
    for one, other in zip(page.scene().objects, scene.objects, strict=True):
        assert (one.sprite, one.turn) == (other.sprite, other.turn)
        assert one.x == pytest.approx(other.x, abs=1e-3)
    view = page.ask("({...Live.lab.view, off: [...Live.lab.view.off]})")
    assert view["off"] == ["decoder_cross.3.2"]
    assert (view["threshold"], view["step"], view["head"], view["show"]) == (0.4, 1, 1, "cross")


def test_an_address_can_name_an_experiment(page: LabPage) -> None:
    page.start("#experiment=edge")
    assert [one.sprite for one in page.scene().objects] == ["bus"]
    assert "Out of the picture" in page.ask("document.querySelector('.lab-task').textContent")


def test_ones_own_picture_gives_what_detect_gives(page: LabPage) -> None:
    file = ROOT / "content/images/pets.jpg"
    data = base64.b64encode(file.read_bytes()).decode()
    page.ask(
        f"""(() => {{
          const bytes = Uint8Array.from(atob("{data}"), (one) => one.charCodeAt());
          const given = new DataTransfer();
          given.items.add(new File([bytes], "pets.jpg", {{ type: "image/jpeg" }}));
          const event = new DragEvent("drop", {{ dataTransfer: given, bubbles: true }});
          document.querySelector(".lab-stage").dispatchEvent(event);
        }})()"""
    )
    for _ in range(200):
        page.settle()
        if page.ask("Live.lab.own && Live.lab.result.scene.things.length === 0"):
            break
    page.settle()
    forward = detector().run(load_image(file, max_pixels=10_000_000))
    scores = np.exp(forward.logits[-1] - forward.logits[-1].max(-1, keepdims=True))
    scores = (scores / scores.sum(-1, keepdims=True))[:, :-1].max(-1)
    np.testing.assert_allclose([one["score"] for one in page.predictions()], scores, atol=0.02)
    assert "photograph" in page.ask("document.querySelector('.lab-more').textContent")


def test_a_phone_has_all_of_it_without_scrolling_sideways(page: LabPage) -> None:
    page.start(width=390, height=844)
    width = """Math.max(...[...document.querySelectorAll('.lab *')]
      .map((one) => one.getBoundingClientRect().right))"""
    assert page.ask(width) <= 390
    page.set_up("occlusion")
    page.drag((0.12, 0.55), (0.4, 0.55))
    assert 0.5 < page.ask("Live.lab.result.visible[0]") < 0.9
