"""The lab's scripts: what is in them, and that they are there only where a page shows the lab."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from generator.detr.zoo import LAB_MODEL, model_card
from generator.files.folders import BuildFolder
from generator.outputs.live.lab_bounds import bounds_of
from generator.outputs.live.lab_scripts import (
    publish_lab,
    things_script,
)
from generator.project.config import SiteConfig
from generator.project.experiments import read_experiments, sprite_files

ROOT = Path(__file__).parents[3]
SPRITES = sprite_files(ROOT / "templates")


def config(**changes: Any) -> SiteConfig:
    values = {"content": ROOT / "content", "templates": ROOT / "templates", **changes}
    return SiteConfig(root=ROOT, title="A handout", **values)


def things(**changes: Any) -> dict[str, Any]:
    card = replace(model_card(LAB_MODEL), **changes)
    experiments = read_experiments(ROOT / "content", list(SPRITES))
    script = things_script(experiments, SPRITES, card, config())
    before, _, text = script.partition(".labData = ")
    assert before == "(globalThis.Live = globalThis.Live || {})"
    found: dict[str, Any] = json.loads(text.removesuffix(";\n"))
    return found


def test_sprites_are_data_and_the_same_pictures() -> None:
    found = things()["sprites"]
    assert list(found) == list(SPRITES)
    for name, file in SPRITES.items():
        kind, _, data = found[name]["src"].partition(";base64,")
        assert kind == "data:image/webp"
        assert base64.b64decode(data) == file.read_bytes()
    assert sum(len(one["src"]) for one in found.values()) < 400_000


def test_what_a_model_knows_is_asked_of_its_card() -> None:
    known = {name for name, one in things()["sprites"].items() if one["known"]}
    assert {"cat", "sports-ball", "sports-ball-2", "teddy-bear"} <= known
    assert not {"tiger", "house"} & known
    more = things(category_names=("tiger", "house", "sports ball"))["sprites"]
    assert {name for name, one in more.items() if one["known"]} == {
        "tiger", "house", "sports-ball", "sports-ball-2",
    }  # fmt: skip


@pytest.mark.slow
def test_every_class_of_the_model_has_a_sprite() -> None:
    labels = {one["label"] for one in things()["sprites"].values()}
    assert set(model_card(LAB_MODEL).category_names) <= labels


def test_experiments_count_from_0_in_scripts_and_hold_no_answer() -> None:
    found = things()["experiments"]
    assert found["twins"]["scene"]["follow"] == 1
    assert found["sinks"]["show"] == "looks"
    assert set(found["sinks"]) == {"title", "scene", "show", "plot", "threshold"}


def test_colours_are_those_of_the_figures() -> None:
    colours = base64.b64decode(things()["colours"])
    assert len(colours) == 256 * 3
    assert tuple(colours[:3]) == (68, 1, 84)  # the least of viridis


@pytest.mark.slow
def test_scripts_are_written_for_a_page_that_shows_the_lab_and_removed_otherwise(
    tmp_path: Path,
) -> None:
    folder = BuildFolder(tmp_path)
    folder.docs.mkdir()
    page = folder.docs / "lab.md"
    page.write_text('# The lab\n\n<div class="lab" id="lab">\n</div>\n')
    publish_lab(folder, config())
    model = folder.live_model(LAB_MODEL).read_text()
    assert ".bundle = " in model[:100]
    assert folder.lab_things.stat().st_size + len(model) < 5_000_000
    before = folder.live_model(LAB_MODEL).stat().st_mtime_ns
    publish_lab(folder, config())
    assert folder.live_model(LAB_MODEL).stat().st_mtime_ns == before
    things = folder.lab_things.read_bytes()
    folder.lab_things.write_bytes(b"damaged")
    publish_lab(folder, config())
    assert folder.lab_things.read_bytes() == things
    page.write_text("# The lab\n")
    publish_lab(folder, config())
    assert not folder.live_model(LAB_MODEL).exists()
    assert not folder.lab_things.exists()


def rows(*found: tuple[float, float, float | None]) -> list[dict[str, Any]]:
    return [{"low": low, "high": high, "found": share} for low, high, share in found]


def test_bounds_are_where_nearly_as_much_is_found_as_anywhere() -> None:
    limits = {
        "side": rows((0.08, 0.1, 0.7), (0.1, 0.3, 0.95), (0.3, 0.6, 0.97), (0.6, 0.85, 0.4)),
        "degrees": rows((0, 20, 1.0), (20, 40, 0.93), (40, 60, None)),
        "visible": rows((0.4, 0.6, 0.5), (0.6, 0.8, 0.92), (0.8, 1, 0.99)),
    }
    card = replace(model_card(LAB_MODEL), training={"limits": limits})
    found = bounds_of(card)
    assert found["side"] == (0.1, 0.6)
    assert found["turn"] == 40
    assert found["visible"] == 0.6


def test_a_model_that_never_finds_everything_has_bounds_too() -> None:
    limits = {
        "side": rows((0.1, 0.2, 0.5), (0.2, 0.4, 0.8), (0.4, 0.6, 0.75)),
        "degrees": rows((0, 30, 0.8), (30, 60, 0.6)),
        "visible": rows((0.4, 0.7, 0.3), (0.7, 1.0, 0.8)),
    }
    found = bounds_of(replace(model_card(LAB_MODEL), training={"limits": limits}))
    assert found == {"side": (0.2, 0.6), "turn": 30, "visible": 0.7, "things": 10}


@pytest.mark.parametrize("training", [None, {}, {"limits": {"side": []}}])
def test_without_curves_bounds_are_those_that_were_measured_once(training: Any) -> None:
    card = replace(model_card(LAB_MODEL), training=training)
    assert bounds_of(card) == {"side": (0.12, 0.65), "turn": 30, "visible": 0.7, "things": 10}
