"""All kept queries over one picture: one and many, each in its colour, and no figure of none."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.patches import Rectangle

from generator.analysis.attention import AttentionMaps
from generator.analysis.detections import detect
from generator.analysis.entry_analysis import analyse
from generator.analysis.grid import Grid
from generator.figures.colours import query_colours
from generator.figures.image.overlay import (
    OVERLAY,
    blended,
    overlay_alt,
    overlay_figure,
    overlay_tiles,
)
from generator.project.config import FigureOptions
from tests.conftest import MakeForward

GRID = Grid((1, 2), (32, 64), 32, 0.0)
WHITE = np.full((32, 64, 3), 255, np.uint8)


def test_each_map_has_its_own_colour_and_scale() -> None:
    weights = np.array([[[0.0, 0.1]], [[0.6, 0.0]], [[9, 9]]], np.float32)
    shown = blended(WHITE, weights, {0: "#ff0000", 1: "#0000ff"}, GRID)
    left, right = shown[0, 0].astype(float), shown[0, -1].astype(float)
    for pixel, colour in ((left, "#0000ff"), (right, "#ff0000")):
        expected = 255 * (1 - 0.78) + 255 * 0.78 * np.array(to_rgb(colour))
        np.testing.assert_allclose(pixel, expected, atol=1)


def test_where_maps_overlap_the_stronger_one_wins_whatever_the_order() -> None:
    weights = np.array([[[1.0, 0.9]], [[0.3, 1.0]]], np.float32)
    colours = {0: "#ff0000", 1: "#0000ff"}
    shown = blended(WHITE, weights, colours, GRID)
    turned = blended(WHITE, weights, dict(reversed(colours.items())), GRID)
    np.testing.assert_array_equal(shown, turned)
    assert shown[0, 0, 0] > shown[0, 0, 2] + 100
    np.testing.assert_allclose(
        shown[0, -1],
        255 * 0.22 + 255 * 0.78 * np.array([0.81, 0, 1]) / 1.81,
        atol=1,
    )


@pytest.mark.slow
@pytest.mark.parametrize("count", [1, 6])
def test_one_and_many(make_forward: MakeForward, count: int) -> None:
    forward = make_forward(detections=count)
    detections, maps = detect(forward, 0.9), AttentionMaps(forward)
    pixels = np.full((96, 128, 3), 200, np.uint8)
    figure = overlay_figure(pixels, detections, maps, FigureOptions())
    boxes = [one for one in figure.axes[0].patches if type(one) is Rectangle]
    assert len(boxes) == count
    (tile,) = overlay_tiles(pixels, detections, maps, FigureOptions()).tiles
    ids = [str(query) for query in detections.queries]
    assert [one.text for one in tile.marks] == ids
    assert [one.colour for one in tile.marks] == list(query_colours(detections.queries).values())
    assert tile.marks[0].label == "cat 99 %"


def test_where_nothing_was_found_there_is_no_figure(make_forward: MakeForward) -> None:
    entry = analyse(np.zeros((96, 128, 3), np.uint8), make_forward(detections=0), 0.9)
    assert not OVERLAY.applies(entry)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("size_hw", "longest"), [((96, 128), 1050), ((1200, 900), 1200), ((900, 2400), 1600)]
)
def test_picture_keeps_its_pixels_between_bounds(
    make_forward: MakeForward, size_hw: tuple[int, int], longest: int
) -> None:
    forward = make_forward(size_hw=size_hw)
    pixels = np.full((*size_hw, 3), 200, np.uint8)
    parts = detect(forward, 0.9), AttentionMaps(forward)
    (tile,) = overlay_tiles(pixels, *parts, FigureOptions()).tiles
    assert max(tile.pixels.shape) == longest


def test_alt_says_where_each_looks_most(make_forward: MakeForward) -> None:
    forward = make_forward(detections=1)
    detections, maps = detect(forward, 0.9), AttentionMaps(forward)
    alt = overlay_alt(detections, maps)
    assert alt.startswith("The picture in grey, and over it in colours where 1 kept query looks")
    assert "query 0 (cat 99 %) at the " in alt
