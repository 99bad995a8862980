"""Cells lie around the centres of their receptive fields, and tile the image."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from generator.analysis.cells import cell_box_xyxy, cell_of_point
from generator.analysis.grid import Grid
from tests.conftest import MakeForward
from tests.grids import even_grid, resnet_grid

EMBEDDED = Grid((14, 19), (224, 304), 16, 1.5)
GRIDS = [
    resnet_grid(800, 1066),
    resnet_grid(800, 1066, stride=16),
    resnet_grid(1024, 64),
    resnet_grid(33, 1),
    EMBEDDED,
    even_grid(3, 5),
]


def test_centres_are_multiples_of_the_stride_and_not_shares_of_the_image() -> None:
    grid = resnet_grid(800, 1066)
    assert grid.hw == (25, 34)
    pixels = grid.centres_x * 1066 - 0.5  # from the middle of the first pixel
    np.testing.assert_allclose(pixels, 32 * np.arange(34))
    assert pixels[[8, 12, 17]] == pytest.approx([256, 384, 544])
    off = (np.arange(34) + 0.5) / 34 * 1066 - grid.centres_x * 1066
    assert off[[0, -1]] == pytest.approx([15.18, -6.18], abs=0.01)  # of an even division


def test_footprints_at_the_edges_have_half_a_stride_to_one_and_a_half() -> None:
    ragged, whole = resnet_grid(800, 1066), resnet_grid(800, 1024)
    assert np.diff(ragged.edges_x * 1066)[[0, 1, -2, -1]] == pytest.approx([16.5, 32, 32, 25.5])
    assert np.diff(whole.edges_x * 1024)[[0, 1, -2, -1]] == pytest.approx([16.5, 32, 32, 47.5])
    assert np.diff(EMBEDDED.edges_x * 304)[[0, 1, -1]] == pytest.approx([10, 16, 22])


@pytest.mark.parametrize("grid", GRIDS)
def test_footprints_tile_the_image_and_hold_their_centres(grid: Grid) -> None:
    for edges, centres, cells in (
        (grid.edges_x, grid.centres_x, grid.hw[1]),
        (grid.edges_y, grid.centres_y, grid.hw[0]),
    ):
        assert (edges[0], edges[-1], len(edges)) == (0, 1, cells + 1)
        assert (edges[:-1] < centres).all()
        assert (centres < edges[1:]).all()


@pytest.mark.parametrize("grid", GRIDS)
def test_a_point_belongs_to_the_cell_with_the_nearest_centre(grid: Grid) -> None:
    points = np.random.default_rng(0).random((200, 2))
    for x, y in points.tolist():
        row, column = cell_of_point((x, y), grid)
        assert column == np.abs(grid.centres_x - x).argmin()
        assert row == np.abs(grid.centres_y - y).argmin()
        x0, y0, x1, y1 = cell_box_xyxy((row, column), grid, (1, 1))
        assert x0 <= x <= x1
        assert y0 <= y <= y1


def test_a_point_is_not_in_the_cell_that_whole_strides_or_equal_parts_would_say() -> None:
    grid = resnet_grid(800, 1066)
    assert cell_of_point((1050 / 1066, 0.5), grid)[1] == 33
    assert 1050 // 32 == 32
    assert cell_of_point((20 / 1066, 0.5), grid)[1] == 1
    assert int(20 / 1066 * 34) == 0


def test_corners_of_the_image_belong_to_the_corner_cells() -> None:
    grid = resnet_grid(800, 1066)
    assert cell_of_point((0, 0), grid) == (0, 0)
    assert cell_of_point((1, 1), grid) == (24, 33)


def test_a_cell_in_pixels_of_the_image() -> None:
    assert cell_box_xyxy((1, 2), even_grid(4, 5), (200, 1000)) == pytest.approx((400, 50, 600, 100))


def test_lengths_are_in_strides() -> None:
    grid = resnet_grid(800, 1066)
    assert grid.size_wh.tolist() == [1066 / 32, 25]
    assert grid.diagonal == pytest.approx(np.hypot(1066, 800) / 32)
    assert grid.centre_of((0, 1)) == (32.5 / 1066, 0.5 / 800)


def test_grid_of_a_forward_pass(make_forward: MakeForward) -> None:
    forward = dataclasses.replace(make_forward((3, 4)), stride=16, first_centre=1.5)
    assert Grid.of(forward) == Grid((3, 4), (96, 128), 16, 1.5)


@pytest.mark.slow
@pytest.mark.parametrize("grid", GRIDS)
def test_boxes_in_cells_begin_and_end_at_whole_numbers_with_the_footprints(grid: Grid) -> None:
    rows, columns = grid.hw
    cells = [(row, column) for row in range(rows) for column in range(columns)]
    boxes = np.array([cell_box_xyxy(cell, grid, (1, 1)) for cell in cells])
    expected = [[column, row, column + 1, row + 1] for row, column in cells]
    np.testing.assert_allclose(grid.in_cells(boxes), expected, atol=1e-9)
    whole = grid.in_cells(np.array([[0.0, 0.0, 1.0, 1.0]]))
    assert whole.tolist() == [[0, 0, columns, rows]]
