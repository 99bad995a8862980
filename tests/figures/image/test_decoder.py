from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import same_color
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from PIL import Image

from generator.analysis.attention import AttentionMaps
from generator.analysis.detections import detect
from generator.analysis.grid import Grid
from generator.figures.colours import query_colours
from generator.figures.image.decoder import decoder_alt, decoder_figure, rollout_alt, rollout_figure
from generator.figures.save import save_figure
from generator.inference.forward_pass import ForwardPass, QueriesAndKeys
from generator.measures.rollout import query_rollout
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
    layer: int = -1,
    head: int | None = None,
    options: FigureOptions | None = None,
) -> Figure:
    maps, detections = AttentionMaps(forward), detect(forward, 0.9)
    return decoder_figure(PIXELS, detections, maps, options or FigureOptions(), layer, head)


def maps_and_images(figure: Figure) -> tuple[list[Axes], list[Axes]]:
    """Each query's two panels, without the colour scale, which is last."""
    return figure.axes[:-1:2], figure.axes[1:-1:2]


@pytest.mark.slow
@pytest.mark.parametrize(("grid_hw", "size_hw"), SHAPES)
@pytest.mark.parametrize("count", [1, 6])
def test_each_query_has_its_map_above_its_box(
    make_forward: MakeForward, grid_hw: tuple[int, int], size_hw: tuple[int, int], count: int
) -> None:
    forward = make_forward(grid_hw, size_hw, count)
    detections, weights = detect(forward, 0.9), AttentionMaps(forward).decoder_cross()
    figure = drawn(forward)
    uppers, lowers = maps_and_images(figure)
    assert len(uppers) == len(lowers) == count
    for index, (upper, lower) in enumerate(zip(uppers, lowers, strict=True)):
        shown = np.asarray(upper.images[0].get_array())
        np.testing.assert_array_equal(shown, weights[detections.queries[index]])
        (box,) = (patch for patch in lower.patches if isinstance(patch, Rectangle))
        corners = (*box.get_xy(), box.get_x() + box.get_width(), box.get_y() + box.get_height())
        assert corners == pytest.approx(tuple(detections.boxes_xyxy[index]))
        for axes in (upper, lower):
            width, height = axes.get_position().size * figure.get_size_inches()
            assert width / height == pytest.approx(size_hw[1] / size_hw[0])
            assert axes.get_xlim() == (0, size_hw[1])
            assert axes.get_ylim() == (size_hw[0], 0)
        assert upper.get_position().y0 > lower.get_position().y1
        assert upper.get_position().x0 == pytest.approx(lower.get_position().x0)


@pytest.mark.slow
@pytest.mark.parametrize("size_hw", [(480, 640), (640, 480), (60, 600), (600, 60)])
def test_panels_do_not_overlap_or_leave_the_figure(
    make_forward: MakeForward, size_hw: tuple[int, int]
) -> None:
    places = [axes.get_position() for axes in drawn(make_forward((3, 4), size_hw, 13)).axes]
    for index, place in enumerate(places):
        assert place.x0 >= 0
        assert place.y0 >= 0
        assert place.x1 <= 1
        assert place.y1 <= 1
        assert not any(place.overlaps(other) for other in places[:index])


@pytest.mark.parametrize(
    ("count", "columns", "rows"),
    [
        (1, 1, 1),
        (5, 5, 1),
        (6, 3, 2),
        (7, 4, 2),
        pytest.param(20, 5, 4, marks=pytest.mark.slow),
    ],
)
def test_queries_are_wrapped_into_even_rows(
    make_forward: MakeForward, count: int, columns: int, rows: int
) -> None:
    uppers, _ = maps_and_images(drawn(make_forward((3, 4), (480, 640), count)))
    assert len({round(axes.get_position().x0, 6) for axes in uppers}) == columns
    assert len({round(axes.get_position().y0, 6) for axes in uppers}) == rows


@pytest.mark.slow
def test_a_panorama_is_not_drawn_as_a_sliver(make_forward: MakeForward) -> None:
    figure = drawn(make_forward((5, 42), (60, 600), 5))
    height = figure.axes[0].get_position().height * figure.get_size_inches()[1]
    assert height > 0.4


@pytest.mark.slow
def test_a_hundred_queries_fit_one_figure(make_forward: MakeForward, tmp_path: Path) -> None:
    figure = drawn(make_forward((3, 4), (480, 640), 100, queries=100))
    assert len(figure.axes) == 201
    assert figure.get_size_inches()[1] <= 50.5
    save_figure(figure, tmp_path / "figure.webp", 72)
    with Image.open(tmp_path / "figure.webp") as image:
        assert image.width == 504


def test_queries_are_named_in_their_colour(make_forward: MakeForward) -> None:
    forward = make_forward(detections=3)
    colours = query_colours(detect(forward, 0.9).queries)
    figure = drawn(forward)
    titles = {text.get_text(): text for text in figure.texts}
    for query, colour in colours.items():
        chip = titles[f"query {query}"].get_bbox_patch()
        assert chip is not None
        assert same_color(chip.get_facecolor(), colour)
    assert {"cat 99 %", "dog 95 %", "remote 91 %"} <= set(titles)


def test_the_scale_of_each_map_is_printed(make_forward: MakeForward) -> None:
    forward = make_forward((1, 1), detections=2)
    texts = [text.get_text() for text in drawn(forward).texts]
    assert texts.count("maximum 100 %") == 2
    assert "maximum of the map (each map has its own scale)" in texts


def test_only_the_box_keeps_its_colours(make_forward: MakeForward) -> None:
    _, (image, *_) = maps_and_images(drawn(make_forward(detections=2)))
    shown = np.asarray(image.images[0].get_array())
    assert sorted(np.unique(shown).tolist()) == [200, 230]


def test_layer_head_and_colour_map_are_used(make_forward: MakeForward) -> None:
    forward = make_forward(layers=3, heads=2)
    figure = drawn(forward, 0, 1, FigureOptions(colour_map="cividis"))
    shown = figure.axes[0].images[0]
    expected = AttentionMaps(forward).decoder_cross(0, 1)[0]
    np.testing.assert_array_equal(np.asarray(shown.get_array()), expected)
    assert shown.get_cmap().name == "cividis"
    assert any("layer 1 of 3, head 2 of 2" in text.get_text() for text in figure.texts)


def test_a_layer_that_is_not_there_is_an_error(make_forward: MakeForward) -> None:
    for count in (0, 2):
        forward = make_forward(detections=count)
        with pytest.raises(IndexError, match="no layer 6"):
            drawn(forward, layer=6)
        with pytest.raises(IndexError, match="no layer 6"):
            decoder_alt(detect(forward, 0.9), AttentionMaps(forward), 6)


def test_no_detection_is_mentioned(make_forward: MakeForward) -> None:
    forward = make_forward(detections=0)
    (note,) = drawn(forward).texts
    assert note.get_text() == "No query scores above 90 %: there is no map to draw."
    alt = decoder_alt(detect(forward, 0.9), AttentionMaps(forward))
    assert alt == "No attention maps: no query scores above 90 %."


def test_the_alt_text_says_where_queries_look(make_forward: MakeForward) -> None:
    forward = make_forward((3, 3), queries=20, detections=2)
    q, k = np.zeros((1, 1, 20, 2), dtype=np.float32), np.zeros((1, 1, 9, 2), dtype=np.float32)
    q[0, 0, 0], q[0, 0, 10] = (50, 0), (0, 50)
    k[0, 0, 2], k[0, 0, 4] = (1, 0), (0, 1)
    forward = dataclasses.replace(forward, decoder_cross=QueriesAndKeys(q, k))
    assert decoder_alt(detect(forward, 0.9), AttentionMaps(forward)) == (
        "Decoder cross-attention, 2 maps: "
        "query 0 (cat 99 %) looks most at the top right, 100 % in one cell; "
        "query 10 (dog 91 %) looks most at the centre, 100 % in one cell."
    )


def test_the_alt_text_of_many_is_short(make_forward: MakeForward) -> None:
    forward = make_forward(detections=100)
    assert decoder_alt(detect(forward, 0.9), AttentionMaps(forward)).endswith("; and 90 more.")


def test_rollout_is_drawn_like_raw_attention_with_its_own_maps(make_forward: MakeForward) -> None:
    forward = make_forward(detections=2)
    detections, weights = detect(forward, 0.9), query_rollout(forward)
    figure = rollout_figure(PIXELS, detections, weights, Grid.of(forward), FigureOptions())
    uppers, lowers = maps_and_images(figure)
    assert len(uppers) == len(lowers) == 2
    for axes, query in zip(uppers, detections.queries, strict=True):
        np.testing.assert_allclose(np.asarray(axes.images[0].get_array()), weights[query])
    assert "Attention rollout" in " ".join(text.get_text() for text in figure.texts)
    assert f"query {detections.queries[0]} (cat" in rollout_alt(detections)


def test_rollout_of_nothing_is_a_sentence(make_forward: MakeForward) -> None:
    forward = make_forward(detections=0)
    detections = detect(forward, 0.9)
    weights = query_rollout(forward)
    figure = rollout_figure(PIXELS, detections, weights, Grid.of(forward), FigureOptions())
    assert any("no map to draw" in text.get_text() for text in figure.texts)
    assert rollout_alt(detections) == "No rollout: no query scores above 90 %."
