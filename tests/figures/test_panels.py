from __future__ import annotations

import base64
import io
import re

import numpy as np
import pytest
from matplotlib.patches import Rectangle
from PIL import Image

from generator.figures import panels
from tests.grids import resnet_grid


def test_a_panel_is_where_it_was_put_in_inches() -> None:
    figure = panels.new_figure(4.0)
    axes = panels.add_panel(figure, 1.0, 0.5, 2.0, 1.5)
    left, bottom, width, height = axes.get_position().bounds
    assert (left * 7, (1 - bottom - height) * 4) == pytest.approx((1.0, 0.5))
    assert (width * 7, height * 4) == pytest.approx((2.0, 1.5))
    assert not axes.axison


@pytest.mark.slow
@pytest.mark.parametrize(
    ("shape_hw", "inches", "fitted_hw"),
    [
        ((16, 16), 7.0, (16, 16)),
        ((2250, 3000), 7.0, (1200, 1600)),
        ((600, 6000), 1.0, (23, 230)),
        ((1, 6000), 1.0, (1, 230)),
    ],
)
def test_an_image_is_drawn_no_larger_than_can_be_seen(
    shape_hw: tuple[int, int], inches: float, fitted_hw: tuple[int, int]
) -> None:
    pixels = np.full((*shape_hw, 3), 77, dtype=np.uint8)
    small = panels.fitted(pixels, inches)
    assert small.shape == (*fitted_hw, 3)
    assert (small == 77).all()


def test_only_the_box_keeps_its_colours() -> None:
    pixels = np.zeros((10, 20, 3), dtype=np.uint8)
    pale = panels.faded(pixels, np.array([40.0, 0.0, 80.0, 50.0]), (100, 200))
    assert (pale[:5, 4:8] == 0).all()
    assert (pale == 0).sum() == 5 * 4 * 3
    assert (pixels == 0).all()


def test_a_map_keeps_its_cells_and_covers_the_image() -> None:
    axes = panels.add_panel(panels.new_figure(4.0), 0, 0, 2, 1)
    weights = np.array([[0.0, 0.1], [0.2, 0.7]], dtype=np.float32)
    image = panels.draw_map(axes, weights, resnet_grid(64, 40), (100, 200), "cividis")
    assert (axes.get_xlim(), axes.get_ylim()) == ((0, 200), (100, 0))
    assert image.get_clim() == pytest.approx((0, 0.7))
    assert image.get_cmap().name == "cividis"
    np.testing.assert_array_equal(np.asarray(image.get_array()), weights)


@pytest.mark.parametrize("suffix", ["png", "svg"])
def test_cells_are_drawn_where_they_lie(suffix: str) -> None:
    """In an input of 64 x 100 pixels: columns end at 16.5, 48.5 and 80.5, rows at 16.5."""
    figure = panels.new_figure(4.0)
    axes = panels.add_panel(figure, 1, 1, 4, 2)
    weights = np.array([[0, 1, 0, 1], [1, 0, 1, 0]], dtype=np.float32)
    panels.draw_map(axes, weights, resnet_grid(64, 100), (640, 1000), "gray")
    stream = io.BytesIO()
    figure.savefig(stream, format=suffix, dpi=100)
    if suffix == "svg":
        (found,) = re.findall(rb"data:image/png;base64,([A-Za-z0-9+/=\s]+)", stream.getvalue())
        stream = io.BytesIO(base64.b64decode(found))
    with Image.open(stream) as image:
        drawn = np.asarray(image.convert("L")) > 127
    drawn = drawn[100:300, 100:500] if suffix == "png" else drawn[::-1]  # which an SVG turns
    height, width = drawn.shape
    columns, rows = ((np.arange(n) + 0.5) / n for n in (width, height))
    column = np.array([0.165, 0.485, 0.805]).searchsorted(columns)
    row = np.array([16.5 / 64]).searchsorted(rows)
    wrong = drawn != weights[row][:, column].astype(bool)
    assert wrong.mean() < 0.02  # a pixel may lie on an edge


def test_a_map_of_nothing_can_be_drawn() -> None:
    axes = panels.add_panel(panels.new_figure(4.0), 0, 0, 2, 1)
    nothing = np.zeros((2, 2), dtype=np.float32)
    image = panels.draw_map(axes, nothing, resnet_grid(64, 64), (100, 200), "viridis")
    assert image.get_clim() == (0, 1)


def test_a_box_has_a_white_halo() -> None:
    axes = panels.add_panel(panels.new_figure(4.0), 0, 0, 2, 1)
    panels.draw_box(axes, np.array([10.0, 20.0, 40.0, 30.0]), "#cc3311", 2.0)
    (box,) = (patch for patch in axes.patches if isinstance(patch, Rectangle))
    assert (*box.get_xy(), box.get_width(), box.get_height()) == (10, 20, 30, 10)
    assert not box.get_fill()
    assert len(box.get_path_effects()) == 2
