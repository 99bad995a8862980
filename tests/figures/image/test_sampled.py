"""Figures of relatives: points over the picture, and what beside where."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from matplotlib.collections import PathCollection

from generator.analysis.entry_analysis import EntryAnalysis, analyse
from generator.analysis.sampled import cell_of_level
from generator.figures.image.image_set import IMAGE_FIGURES
from generator.figures.image.sampled import ENCODER_POINTS, QUERY_POINTS
from generator.figures.image.what_and_where import WHAT_AND_WHERE, what_and_where_figure
from generator.inference.forward_pass import ForwardPass
from generator.project.config import FigureOptions
from tests.conftest import MakeForward
from tests.sampled import LEVELS, with_one_stack, with_places, with_points

PIXELS = np.full((48, 64, 3), (200, 40, 40), dtype=np.uint8)


def analysed(forward: ForwardPass) -> EntryAnalysis:
    return analyse(PIXELS, forward, 0.9)


@pytest.mark.slow
def test_every_point_is_drawn_by_head_and_level(make_forward: MakeForward) -> None:
    one = analysed(with_points(make_forward(detections=2)))
    figure = QUERY_POINTS.draw(one, FigureOptions())
    panels = [axes for axes in figure.axes if axes.collections]
    assert len(panels) == 2 * (1 + len(LEVELS))
    points, query = one.forward.points["decoder_cross"], int(one.detections.queries[0])
    for column, axes in enumerate(panels[:3]):
        heads = [drawn for drawn in axes.collections if isinstance(drawn, PathCollection)]
        assert len(heads) == 2
        assert len({tuple(drawn.get_facecolor()[0]) for drawn in heads}) == 2
        for head, drawn in enumerate(heads):
            levels = slice(None) if column == 0 else slice(column - 1, column)
            places = points.places[-1, query, head, levels].reshape(-1, 2) * (128, 96)
            np.testing.assert_allclose(np.asarray(drawn.get_offsets()), places, rtol=1e-5)
            weights, sizes = points.weights[-1, query, head, levels].ravel(), drawn.get_sizes()
            np.testing.assert_allclose(sizes / sizes.sum(), weights / weights.sum(), rtol=1e-4)
    alt = QUERY_POINTS.alt(one)
    assert f"query {query}" in alt
    assert "on level" in alt


@pytest.mark.slow
def test_the_encoders_points_are_those_of_the_points_cells(make_forward: MakeForward) -> None:
    one = analysed(with_points(make_forward(detections=2)))
    figure = ENCODER_POINTS.draw(one, FigureOptions())
    first = next(axes for axes in figure.axes if axes.collections)
    (x, y), points = one.points[0], one.forward.points["encoder_self"]
    token = int(y * 6) * 8 + int(x * 8)
    places = points.places[-1, token, 0].reshape(-1, 2) * (128, 96)
    np.testing.assert_allclose(np.asarray(first.collections[0].get_offsets()), places, rtol=1e-5)


def test_levels_follow_each_other_row_by_row() -> None:
    assert cell_of_level((0.5, 0.5), LEVELS, 0) == 3 * 8 + 4
    assert cell_of_level((1.0, 1.0), LEVELS, 1) == 48 + 11
    assert cell_of_level((0.0, 0.99), LEVELS, 1) == 48 + 8


@pytest.mark.slow
def test_what_and_where_stand_beside_the_attention(make_forward: MakeForward) -> None:
    one = analysed(with_places(make_forward(detections=2)))
    drawn = what_and_where_figure(one, FigureOptions())
    assert [len(row) for row in drawn.panels] == [4, 4]
    shown = [np.asarray(axes.images[0].get_array()) for axes in drawn.panels[0][1:]]
    query = int(one.detections.queries[0])
    maps = (*one.maps.cross_parts(), one.maps.decoder_cross())
    for pixels, of_part in zip(shown, maps, strict=True):
        np.testing.assert_allclose(pixels, of_part[query], rtol=1e-5)
    assert WHAT_AND_WHERE.alt(one).count("largest at") == 2


def test_each_model_has_the_figures_that_it_can_have(make_forward: MakeForward) -> None:
    forward = make_forward(detections=2)
    new = {"what_and_where", "query_points", "encoder_points"}

    def names(one: ForwardPass) -> set[str]:
        analysis = replace(analysed(one))
        return {kind.name for kind in IMAGE_FIGURES if kind.applies(analysis)}

    detr = names(forward)
    assert not detr & new
    assert names(with_places(forward)) == detr | {"what_and_where"}
    assert names(with_one_stack(forward)) == detr - {"rollout"}
    assert names(with_points(forward)) == {"detections", "query_points", "encoder_points"}
