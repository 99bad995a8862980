"""The lab without its page: what is asked of the model, and what is read from its answers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from generator.analysis.grid import Grid
from generator.project.experiments import read_experiments
from tests.live.node import run

pytestmark = pytest.mark.node

SCRIPTS = (
    "resize.js", "weights.js", "attention.js", "lab_scene.js", "lab_knock.js", "lab_follow.js",
    "lab_backgrounds.js", "lab_compose.js", "lab_plot.js", "lab_state.js", "lab_switches.js",
    "lab_shown.js", "lab_sweep.js", "lab_address.js",
)  # fmt: skip
ARCHITECTURE = {
    "num_encoder_layers": 3, "num_decoder_layers": 2, "nheads": 4, "num_queries": 3,
}  # fmt: skip
BOUNDS = {"side": [0.12, 0.65], "turn": 30, "visible": 0.7, "things": 10}
PRELUDE = """
/* A square that the "model" knows, and a model that finds whatever `answers` says. */
const square = { width: 4, height: 4, data: new Float32Array(64).fill(1) };
const asked = [];
let answers = () => ({
  logits: [9, 0, 0, 0, 0, 9, 0, 0, 9], boxes: [.5, .5, .2, .2, .1, .1, .1, .1, .9, .9, .1, .1],
});
let release = [];
const source = (picture) => {
  const { logits, boxes } = answers(picture);
  const [q, k] = [new Float32Array(24), new Float32Array(24)];
  const one = { heads: 4, queryCount: 6, keyCount: 6, headWidth: 1, q, k };
  return {
    classLogits: [0, 1].map(() => Float32Array.from(logits)),
    boxes: [0, 1].map(() => Float32Array.from(boxes)),
    grid: { width: 3, height: 2 }, stride: 16, firstCentre: 0,
    inputSize: { width: 48, height: 32 },
    pictureSize: { width: picture.width, height: picture.height },
    layer: () => one, layerCount: () => 2,
  };
};
const lab = new Live.Lab({
  data: {
    sprites: { cat: { label: "cat", known: true }, elf: { label: "elf", known: false } },
    bounds: value.bounds, colours: "", queryColours: ["#111111", "#222222"], threshold: 0.9,
    experiments: {},
  },
  model: {
    architecture: value.architecture, input: { short_side: 24 },
    categories: [{ id: 1, name: "cat" }, { id: 2, name: "dog" }],
  },
  sprites: { cat: square, elf: square },
  run: (picture, changes) => new Promise((resolve) => {
    asked.push({ changes, first: picture.data[0] });
    release.push(() => resolve(source(picture)));
  }),
  schedule: (draw) => queueMicrotask(draw),
});
const soon = () => new Promise((resolve) => setTimeout(resolve));
const answer = async () => {
  await soon();
  for (const one of release.splice(0)) one();
  await soon();
};
"""


def lab(body: str, **more: Any) -> Any:
    value = {"bounds": BOUNDS, "architecture": ARCHITECTURE, **more}
    return run(SCRIPTS, PRELUDE + body, value)


@pytest.mark.slow
def test_of_scenes_that_wait_only_the_newest_is_run() -> None:
    body = """
    lab.add("cat", { x: .5, y: .5 });
    await soon();
    for (const x of [.1, .2, .3, .4]) { lab.change(0, { x }, "drag"); await soon(); }
    const before = asked.length;
    await answer();
    const then = asked.length, shown = lab.result.scene.things[0].x;
    await answer();
    return [before, then, shown, lab.result.scene.things[0].x, asked.length];
    """
    assert lab(body) == [1, 2, 0.5, 0.4, 2]


@pytest.mark.slow
def test_a_model_that_fails_is_asked_again_with_the_next_scene() -> None:
    body = """
    const unhandled = [];
    process.on("unhandledRejection", (error) => unhandled.push(error.message));
    lab._run = async () => { throw new Error("no memory"); };
    lab.add("cat", { x: .5, y: .5 });
    await soon(); await soon();
    lab._run = async (picture) => source(picture);
    lab.change(0, { x: .4 });
    await soon(); await soon();
    return [unhandled, lab.result?.scene.things[0].x];
    """
    assert lab(body) == [["no memory"], 0.4]


def test_what_is_above_the_threshold_is_kept_best_first() -> None:
    body = """
    answers = () => ({ logits: [3, 0, 0, 0, 6, 0, 0, 0, 9], boxes: Array(12).fill(.5) });
    lab.add("cat", { x: .5, y: .5 });
    await answer();
    const at = (threshold) => {
      lab.look({ threshold });
      return lab.kept().map((one) => [one.query, one.label]);
    };
    return [at(.5), at(.95), at(.999)];
    """
    assert lab(body) == [[[1, "dog"], [0, "cat"]], [[1, "dog"]], []]


@pytest.mark.slow
def test_the_query_that_answers_is_the_one_that_fits_and_its_changes_are_counted() -> None:
    body = """
    const at = (x) => [x, .5, .4, .5];
    const boxes = [...at(.3), ...at(.5), ...at(.7)];
    answers = () => ({ logits: [6, 0, 0, 6, 0, 0, 6, 0, 0], boxes });
    lab.add("cat", { x: .3, y: .5, size: .5 });
    lab.follow(0);
    await answer();
    const queries = [lab.answer().query];
    for (const x of [.35, .5, .52, .7, .3]) {
      lab.change(0, { x });
      await answer();
      queries.push(lab.answer().query);
    }
    const { changes, samples } = lab.track;
    return [queries, changes, samples.map((one) => one.right), lab.answer().iou];
    """
    queries, changes, right, overlap = lab(body)
    assert queries == [0, 0, 1, 1, 2, 0]
    assert changes == 3
    assert all(right)
    assert 0 < overlap < 1


@pytest.mark.slow
def test_boxes_are_cut_at_the_border() -> None:
    body = """
    const boxes = [.95, .5, .3, .2, 0, 0, 0, 0, 0, 0, 0, 0];
    answers = () => ({ logits: [9, 0, 0, 0, 0, 9, 0, 0, 9], boxes });
    lab.add("cat", { x: .5, y: .5 });
    await answer();
    return [lab.kept()[0].box, lab.size];
    """
    box, size = lab(body)
    assert size == {"width": 64, "height": 48}
    assert box == pytest.approx([51.2, 19.2, 64, 28.8])


def test_shared_by_joint_area() -> None:
    body = "return value.pairs.map(([a, b]) => Live.follow.iou(a, b));"
    pairs = [
        [[0, 0, 4, 4], [0, 0, 4, 4]],
        [[0, 0, 4, 4], [2, 0, 6, 4]],
        [[0, 0, 4, 4], [4, 0, 8, 4]],
        [[0, 0, 4, 4], [1, 1, 2, 2]],
    ]
    assert lab(body, pairs=pairs) == pytest.approx([1, 1 / 3, 0, 1 / 16])


def test_cells_lie_where_the_grid_of_python_has_them() -> None:
    grid = Grid((9, 13), (224, 304), 24, 5.5)
    value = {
        "grid": {"height": 9, "width": 13}, "inputSize": {"height": 224, "width": 304},
        "stride": 24, "firstCentre": 5.5,
    }  # fmt: skip
    found = lab("return Live.follow.edges(value.source);", source=value)
    np.testing.assert_allclose(found["edgesX"], grid.edges_x, atol=1e-12)
    np.testing.assert_allclose(found["edgesY"], grid.edges_y, atol=1e-12)


@pytest.mark.slow
def test_what_is_switched_off_is_what_the_network_is_told() -> None:
    body = """
    lab.add("cat", { x: .5, y: .5 });
    await answer();
    const heads = ["decoder_cross.2.3", "decoder_cross.2.1"];
    lab.switchOff(["decoder_self.1", "decoder_self.2", ...heads, "positions", "cell.4"], true);
    await answer();
    lab.switchOff(["decoder_self.1"], false);
    await answer();
    lab.switchEverythingOn();
    await answer();
    return asked.map((one) => one.changes);
    """
    nothing = {"even": [], "silent": [], "blocked": [], "withoutPositions": False}
    first, off, less, on = lab(body)
    assert first == on == nothing
    silent = [{"mechanism": "decoder_self", "layer": layer} for layer in (0, 1)]
    assert off == {
        "even": [{"mechanism": "decoder_cross", "layer": 1, "heads": [2, 0]}],
        "silent": silent,
        "blocked": [4],
        "withoutPositions": True,
    }
    assert less == {**off, "silent": silent[1:]}


@pytest.mark.slow
def test_the_followed_things_cells_can_be_hidden() -> None:
    body = """
    lab.add("cat", { x: .75, y: .25, size: .3 });
    lab.follow(0);
    await answer();
    lab.hideFollowed();
    await answer();
    const hidden = [...lab.view.off];
    lab.showCells();
    return [hidden, asked[asked.length - 1].changes.blocked, lab.view.off.size];
    """
    hidden, blocked, left = lab(body)
    assert hidden == [f"cell.{cell}" for cell in blocked]
    assert blocked == [2, 5]  # the first of two rows ends at a quarter of the height
    assert left == 0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("positions", True), ("cell.0", True), ("cell.x", False), ("cell.1.2", False),
        ("encoder_self.3", True), ("encoder_self.4", False), ("encoder_self.0", False),
        ("decoder_self.2.4", True), ("decoder_self.3.1", False), ("decoder_cross.1.5", False),
        ("decoder_cross", False), ("backbone.1", False), ("decoder_cross.1.1.1", False),
    ],
)  # fmt: skip
def test_only_parts_of_the_network_can_be_named(name: str, known: bool) -> None:
    body = "return Live.knock.isKnown(value.name, value.architecture);"
    assert lab(body, name=name) is known


def test_an_address_holds_what_is_looked_at() -> None:
    body = """
    lab.add("cat", { x: .5, y: .5 });
    const first = lab.firstView();
    const layers = { ...lab.view.layers, decoder_cross: 0 };
    lab.look({ show: "cross", head: 2, threshold: .4, step: 0, query: 1, cell: 4, layers });
    lab.switchOff(["decoder_self.1", "positions"], true);
    const text = Live.address.write(lab.scene, lab.view, first);
    const back = { ...first, ...Live.address.view(text, first, value.architecture) };
    const plain = Live.address.write(lab.scene, first, first);
    const wildText = "head=9&step=0&threshold=2&query=-1&off=all&show=all";
    const wild = Live.address.view(wildText, first, value.architecture);
    const spelled = (view) => ({ ...view, off: [...view.off].sort() });
    const all = [back, lab.view, { ...first, ...wild }, first].map(spelled);
    return [all[0], all[1], plain, all[2], all[3]];
    """
    back, view, plain, wild, first = lab(body)
    assert back == view
    assert plain.count("&") == 1  # the scene, and what is followed
    assert wild == first | {"off": []}


def test_a_new_thing_comes_where_there_is_room() -> None:
    body = """
    const places = [];
    for (let i = 0; i < 6; i++) {
      const place = lab.freePlace();
      places.push([place.x, place.y]);
      lab.add("elf", place);
    }
    return places;
    """
    places = lab(body)
    assert places[0] == [0.5, 0.5]
    assert len({tuple(one) for one in places}) == 6


def test_a_thing_without_a_class_is_called_one() -> None:
    body = """
    lab.add("elf", { x: .5, y: .5 });
    lab.change(0, { size: .05, turn: 40 });
    await answer();
    return lab.thingInWords(0);
    """
    words = lab(body)
    assert words.startswith("elf (no class of the model), 1 of 1")
    assert "small" in words
    assert "turned 40 degrees to the right" in words


def test_queries_that_are_kept_have_colours_of_their_own() -> None:
    body = """
    answers = () => ({ logits: [9, 0, 0, 8, 0, 0, 7, 0, 0], boxes: Array(12).fill(.5) });
    lab.add("cat", { x: .5, y: .5 });
    await answer();
    return [0, 1, 2].map((query) => lab.colourOf(query)).concat(lab.colourOf(99));
    """
    colours = lab(body)
    assert colours[:2] == ["#111111", "#222222"]
    assert len(set(colours)) == 4


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("#experiment=one-head", "one-head"), ("#experiment-one-head", "one-head"),
        ("#experiments", None), ("#scene=tiles,1", None), ("", None),
    ],
)  # fmt: skip
def test_an_address_can_name_an_experiment(text: str, name: str | None) -> None:
    assert lab("return Live.address.experiment(value.text);", text=text) == name


def test_a_saved_scene_is_the_head_of_an_experiment(tmp_path: Path) -> None:
    things = [
        {"sprite": "cat", "x": 0.12345, "y": 0.5, "size": 0.3, "turn": -20.4, "flip": True},
        {"sprite": "elf", "x": -0.1, "y": 1, "size": 1.2, "turn": 0, "flip": False},
    ]
    scene = {"background": "tiles", "seed": 7, "things": things, "follow": 1}
    body = """
    const view = { ...lab.firstView(), show: "looked-at", plot: "visible", threshold: .35 };
    const empty = { background: "flat", seed: 0, things: [], follow: -1 };
    return [Live.files.yaml(value.scene, view), Live.files.yaml(empty, view)];
    """
    (tmp_path / "lab").mkdir()
    value = {"bounds": BOUNDS, "architecture": ARCHITECTURE, "scene": scene}
    for name, head in zip(
        "ab", run((*SCRIPTS, "lab_files.js"), PRELUDE + body, value), strict=True
    ):
        (tmp_path / "lab" / f"{name}.md").write_text(f"{head}### {name}\n", encoding="utf-8")
    whole, empty = read_experiments(tmp_path, ["cat", "elf"])
    cat, elf = whole.scene.objects
    assert (cat.x, cat.turn, cat.flip) == (0.123, -20, True)
    assert (elf.x, elf.y, elf.size, elf.turn) == (-0.1, 1, 1.2, 0)
    assert (whole.scene.background, whole.scene.seed, whole.follow) == ("tiles", 7, 2)
    assert (whole.show, whole.plot, whole.threshold) == ("looked-at", "visible", 0.35)
    assert (empty.scene.objects, empty.follow) == ((), 0)
