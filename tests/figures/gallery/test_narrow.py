"""Figures for narrow screens: no letter too small for a telephone, and none cut off."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

from generator.analysis.attention import AttentionMaps
from generator.analysis.detections import detect
from generator.figures.gallery.gallery_data import Example, GalleryData
from generator.figures.gallery.gallery_set import gallery_figures
from generator.figures.redraw import FigureKind
from generator.figures.style import WIDTH, figure_style, is_narrow, narrow_screen
from generator.figures.training import training_kinds
from generator.project.config import FigureOptions
from tests.conftest import MakeForward
from tests.figures.gallery.planted import full, gallery, summaries_of
from tests.figures.gallery.test_causal import ONES

KINDS = gallery_figures(["detr_emoji", "detr_random"])
PHONE = 358
"""The width of a figure on a telephone, in CSS pixels."""
CURVE = [
    {"scenes": 0, "loss": 9.0},
    {"scenes": 5000, "loss": 3.0},
    {"scenes": 5000, "AP": 0.5, "AP50": 0.7},
]
RECIPE = {"scenes": 9000, "short_sides": [[0.0, 128], [0.4, 160]]}
LIMITS = {
    name: [{"low": 0.1, "high": 0.4, "objects": 9, "found": 0.9}]
    for name in ("side", "degrees", "visible")
}
LOGS = {"model": {"curve": CURVE, "recipe": RECIPE, "limits": LIMITS}}


@pytest.fixture
def data(make_forward: MakeForward) -> GalleryData:
    forward = make_forward(detections=3)
    example = Example("Cats", AttentionMaps(forward), detect(forward, 0.9))
    images = gallery([*full(), *ONES])
    return GalleryData(images, summaries_of(images), {}, {"detr_random": example})


def check(figure: Figure) -> None:
    width = float(figure.get_size_inches()[0])
    with figure_style():
        FigureCanvasAgg(figure).draw()
        drawn = figure.get_tightbbox()  # in inches
    for text in figure.findobj(Text):
        assert isinstance(text, Text)
        assert float(text.get_fontsize()) / 72 / width * PHONE >= 12, text.get_text()
    assert drawn.x0 >= -0.02
    assert drawn.x1 <= width + 0.02
    assert drawn.y0 >= -0.02


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_words_are_large_enough_and_inside(
    data: GalleryData, kind: FigureKind[GalleryData]
) -> None:
    assert kind.is_narrowed
    if not kind.applies(data):
        assert kind.name in ("query-map-detr_emoji", "query-places-detr_random")  # no such data
        return
    with narrow_screen():
        figure = kind.draw(data, FigureOptions())
    assert figure.get_size_inches()[0] < WIDTH / 2
    check(figure)


@pytest.mark.slow
@pytest.mark.parametrize("kind", training_kinds(LOGS), ids=lambda kind: kind.name)
def test_training_is_narrow_too(kind: FigureKind[Mapping[str, Mapping[str, Any]]]) -> None:
    assert kind.is_narrowed
    with narrow_screen():
        check(kind.draw(LOGS, FigureOptions()))


def test_the_wide_figure_is_as_before(data: GalleryData) -> None:
    with narrow_screen():
        assert is_narrow()
    assert not is_narrow()
    (kind,) = (one for one in KINDS if one.name == "entropy")
    wide = kind.draw(data, FigureOptions())
    assert wide.get_size_inches()[0] == WIDTH
    tops = {round(axes.get_position().y1, 6) for axes in wide.axes}
    assert len(tops) == 1
