"""Every layer and head of one query and one point: the right maps in the right places."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from generator.analysis.cells import cell_of_point
from generator.analysis.entry_analysis import EntryAnalysis, analyse
from generator.analysis.grid import Grid
from generator.figures.colours import query_colours
from generator.figures.image.head_grid import (
    POINT_HEADS,
    QUERY_HEADS,
    grid_of_point,
    grid_of_query,
    head_grid_alt,
    head_grid_figure,
    head_grid_tiles,
)
from generator.figures.tiles import boxed, map_picture
from generator.project.config import FigureOptions
from tests.conftest import MakeForward

OPTIONS = FigureOptions(dpi=100)
GAP = 5
"""Pixels between maps, a twentieth of an inch."""


def analysis(
    make_forward: MakeForward, detections: int = 2, *, layers: int = 3, heads: int = 4
) -> EntryAnalysis:
    forward = make_forward(detections=detections, layers=layers, heads=heads)
    return analyse(np.full((96, 128, 3), 200, np.uint8), forward, 0.9)


def test_maps_are_those_of_the_surest_query(make_forward: MakeForward) -> None:
    one = analysis(make_forward)
    found = grid_of_query(one)
    query = int(one.detections.queries[0])
    assert found.maps.shape == (3, 5, 3, 4)
    for layer in range(3):
        for head in range(4):
            expected = one.maps.decoder_cross(layer, head)[query]
            np.testing.assert_array_equal(found.maps[layer, head], expected)
        mean = one.maps.decoder_cross(layer)[query]
        np.testing.assert_allclose(found.maps[layer, -1], mean, atol=1e-7)
    assert found.what == f"query {query} (cat 99 %)"
    assert found.colour == query_colours(one.detections.queries)[query]
    np.testing.assert_allclose(found.outline_xyxy, one.detections.boxes_xyxy[0])


def test_without_detections_it_is_the_surest_of_all(make_forward: MakeForward) -> None:
    one = analysis(make_forward, detections=0)
    logits = one.forward.logits.copy()
    logits[-1, 7, 1] += 3  # a little surer, not sure enough
    one = analyse(one.pixels, dataclasses.replace(one.forward, logits=logits), 0.9)
    assert not len(one.detections)
    found = grid_of_query(one)
    assert found.what.startswith("query 7 (dog ")
    assert found.remark.endswith(", not kept.")


def test_maps_of_the_first_point_are_rows(make_forward: MakeForward) -> None:
    one = analysis(make_forward)
    cell = cell_of_point(one.points[0], Grid.of(one.forward))
    found = grid_of_point(one)
    np.testing.assert_array_equal(found.maps[2, 1], one.maps.encoder_row(cell, 2, 1))
    assert not POINT_HEADS.applies(dataclasses.replace(one, points=()))


@pytest.mark.parametrize(("layers", "heads"), [(1, 1), (3, 4), (6, 8)])
def test_each_map_has_its_place_in_one_picture(
    make_forward: MakeForward, layers: int, heads: int
) -> None:
    one = analysis(make_forward, layers=layers, heads=heads)
    found = grid_of_query(one)
    figure = head_grid_figure(found, one, OPTIONS)
    mosaic = np.asarray(figure.axes[0].images[0].get_array())
    assert len(figure.axes) == 2  # with the scale
    height = (mosaic.shape[0] + GAP) // layers - GAP
    width = (mosaic.shape[1] + GAP) // (heads + 1) - GAP
    assert mosaic.shape[:2] == (layers * (height + GAP) - GAP, (heads + 1) * (width + GAP) - GAP)
    for layer in range(layers):
        for column in range(heads + 1):
            weights = found.maps[layer, column]
            drawn = map_picture(weights, Grid.of(one.forward), (height, width), "viridis")
            drawn = boxed(drawn, [(found.outline_xyxy, found.colour)], (96, 128), 100 / 72)
            top, left = layer * (height + GAP), column * (width + GAP)
            np.testing.assert_array_equal(mosaic[top : top + height, left : left + width], drawn)


def test_numbers_stand_beside_their_rows_and_columns(make_forward: MakeForward) -> None:
    one = analysis(make_forward)
    made = head_grid_tiles(grid_of_query(one), one, OPTIONS)
    (tile,) = made.tiles
    height, width = tile.pixels.shape[:2]
    assert [mark.text for mark in tile.marks] == ["1", "2", "3", "4", "mean", "1", "2", "3"]
    across, down = tile.marks[:5], tile.marks[5:]
    assert [mark.place_xy[0] for mark in across] == sorted(mark.place_xy[0] for mark in across)
    for mark in (*across, *down):
        x, y = (
            int(place * size) for place, size in zip(mark.place_xy, (width, height), strict=True)
        )
        assert (tile.pixels[y, x] == 255).all()  # in the white edge, on no map
    assert "Rows are layers, columns heads" in made.remark
    assert made.colour_map == "viridis"


def test_alt_counts_heads(make_forward: MakeForward) -> None:
    one = analysis(make_forward, layers=1)
    alt = head_grid_alt(grid_of_point(one), one)
    assert alt.startswith("A grid of maps of point 1, 1 layer by 4 heads and their mean.")
    counted = [int(part.split(")")[0]) for part in alt.split(" (")[1:]]
    assert sum(counted) == 4
    assert QUERY_HEADS.alt(one).startswith("A grid of maps of query 0 (cat 99 %)")
