"""Points that a build ships and the page reads back: as near to Python's as is said of them."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from generator.analysis.grid import Grid
from generator.inference.forward_pass import ForwardPass
from generator.measures.points import mass_in_boxes
from generator.measures.target_boxes import TargetBoxes, query_boxes
from generator.outputs.live.scripts import points_script
from generator.outputs.live.shipped_points import PLACE_ERROR, ShippedPoints, shipped_points
from tests.conftest import MakeForward
from tests.live.node import run
from tests.sampled import LEVELS, with_points

pytestmark = [pytest.mark.node, pytest.mark.slow]

FILES = ["sampled.js", "shipped.js", "explorer_points.js"]
READ = """
const layer = Live.shipped.layerOf(value.layer), { read, shares, headsOf } = Live.sampled;
const told = (head, level) => Array.from({ length: layer.queryCount }, (_, query) =>
  shares(read(layer, query, head, level), headsOf(layer, head)));
const all = Array.from({ length: layer.queryCount }, (_, query) =>
  read(layer, query, "mean", "all"));
return {
  points: all.map((ones) =>
    ones.map(({ x, y, weight, head, level }) => [x, y, weight, head, level])),
  references: all.map((_, query) => Object.values(Live.sampled.reference(layer, query))),
  all: told("mean", "all"), ofHead: told(1, "all"), ofLevel: told("mean", 1), ofBoth: told(0, 0),
  around: ["mean", 1].map((head) => Live.sampled.around(layer, head, "all", value.circle)),
};
"""
CIRCLE: dict[str, Any] = {
    "centre": {"x": 0.4, "y": 0.6},
    "radius": 60,
    "size": {"width": 224, "height": 160},
}


@pytest.fixture(scope="module")
def forward(make_forward: MakeForward) -> ForwardPass:
    return with_points(make_forward((5, 7), (160, 224), detections=3))


def read(layer: ShippedPoints) -> dict[str, Any]:
    """What the page makes of a layer's script."""
    text = points_script("name", layer).decode()
    value = json.loads(text.removeprefix("Live.shipped.receive(").removesuffix(");\n"))
    found: dict[str, Any] = run(FILES, READ, {"layer": value, "circle": CIRCLE})
    return found


def test_the_page_has_pythons_points_and_numbers(forward: ForwardPass) -> None:
    points, boxes = forward.points["decoder_cross"], query_boxes(forward)
    layer = shipped_points(points, 1, boxes_xyxy=boxes)
    found = read(layer)
    places, weights = points.places[1].astype(float), points.weights[1].astype(float)
    queries, heads, levels, each = weights.shape
    ones = np.array(found["points"]).reshape(queries, heads, levels, each, 5)
    assert np.abs(ones[..., :2] - places).max() <= PLACE_ERROR + 1e-12
    assert 0 < np.abs(ones[..., 2] - weights).max() <= layer.largest_error + 1e-12
    assert np.array_equal(ones[..., 3], np.indices(weights.shape)[1])
    assert np.array_equal(ones[..., 4], np.indices(weights.shape)[2])
    assert np.abs(np.array(found["references"]) - points.references[1]).max() <= PLACE_ERROR

    grid, every = Grid.of(forward), np.arange(queries)
    target = TargetBoxes(boxes, every, ("",) * queries)

    def mass(of_head: slice, of_level: slice) -> Any:
        """Python's own measure, of the points of some levels."""
        some = places[:, of_head, of_level].reshape(queries, -1, levels * each, 2)
        heavy = weights[:, of_head, of_level].reshape(queries, -1, levels * each)
        return mass_in_boxes(
            some * grid.size_wh, heavy.transpose(1, 0, 2), target, grid, own=True
        ).mean(axis=0)[:, 0]

    inside = {"all": mass(slice(None), slice(None)), "ofHead": mass(slice(1, 2), slice(None))}
    for name, expected in inside.items():
        assert 0.05 < expected.mean() < 0.95
        np.testing.assert_allclose([one["inside"] for one in found[name]], expected, atol=1e-4)
    np.testing.assert_allclose([one["all"] for one in found["all"]], 1, atol=1e-4)
    of_level = weights[:, :, 1].sum(axis=(1, 2)) / heads
    np.testing.assert_allclose([one["all"] for one in found["ofLevel"]], of_level, atol=1e-4)
    of_both = weights[:, 0, 0].sum(axis=1)
    np.testing.assert_allclose([one["all"] for one in found["ofBoth"]], of_both, atol=1e-4)

    centre, size = np.array((0.4, 0.6)), np.array((224, 160))
    near = np.linalg.norm((places - centre) * size, axis=-1) <= CIRCLE["radius"]
    by_head = (weights * near).sum(axis=(2, 3))
    assert near.mean() > 0.1
    for around, expected in zip(
        found["around"], (by_head.mean(axis=1), by_head[:, 1]), strict=True
    ):
        np.testing.assert_allclose(around, expected, atol=1e-4)


def test_points_outside_count_and_cells_have_no_box(forward: ForwardPass) -> None:
    points = forward.points["encoder_self"]
    places = points.places.copy()
    places[1, 40, ..., 0] = 7  # far to the right
    points = replace(points, places=places)
    first = LEVELS[0][0] * LEVELS[0][1]
    found = read(shipped_points(points, 1, first))
    assert len(found["points"]) == LEVELS[1][0] * LEVELS[1][1]
    one = read(shipped_points(points, 1))
    assert [row["outside"] > 0.999 for row in one["all"]].index(True) == 40
    assert {row["inside"] for row in one["all"]} == {0}
    np.testing.assert_array_equal(one["points"][first:], found["points"])


def test_shapes_of_all_levels_have_the_area_of_a_circle() -> None:
    body = "return value.map((level) => Live.points.outline(level, 3, -2, 5));"
    for corners in run(FILES, body, list(range(6))):
        x, y = np.array(corners).T
        area = abs(x @ np.roll(y, 1) - y @ np.roll(x, 1)) / 2
        assert area == pytest.approx(np.pi * 25)
        assert (x.mean(), y.mean()) == pytest.approx((3, -2))


def test_cells_of_a_level_have_their_rows() -> None:
    body = """const levels = value.map(([height, width]) => ({ height, width }));
    return [[0, 1, 7], [1, 1, 7], [0, 2, 0], [1, 2, 3]].map(([firstLevel, level, index]) =>
      Live.sampled.token({ levels, firstLevel }, level, index));"""
    assert run(FILES, body, [*LEVELS, (2, 2)]) == [48 + 7, 7, 60, 15]
