"""The causal tests of all images in figures."""

from dataclasses import replace

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from generator.figures.gallery.causal import CAUSAL_FIGURES
from generator.figures.gallery.gallery_data import GalleryData
from generator.figures.redraw import FigureKind
from generator.measures.measurement import Measurement
from generator.project.config import FigureOptions
from tests.figures.gallery.planted import gallery, summaries_of
from tests.invented_measures import measurement

ONES = [
    *(measurement(value, "knock_out_drop", layer=layer, random_cells=0.01)
      for layer, value in enumerate((0.5, 0.75))),
    measurement(0.25, "knock_out_kept", layer=1, random_cells=0.95, other_box=0.9, sink_cells=0.8),
    *(measurement(0.1, "even_drop", mechanism, layer=0, head=head)
      for mechanism in ("encoder_self", "decoder_self", "decoder_cross") for head in (None, 0, 1)),
    *(measurement(value, measure, mechanism, layer=1, nearness=0.5, random_order=0.625)
      for measure in ("deletion_area", "insertion_area")
      for mechanism, value in (("decoder_cross", 0.125), ("decoder_rollout", 0.25),
                               ("decoder_relevance", 0.375))),
]  # fmt: skip


def data(images: int, ones: list[Measurement] = ONES) -> GalleryData:
    measured = gallery(ones, images)
    return GalleryData(measured, summaries_of(measured))


@pytest.mark.parametrize("kind", CAUSAL_FIGURES, ids=lambda kind: kind.name)
@pytest.mark.parametrize("images", [1, 6])
def test_figures_of_few_and_of_enough_images(kind: FigureKind[GalleryData], images: int) -> None:
    one = data(images)
    assert kind.applies(one)
    assert kind.draw(one, FigureOptions()).axes
    assert "0" in kind.alt(one)


@pytest.mark.parametrize("kind", CAUSAL_FIGURES, ids=lambda kind: kind.name)
def test_there_is_no_figure_of_what_was_not_tested(kind: FigureKind[GalleryData]) -> None:
    assert not kind.applies(data(6, [measurement(1.0)]))


@pytest.mark.slow
def test_numbers_are_where_they_belong() -> None:
    knock_outs, _, orders = CAUSAL_FIGURES
    lost, survive = knock_outs.draw(data(6), FigureOptions()).axes
    mean = next(line for line in lost.lines if line.get_gid() == "mean")
    np.testing.assert_allclose(np.asarray(mean.get_ydata()), [0.5, 0.75])
    np.testing.assert_allclose(widths(survive), [0.25, 0.9, 0.8, 0.95])
    deleted, _ = orders.draw(data(6), FigureOptions()).axes
    np.testing.assert_allclose(widths(deleted), [0.125, 0.25, 0.375, 0.5, 0.625])
    assert "attention 0.125, rollout 0.250, relevance 0.375" in orders.alt(data(6))


def widths(axes: Axes) -> list[float]:
    return [bar.get_width() for bar in axes.patches if isinstance(bar, Rectangle)]


@pytest.mark.slow
def test_sampled_attention_stands_where_cross_attention_would() -> None:
    ones = [
        replace(one, mechanism="decoder_points")
        for one in ONES
        if one.mechanism == "decoder_cross" and not one.measure.endswith("_area")
    ]
    knock_outs, heads, orders = CAUSAL_FIGURES
    lost, survive = knock_outs.draw(data(6, ones), FigureOptions()).axes
    mean = next(line for line in lost.lines if line.get_gid() == "mean")
    np.testing.assert_allclose(np.asarray(mean.get_ydata()), [0.5, 0.75])
    np.testing.assert_allclose(widths(survive), [0.25, 0.9, 0.8, 0.95])
    assert not orders.applies(data(6, ones))
    said = heads.alt(data(6, ones))
    assert "not measured, as other queries would be chosen" not in said
    assert "ecoder cross-attention: from" in said
    ones = [one for one in ones if one.head is None or one.mechanism != "encoder_self"]
    ones.append(measurement(1.0, "removed_detected", "encoder_self"))
    assert "not measured, as other queries would be chosen" in heads.alt(data(6, ones))
    ones = [one for one in ones if one.mechanism != "encoder_self"]
    assert "not for sampled attention" in heads.alt(data(6, ones))
