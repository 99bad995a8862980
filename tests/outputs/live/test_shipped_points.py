"""Scripts with sampled points: which there are, how large they are, and what is left out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from generator.figures.colours import point_colours
from generator.inference.forward_pass import ForwardPass
from generator.inference.sampled_points import SampledPoints
from generator.outputs.live import shipped_points as module
from generator.outputs.live.explorer_scripts import write_explorer
from generator.outputs.live.scripts import points_script
from generator.outputs.live.shipped_points import first_level, shipped_points
from generator.pages.explorer import Explorer
from tests.conftest import MakeForward
from tests.outputs.live.test_explorer_scripts import FOLDER, place_in, value_of
from tests.sampled import LEVELS, random_points, with_points
from tests.tiny_project import files_in


@pytest.fixture(scope="module")
def forward(make_forward: MakeForward) -> ForwardPass:
    return with_points(make_forward(layers=2))


def names(explorer: Explorer) -> list[str]:
    return [one.path.rpartition("/")[2] for one in explorer.layers]


def test_there_is_a_script_for_each_layer_of_points(forward: ForwardPass, tmp_path: Path) -> None:
    explorer = write_explorer(forward, "key", place_in(tmp_path), None)
    assert explorer is not None
    kinds = ("decoder_self", "encoder_points", "decoder_points")
    assert names(explorer) == [f"{kind}-{layer}.js" for kind in kinds for layer in range(2)]
    assert explorer.is_complete
    assert explorer.cell_levels == 2
    assert explorer == Explorer.from_json(explorer.to_json())
    index = value_of(files_in(tmp_path)[f"{FOLDER}/index.js"])
    assert index["layerCounts"] == index["headCounts"] == dict.fromkeys(kinds, 2)
    assert index["sampled"] == {
        "levels": [{"height": h, "width": w} for h, w in LEVELS],
        "firstLevel": 0,
        "colours": list(point_colours(2)),
        "placeError": module.PLACE_ERROR,
    }
    last = write_explorer(forward, "key", place_in(tmp_path, layers="last"), explorer)
    assert last is not None
    assert names(last) == [f"{kind}-1.js" for kind in kinds]
    assert not last.is_complete


def test_levels_of_an_encoder_that_are_too_large_are_left_out(
    forward: ForwardPass, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cells = [h * w for h, w in LEVELS]
    points = forward.points["encoder_self"]
    coarse = len(points_script("", shipped_points(points, 0, cells[0])))
    monkeypatch.setattr(module, "MOST_BYTES_OF_CELLS", coarse)
    assert first_level(points) == 1
    explorer = write_explorer(forward, "key", place_in(tmp_path), None)
    assert explorer is not None
    assert explorer.cell_levels == 1
    script = value_of(files_in(tmp_path)[f"{FOLDER}/encoder_points-0.js"])
    assert script["queryCount"] == cells[1]
    assert value_of(files_in(tmp_path)[f"{FOLDER}/index.js"])["sampled"]["firstLevel"] == 1
    monkeypatch.setattr(module, "MOST_BYTES_OF_CELLS", coarse // 2)
    none = write_explorer(forward, "another", place_in(tmp_path), explorer)
    assert none is not None
    assert none.cell_levels == 0
    assert none.is_complete  # what no page can have is not missing
    assert not [name for name in names(none) if name.startswith("encoder")]


def test_a_layer_of_deformable_detr_takes_at_most_400_kilobytes() -> None:
    shape = (1, 300, 8, 4, 4)
    points = SampledPoints(
        np.zeros((*shape, 2), np.float32),
        np.full(shape, 1 / 16, np.float32),
        np.zeros((1, 300, 2), np.float32),
        ((100, 134), (50, 67), (25, 34), (13, 17)),
    )
    layer = shipped_points(points, 0, boxes_xyxy=np.zeros((300, 4)))
    assert (
        310_000 < len(points_script(f"attention/{'a' * 60}/decoder_points-5.js", layer)) < 330_000
    )
    assert first_level(points) == 3  # 221 cells of 17,200


def test_points_far_outside_are_moved_and_those_on_a_border_lie_in_the_box() -> None:
    points = random_points(1, 3)
    places = points.places.copy()
    places[0, 0], places[0, 1] = 9, -9
    places[0, 2] = (0.25, 0.5)
    boxes = np.array([[0, 0, 1, 1], [0, 0, 1, 1], [0.25, 0.25, 0.75, 0.5]])
    layer = shipped_points(replace(points, places=places), 0, boxes_xyxy=boxes)
    assert layer.inside is not None
    assert layer.inside.all(axis=(1, 2, 3)).tolist() == [False, False, True]
    assert layer.inside.any(axis=(1, 2, 3)).tolist() == [False, False, True]
    assert {*layer.places[0].ravel()} == {65535}
    assert {*layer.places[1].ravel()} == {0}
    assert shipped_points(points, 0).inside is None
