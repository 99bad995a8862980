"""The scripts of an image's explorer: which there are, their bytes, and what is written again."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from generator.analysis.detections import detect
from generator.analysis.grid import Grid
from generator.inference.forward_pass import ForwardPass
from generator.outputs.live.explorer_place import ExplorerPlace
from generator.outputs.live.explorer_scripts import write_explorer
from generator.outputs.live.scripts import layer_script
from generator.outputs.live.shipped_layer import shipped
from generator.pages.explorer import Explorer
from tests.conftest import MakeForward
from tests.tiny_project import files_in

FOLDER = "attention/cats"


def place_in(root: Path, **changes: Any) -> ExplorerPlace:
    return replace(ExplorerPlace(root, FOLDER, "all", "viridis"), **changes)


def value_of(script: bytes) -> dict[str, Any]:
    found = re.fullmatch(r"Live\.shipped\.receive\((\{.*\})\);\n", script.decode("ascii"))
    assert found
    value: dict[str, Any] = json.loads(found[1])
    return value


def array_of(text: str, dtype: str) -> Any:
    return np.frombuffer(base64.b64decode(text), dtype)


@pytest.fixture(scope="module")
def forward(make_forward: MakeForward) -> ForwardPass:
    return make_forward(layers=3)


def test_there_is_a_script_for_each_layer(forward: ForwardPass, tmp_path: Path) -> None:
    explorer = write_explorer(forward, "key", place_in(tmp_path), None)
    assert explorer is not None
    kinds = ("encoder_self", "decoder_self", "decoder_cross")
    names = [f"{FOLDER}/{kind}-{layer}.js" for kind in kinds for layer in range(3)]
    assert [one.path for one in explorer.layers] == names
    files = files_in(tmp_path)
    assert files.keys() == {*names, f"{FOLDER}/index.js"}
    assert all(len(files[one.path]) == one.file_bytes for one in explorer.layers)
    assert explorer.is_complete
    assert {value_of(script)["name"] for script in files.values()} == files.keys()
    assert explorer == Explorer.from_json(json.loads(json.dumps(explorer.to_json())))


def test_the_index_says_what_was_predicted_and_where_cells_lie(
    forward: ForwardPass, tmp_path: Path
) -> None:
    explorer = write_explorer(forward, "key", place_in(tmp_path), None)
    assert explorer is not None
    index = value_of((tmp_path / explorer.index.path).read_bytes())
    scores = array_of(index["scores"], "<f8").reshape(3, 20)
    classes = array_of(index["classes"], "<u2").reshape(3, 20)
    found = detect(forward, 0.9)
    assert scores[-1, found.queries].tolist() == found.scores.tolist()
    named = [index["classNames"][one] for one in classes[-1, found.queries]]
    assert named == list(found.labels)
    boxes = array_of(index["boxes"], "<f4").reshape(3, 20, 4)
    assert np.array_equal(boxes, forward.boxes_cxcywh)
    assert index["edgesX"] == Grid.of(forward).edges_x.tolist()
    assert index["layerCounts"] == dict.fromkeys(
        ("encoder_self", "decoder_self", "decoder_cross"), 3
    )
    listed = {one["file"]: one for one in index["layers"]}
    for one in explorer.layers:
        assert listed[one.path.rpartition("/")[2]]["largestError"] == one.largest_error
        assert 0 < one.largest_error < 0.01
    assert array_of(index["colours"], "u1")[-3:].tolist() == [253, 231, 36]


def test_the_same_forward_pass_gives_the_same_bytes(forward: ForwardPass, tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_explorer(forward, "key", place_in(tmp_path / name), None)
    assert files_in(tmp_path / "one") == files_in(tmp_path / "two")


@pytest.mark.slow
def test_a_layer_of_detr_r50_takes_at_most_700_kilobytes() -> None:
    random = np.random.default_rng(0)
    q, k = (random.normal(0, 1, (8, 850, 32)).astype(np.float32) for _ in "qk")
    layer = shipped(q, k)
    assert layer.pair.precision == "int8"
    name = f"attention/{'a-rather-long-name-of-an-image' * 2}/encoder_self-5.js"
    assert len(layer_script(name, layer)) < 700_000


def test_nothing_is_written_again_unless_something_changed(
    forward: ForwardPass, tmp_path: Path
) -> None:
    place = place_in(tmp_path)
    before = write_explorer(forward, "key", place, None)
    index = tmp_path / FOLDER / "index.js"
    index.write_bytes(bytes(index.stat().st_size))  # as large, and so taken to be whole
    assert write_explorer(forward, "key", place, before) is before
    assert not any(index.read_bytes())
    for key, other in (("another", place), ("key", replace(place, colour_map="magma"))):
        assert not other.is_current(before, key)
    write_explorer(forward, "another", place, before)
    assert any(index.read_bytes())


def test_a_script_that_is_lost_is_written_again(forward: ForwardPass, tmp_path: Path) -> None:
    place = place_in(tmp_path)
    before = write_explorer(forward, "key", place, None)
    files = files_in(tmp_path)
    (tmp_path / FOLDER / "decoder_cross-1.js").unlink()
    assert not place.is_current(before, "key")
    assert write_explorer(forward, "key", place, before) == before
    assert files_in(tmp_path) == files


def test_layers_can_be_left_out(forward: ForwardPass, tmp_path: Path) -> None:
    everything = write_explorer(forward, "key", place_in(tmp_path), None)
    place = place_in(tmp_path, layers="last")
    assert not place.is_current(everything, "key")
    last = write_explorer(forward, "key", place, everything)
    assert last is not None
    assert not last.is_complete
    assert [one.layer for one in last.layers] == [2, 2, 2]
    assert len(files_in(tmp_path)) == 4
    place = place_in(tmp_path, layers="none")
    assert not place.is_current(last, "key")
    assert write_explorer(forward, "key", place, last) is None
    assert place.is_current(None, "key")
    assert not (tmp_path / FOLDER).exists()
