"""Tiles: cells on their footprints, boxes in their places, the same bytes for the same pixels."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from matplotlib import colormaps
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from PIL import Image

from generator.analysis.grid import Grid
from generator.figures.tiles import (
    Tile,
    Tiles,
    boxed,
    drawn_pixels,
    map_picture,
    picture,
    save_tile,
    spread,
    square_picture,
    tile_size,
    whole_size,
)

GRID = Grid((2, 3), (64, 96), 32, 0.0)


@pytest.mark.parametrize("size_hw", [(480, 640), (640, 480), (60, 600), (600, 60), (1, 1)])
def test_a_tile_keeps_its_images_shape(size_hw: tuple[int, int]) -> None:
    for height, width in (tile_size(size_hw, 150), whole_size(size_hw, 150)):
        assert width / height == pytest.approx(size_hw[1] / size_hw[0], rel=0.02)
        assert 300 <= max(height, width) <= 1050
    assert tile_size(size_hw, 300)[1] == pytest.approx(2 * tile_size(size_hw, 150)[1], abs=1)


def test_each_pixel_has_what_the_nearest_cell_has() -> None:
    cells = np.arange(6).reshape(2, 3)
    shown = spread(cells, GRID, (71, 103))  # no pixel is halfway between two cells
    y, x = np.mgrid[:71, :103] + 0.5
    rows = np.abs(y[..., None] - 71 * GRID.centres_y).argmin(axis=-1)
    columns = np.abs(x[..., None] - 103 * GRID.centres_x).argmin(axis=-1)
    np.testing.assert_array_equal(shown, cells[rows, columns])


def test_colours_reach_from_0_to_the_maximum() -> None:
    weights = np.array([[0.0, 0.1, 0.05], [0, 0, 0.2]], np.float32)
    shown = map_picture(weights, GRID, (64, 96), "magma")
    ends = [tuple((np.array(colormaps["magma"](at)[:3]) * 255).round()) for at in (0, 255)]
    assert tuple(shown[0, 0]) == ends[0]
    assert tuple(shown[-1, -1]) == ends[1]
    assert len(np.unique(shown.reshape(-1, 3), axis=0)) == 4
    assert not map_picture(np.zeros((2, 3)), GRID, (4, 4), "magma").std(axis=(0, 1)).any()


def test_a_matrix_has_square_cells() -> None:
    shown = square_picture(np.array([[0.0, 1.0]]), "viridis", side=5)
    assert shown.shape == (5, 10, 3)
    assert (shown[:, :5] == shown[0, 0]).all()
    assert (shown[0, 0] != shown[0, 9]).any()


def test_boxes_are_lines_with_a_white_edge() -> None:
    grey = np.full((100, 200, 3), 90, np.uint8)
    box = np.array([100.0, 100.0, 300.0, 300.0])  # of an image twice as large as the tile is high
    shown = boxed(grey, [(box, "#0077bb")], (400, 400), 4)
    row = shown[50].tolist()
    assert [0, 0x77, 0xBB] in row[46:55]
    assert [255, 255, 255] in row[46:55]
    assert row[100] == [90, 90, 90]
    assert (grey == 90).all()
    assert shown.shape == grey.shape


def test_pictures_shrink_and_grow() -> None:
    pixels = np.zeros((3000, 4000, 3), np.uint8)
    pixels[:, 2000:] = 255
    for size_hw in ((30, 40), (6000, 8000)):
        shown = picture(pixels, size_hw)
        assert shown.shape == (*size_hw, 3)
        assert shown[0, 0].tolist() == [0, 0, 0]
        assert shown[0, -1].tolist() == [255, 255, 255]


def test_files_are_the_same_twice_and_flat_ones_without_loss(tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (20, 30, 3), np.uint8)
    for is_flat in (True, False):
        tile = Tile(pixels, "noise", is_flat=is_flat)
        paths = [tmp_path / f"{is_flat}-{number}.webp" for number in (1, 2)]
        for path in paths:
            save_tile(tile, path)
        assert paths[0].read_bytes() == paths[1].read_bytes()
        with Image.open(paths[0]) as image:
            assert (np.asarray(image.convert("RGB")) == pixels).all() == is_flat


def test_scale_begins_and_ends_with_the_ends_of_the_map() -> None:
    scale = Tiles((), colour_map="cividis").scale
    assert (scale[0], scale[-1]) == tuple(to_hex(colormaps["cividis"](end)) for end in (0.0, 1.0))
    assert Tiles(()).scale == ()


def test_figures_become_pixels() -> None:
    figure = Figure(figsize=(2, 1), facecolor="red")
    shown = drawn_pixels(figure, 50)
    assert shown.shape == (50, 100, 3)
    assert shown[25, 50].tolist() == [255, 0, 0]
