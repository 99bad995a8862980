from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from matplotlib import colormaps
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from generator.analysis.cells import cell_box_xyxy
from generator.analysis.grid import Grid
from generator.figures.image.sinks import sinks_alt, sinks_figure
from generator.inference.forward_pass import ForwardPass
from generator.measures.most_read import find_sinks
from generator.project.config import FigureOptions
from tests.conftest import MakeForward
from tests.measures.planting import planted

PIXELS = np.full((12, 12, 3), (200, 40, 40), dtype=np.uint8)


def drawn(forward: ForwardPass) -> Figure:
    return sinks_figure(PIXELS, forward, FigureOptions(colour_map="magma"))


def sinking(make_forward: MakeForward) -> ForwardPass:
    """4 rows x 10 columns: half of all weight is on the bottom left, a tenth on the next cell."""
    rows = np.full((40, 40), 0.4 / 40)
    rows[:, 30] += 0.5
    rows[:, 31] += 0.1
    pair = planted(rows[None, None])
    return dataclasses.replace(make_forward((4, 10), (40, 100)), encoder_self=pair)


@pytest.mark.slow
@pytest.mark.parametrize("layers", [1, 3, 4, 6])
@pytest.mark.parametrize("size_hw", [(480, 640), (600, 60)])
def test_each_layer_has_its_panel(
    make_forward: MakeForward, layers: int, size_hw: tuple[int, int]
) -> None:
    forward = make_forward((6, 5), size_hw, layers=layers)
    *panels, _ = drawn(forward).axes
    received = find_sinks(forward).received[:, 0]
    assert len(panels) == layers
    for axes, sums in zip(panels, received, strict=True):
        picture, shown = axes.images
        expected = colormaps["magma"](sums / sums.max())[:, :3]
        colours = np.asarray(shown.get_array()).reshape(-1, 4)[:, :3]
        np.testing.assert_allclose(colours, expected, atol=0.01)
        assert shown.get_clim() == pytest.approx((0, sums.max()))
        assert list(picture.get_extent()) == [0, size_hw[1], size_hw[0], 0]
        assert axes.get_xlim() == (0, size_hw[1])
        assert axes.get_ylim() == (size_hw[0], 0)
    places = [axes.get_position() for axes in panels]
    for index, place in enumerate(places):
        assert 0 <= place.x0 < place.x1 <= 1
        assert 0 <= place.y0 < place.y1 <= 1
        assert not any(place.overlaps(other) for other in places[:index])


@pytest.mark.slow
@pytest.mark.parametrize(("grid_hw", "size_hw"), [((25, 34), (480, 640)), ((42, 5), (600, 60))])
def test_texts_are_not_cut_and_do_not_meet(
    make_forward: MakeForward, grid_hw: tuple[int, int], size_hw: tuple[int, int]
) -> None:
    figure = drawn(make_forward(grid_hw, size_hw, layers=6))
    renderer = FigureCanvasAgg(figure).get_renderer()
    boxes = [text.get_window_extent(renderer) for text in figure.texts]
    for index, box in enumerate(boxes):
        assert 0 <= box.x0 < box.x1 <= figure.bbox.width, figure.texts[index]
        assert not any(box.overlaps(other) for other in boxes[:index])


def test_the_picture_shines_through_in_grey_where_nobody_reads(make_forward: MakeForward) -> None:
    picture, shown = drawn(sinking(make_forward)).axes[0].images
    pixels = np.asarray(picture.get_array())
    assert (pixels[..., 0] == pixels[..., 2]).all()
    alpha = np.asarray(shown.get_array())[..., 3]
    assert alpha[3, 0] == pytest.approx(1)
    assert alpha[0, 0] == pytest.approx(0.5, abs=0.02)


def test_the_most_read_cells_are_outlined(make_forward: MakeForward) -> None:
    forward, boxes = sinking(make_forward), []
    for one in drawn(forward).axes[0].patches:
        assert isinstance(one, Rectangle)
        x, y = one.get_xy()
        boxes.append((x, y, x + one.get_width(), y + one.get_height()))
    expected = [cell_box_xyxy(cell, Grid.of(forward), (40, 100)) for cell in ((3, 0), (3, 1))]
    assert boxes == [pytest.approx(one) for one in expected]


def test_the_scale_and_the_share_are_said(make_forward: MakeForward) -> None:
    texts = [one.get_text() for one in drawn(sinking(make_forward)).texts]
    assert "most-read 2 of 40 cells" in texts[1]
    assert "Layer 1 of 1" in texts
    assert "max 20 × the mean; outlined 62 %" in texts  # 0.5 + 0.1 + 2 / 100
    assert "maximum of the map (each map has its own scale)" in texts


def test_the_alt_text_says_where_the_sinks_are(make_forward: MakeForward) -> None:
    assert sinks_alt(sinking(make_forward)) == (
        "The image and how much each cell is read, encoder self-attention: layer 1: the most-read "
        "2 of 40 cells take 62 % of all weight, the first of them at the bottom left with 20 "
        "times the mean."
    )


def test_a_grid_of_one_cell(make_forward: MakeForward) -> None:
    forward = make_forward((1, 1), (16, 16), layers=1)
    assert "the most-read cell of 1 takes 100 % of all weight" in sinks_alt(forward)
    assert len(drawn(forward).axes) == 2
