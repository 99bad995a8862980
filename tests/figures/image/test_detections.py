from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from matplotlib.colors import same_color
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch, Rectangle

from generator.analysis.detections import Detections, detect
from generator.figures.colours import query_colours
from generator.figures.image.detections import TALLEST_IN_PRINT, detections_alt, detections_figure
from generator.figures.save import save_figure
from generator.inference.forward_pass import ForwardPass
from generator.project.config import FigureOptions

MakeForward = Callable[..., ForwardPass]
SHAPES_HW = [(96, 128), (128, 96), (60, 600), (600, 60), (16, 16), (1, 1), (4500, 6000)]


def drawn(detections: Detections) -> Figure:
    pixels = np.full((12, 12, 3), 200, dtype=np.uint8)
    return detections_figure(pixels, detections, FigureOptions())


def boxes_of(figure: Figure) -> list[Rectangle]:
    return [patch for patch in figure.axes[0].patches if isinstance(patch, Rectangle)]


def chips_of(figure: Figure) -> list[FancyBboxPatch]:
    return [patch for patch in figure.axes[0].patches if isinstance(patch, FancyBboxPatch)]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("size_hw", "count"),
    [((480, 640), 100), *((size_hw, count) for size_hw in SHAPES_HW for count in (0, 1, 20))],
)
def test_every_detection_has_its_box_and_chip(
    make_forward: MakeForward, size_hw: tuple[int, int], count: int
) -> None:
    detections = detect(make_forward((3, 4), size_hw, count, queries=100), 0.9)
    figure = drawn(detections)
    boxes, chips = boxes_of(figure), chips_of(figure)
    assert len(boxes) == len(chips) == len(figure.axes[0].texts) == count
    drawn_boxes = sorted(
        (*box.get_xy(), box.get_x() + box.get_width(), box.get_y() + box.get_height())
        for box in boxes
    )
    expected = sorted(map(tuple, detections.boxes_xyxy.tolist()))
    np.testing.assert_allclose(
        np.reshape(drawn_boxes, (-1, 4)), np.reshape(expected, (-1, 4)), atol=1e-6
    )


@pytest.mark.parametrize("size_hw", SHAPES_HW)
def test_the_image_keeps_its_aspect(make_forward: MakeForward, size_hw: tuple[int, int]) -> None:
    figure = drawn(detect(make_forward((3, 4), size_hw, 1), 0.9))
    width, height = figure.axes[0].get_position().size * figure.get_size_inches()
    assert width / height == pytest.approx(size_hw[1] / size_hw[0])
    assert list(figure.axes[0].images[0].get_extent()) == [0, size_hw[1], size_hw[0], 0]
    assert max(figure.get_size_inches()) < 9


def test_colours_are_those_of_the_queries(make_forward: MakeForward) -> None:
    detections = detect(make_forward(detections=3), 0.9)
    colours = query_colours(detections.queries)
    figure = drawn(detections)
    by_text = {
        text.get_text(): chip.get_facecolor()
        for text, chip in zip(figure.axes[0].texts, chips_of(figure), strict=True)
    }
    assert list(by_text) == ["cat 99 %", "dog 95 %", "remote 91 %"]
    for query, colour in zip(detections.queries, by_text.values(), strict=True):
        assert same_color(colour, colours[int(query)])
    edges = {tuple(box.get_edgecolor()) for box in boxes_of(figure)}
    assert edges == set(map(tuple, by_text.values()))


@pytest.mark.slow
@pytest.mark.parametrize("size_hw", [(480, 640), (640, 480), (60, 600)])
@pytest.mark.parametrize("count", [1, 5, 20, 50])
def test_chips_and_their_texts_stay_inside_the_image(
    make_forward: MakeForward, size_hw: tuple[int, int], count: int
) -> None:
    figure = drawn(detect(make_forward((3, 4), size_hw, count, queries=100), 0.9))
    image = figure.axes[0].get_window_extent()
    for chip in chips_of(figure):
        area = chip.get_window_extent()
        assert area.x0 >= image.x0 - 0.1
        assert area.x1 <= image.x1 + 0.1
        assert area.y0 >= image.y0 - 0.1
        assert area.y1 <= image.y1 + 0.1
    figure.draw_without_rendering()
    for chip, text in zip(chips_of(figure), figure.axes[0].texts, strict=True):
        assert text.get_window_extent().x0 >= chip.get_window_extent().x0 - 1
        assert text.get_window_extent().x1 <= chip.get_window_extent().x1 + 1


@pytest.mark.slow
def test_many_boxes_carry_ids_and_a_key_names_them(make_forward: MakeForward) -> None:
    detections = detect(make_forward((3, 4), (480, 640), 100, queries=100), 0.9)
    figure = drawn(detections)
    assert {text.get_text() for text in figure.axes[0].texts} == {str(q) for q in range(100)}
    key = [text.get_text() for text in figure.texts]
    assert key[:4] == ["0", "cat 99 %", "1", "dog 98 %"]
    assert len(key) == 200


def test_a_few_boxes_need_no_key(make_forward: MakeForward) -> None:
    assert not drawn(detect(make_forward((3, 4), (480, 640), 3), 0.9)).texts


def test_no_detection_is_mentioned(make_forward: MakeForward) -> None:
    detections = detect(make_forward(detections=0), 0.9)
    (note,) = drawn(detections).texts
    assert note.get_text() == "No query scores above 90 %."
    assert detections_alt(detections) == "Image without boxes: no query scores above 90 %."


@pytest.mark.slow
def test_large_boxes_lie_below_small_ones(make_forward: MakeForward) -> None:
    boxes = boxes_of(drawn(detect(make_forward(detections=9), 0.9)))
    areas = [box.get_width() * box.get_height() for box in boxes]
    assert areas == sorted(areas, reverse=True)


@pytest.mark.slow
@pytest.mark.parametrize(
    "label", ["猫", "$x_1", "a\nb", "$\\frac{", "🐱\ud83d", "", "عربى", "w" * 99]
)
def test_any_label_can_be_drawn(make_forward: MakeForward, tmp_path: Path, label: str) -> None:
    detections = detect(make_forward(detections=1, names=(label, "dog")), 0.9)
    save_figure(drawn(detections), tmp_path / "figure.png", 72)
    assert (tmp_path / "figure.png").stat().st_size > 1000
    assert b"99 % (query 0)" in detections_alt(detections).encode("utf-8")


def test_the_alt_text_says_what_is_where(make_forward: MakeForward) -> None:
    detections = detect(make_forward(size_hw=(100, 100), detections=2), 0.9)
    boxes = np.array([[0.0, 0, 20, 20], [70, 40, 100, 60]])
    alt = detections_alt(dataclasses.replace(detections, boxes_xyxy=boxes))
    assert alt == (
        "Image with 2 detections above 90 %: cat 99 % (query 0) at the top left; "
        "dog 91 % (query 10) at the right."
    )


def test_the_alt_text_of_many_is_short(make_forward: MakeForward) -> None:
    alt = detections_alt(detect(make_forward(detections=100, queries=100), 0.9))
    assert alt.startswith("Image with 100 detections")
    assert alt.endswith("; and 90 more.")


def test_on_paper_the_image_is_smaller_but_its_labels_are_not(make_forward: MakeForward) -> None:
    detections = detect(make_forward((3, 4), (480, 480), 2), 0.9)
    pixels = np.full((12, 12, 3), 200, dtype=np.uint8)
    screen = drawn(detections)
    paper = detections_figure(pixels, detections, FigureOptions(), TALLEST_IN_PRINT)
    assert paper.get_size_inches()[1] < 0.7 * screen.get_size_inches()[1]
    assert paper.get_size_inches()[0] == screen.get_size_inches()[0]
    assert paper.axes[0].texts[0].get_fontsize() == screen.axes[0].texts[0].get_fontsize()
