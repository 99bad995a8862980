from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
import pytest
from matplotlib.colors import same_color
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from generator.analysis.attention import AttentionMaps
from generator.analysis.cells import EXERCISE_POINTS, cell_box_xyxy, cell_of_point
from generator.analysis.grid import Grid, Point
from generator.figures.colours import point_colours
from generator.figures.image.encoder import Direction, encoder_alt, encoder_figure
from generator.inference.forward_pass import ForwardPass, QueriesAndKeys
from generator.project.config import FigureOptions

MakeForward = Callable[..., ForwardPass]
PIXELS = np.full((12, 12, 3), 200, dtype=np.uint8)
SHAPES = [
    ((25, 34), (480, 640)),
    ((50, 67), (480, 640)),
    ((34, 25), (640, 480)),
    ((5, 42), (60, 600)),
    ((42, 5), (600, 60)),
    ((1, 1), (16, 16)),
    ((25, 34), (4500, 6000)),
]


def drawn(
    forward: ForwardPass,
    points: tuple[Point, ...] = EXERCISE_POINTS,
    direction: Direction = "row",
    layer: int = -1,
    head: int | None = None,
) -> Figure:
    options = FigureOptions(colour_map="magma")
    maps = AttentionMaps(forward)
    return encoder_figure(
        PIXELS, maps, points, options, direction=direction, layer=layer, head=head
    )


def scattered(n: int) -> tuple[Point, ...]:
    return tuple((float(x), float(y)) for x, y in np.random.default_rng(0).uniform(0, 1, (n, 2)))


def texts_of(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.texts]


@pytest.mark.slow
@pytest.mark.parametrize(("grid_hw", "size_hw"), SHAPES)
@pytest.mark.parametrize("direction", ["row", "column"])
def test_each_point_has_its_map(
    make_forward: MakeForward,
    grid_hw: tuple[int, int],
    size_hw: tuple[int, int],
    direction: Direction,
) -> None:
    forward = make_forward(grid_hw, size_hw)
    maps = AttentionMaps(forward)
    figure = drawn(forward, direction=direction)
    _, *panels, _ = figure.axes
    assert len(panels) == 4
    for point, axes in zip(EXERCISE_POINTS, panels, strict=True):
        cell = cell_of_point(point, Grid.of(forward))
        expected = (maps.encoder_row if direction == "row" else maps.encoder_column)(cell)
        np.testing.assert_array_equal(np.asarray(axes.images[0].get_array()), expected)
        assert axes.images[0].get_cmap().name == "magma"
        assert axes.get_xlim() == (0, size_hw[1])
        assert axes.get_ylim() == (size_hw[0], 0)
        width, height = axes.get_position().size * figure.get_size_inches()
        assert width / height == pytest.approx(size_hw[1] / size_hw[0])


@pytest.mark.slow
@pytest.mark.parametrize("size_hw", [(480, 640), (640, 480), (60, 600), (600, 60)])
@pytest.mark.parametrize("n", [0, 1, 2, 3, 5, 12])
def test_any_number_of_points_fits_the_figure(
    make_forward: MakeForward, size_hw: tuple[int, int], n: int
) -> None:
    figure = drawn(make_forward((3, 4), size_hw), scattered(n))
    assert len(figure.axes) == n + 2
    places = [axes.get_position() for axes in figure.axes]
    for index, place in enumerate(places):
        assert place.x0 >= 0
        assert place.y0 >= 0
        assert place.x1 <= 1
        assert place.y1 <= 1
        assert not any(place.overlaps(other) for other in places[:index])
    assert figure.get_size_inches()[1] < 10


@pytest.mark.slow
def test_points_are_where_they_are_and_numbered_in_one_colour(make_forward: MakeForward) -> None:
    figure = drawn(make_forward((25, 34), (480, 640)))
    picture, colours = figure.axes[0], point_colours(4)
    for (x, y), colour, dot in zip(EXERCISE_POINTS, colours, picture.lines, strict=True):
        assert dot.get_xydata() == pytest.approx(np.array([[x * 640, y * 480]]))
        assert same_color(dot.get_color(), colour)
    assert [text.get_text() for text in picture.texts] == ["1", "2", "3", "4"]
    numbers = [text for text in figure.texts if text.get_text().isdigit() and text.get_bbox_patch()]
    assert [text.get_text() for text in numbers] == ["1", "2", "3", "4"]
    for text, colour in zip(numbers, colours, strict=True):
        chip = text.get_bbox_patch()
        assert chip is not None
        assert same_color(chip.get_facecolor(), colour)


def test_the_points_cell_is_marked_and_left_visible(make_forward: MakeForward) -> None:
    forward = dataclasses.replace(
        make_forward((25, 34), (480, 640)), input_hw=(800, 1066), first_centre=0.0
    )
    figure, grid = drawn(forward, ((0.5, 0.1),)), Grid.of(forward)
    (mark,) = (patch for patch in figure.axes[1].patches if isinstance(patch, Rectangle))
    x0, y0, x1, y1 = cell_box_xyxy(cell_of_point((0.5, 0.1), grid), grid, (480, 640))
    assert (mark.get_x(), mark.get_y()) < (x0, y0)
    assert mark.get_x() + mark.get_width() > x1
    assert mark.get_y() + mark.get_height() > y1
    centre = mark.get_x() + mark.get_width() / 2, mark.get_y() + mark.get_height() / 2
    assert centre == pytest.approx(((x0 + x1) / 2, (y0 + y1) / 2))


@pytest.mark.slow
def test_the_two_directions_are_named_apart(make_forward: MakeForward) -> None:
    rows, columns = (texts_of(drawn(make_forward(), direction=d)) for d in ("row", "column"))
    assert rows[0] == "Encoder self-attention: where each point looks"
    assert columns[0] == "Encoder self-attention: who looks at each point"
    assert "its cells sum to 1" in rows[1]
    assert "sum" not in "".join(rows[2:])
    sums = [text for text in columns[2:] if "sum" in text]
    assert len(sums) == 4


@pytest.mark.slow
def test_a_map_of_one_stack_is_a_part_of_a_row(make_forward: MakeForward) -> None:
    forward = make_forward()
    of_one_stack = dataclasses.replace(forward, joint=forward.encoder_self)
    text = texts_of(drawn(of_one_stack))[1]
    assert "sums to less than 1; other tokens have the rest." in text
    assert "cells sum to 1" not in text


def test_the_sum_of_a_column_is_printed(make_forward: MakeForward) -> None:
    forward = make_forward((3, 4))
    total = AttentionMaps(forward).encoder_column((1, 2)).sum()
    texts = texts_of(drawn(forward, ((0.6, 0.5),), "column"))
    assert any(text.endswith(f"sum {total:.2f}") for text in texts)


def test_layer_and_head_are_used(make_forward: MakeForward) -> None:
    forward = make_forward((3, 4), layers=3, heads=2)
    figure = drawn(forward, ((0.1, 0.1),), "column", layer=1, head=0)
    expected = AttentionMaps(forward).encoder_column((0, 0), 1, 0)
    np.testing.assert_array_equal(np.asarray(figure.axes[1].images[0].get_array()), expected)
    assert "layer 2 of 3, head 1 of 2" in texts_of(figure)[1]


def test_what_is_not_there_is_an_error(make_forward: MakeForward) -> None:
    forward = make_forward()
    with pytest.raises(IndexError, match="no head 9"):
        drawn(forward, head=9)
    with pytest.raises(ValueError, match="outside the image"):
        drawn(forward, ((0.5, 1.5),))
    with pytest.raises(ValueError, match="outside the image"):
        encoder_alt(AttentionMaps(forward), ((0.5, 1.5),), direction="row")


def looking_top_right(forward: ForwardPass) -> ForwardPass:
    """Every cell of a 3 x 3 grid looks at the top right, the bottom left one above all."""
    q, k = np.zeros((2, 1, 1, 9, 1), dtype=np.float32)
    q[..., 0], k[:, :, 2] = 5.0, 2.0
    q[:, :, 6] = 8.0
    return dataclasses.replace(forward, encoder_self=QueriesAndKeys(q, k))


def test_the_alt_text_says_who_looks_where(make_forward: MakeForward) -> None:
    maps = AttentionMaps(looking_top_right(make_forward((3, 3))))
    points = ((0.5, 0.5), (0.9, 0.1))
    assert encoder_alt(maps, points, direction="row") == (
        "Image with 2 numbered points and maps of where each looks, encoder self-attention: "
        "point 1 at the centre looks most at the top right; "
        "point 2 at the top right looks most at the top right."
    )
    alt = encoder_alt(maps, points[1:], direction="column")
    assert alt == (
        "Image with 1 numbered point and maps of who looks at each, encoder self-attention: "
        "point 1 at the top right is looked at most from the bottom left."
    )
