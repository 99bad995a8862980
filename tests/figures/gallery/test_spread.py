import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.lines import Line2D

from generator.figures.gallery.spread import DISTANCE, ENTROPY, spread_alt, spread_figure
from tests.figures.gallery.planted import full, gallery, summaries_of


def lines(axes: Axes, gid: str) -> list[Line2D]:
    return [line for line in axes.lines if line.get_gid() == gid]


def ys(line: Line2D) -> list[float]:
    return [float(y) for y in np.asarray(line.get_ydata())]


@pytest.mark.slow
def test_a_panel_for_each_mechanism_with_mean_heads_and_controls() -> None:
    figure = spread_figure(summaries_of(gallery(full())), ENTROPY, {})
    encoder, among, cross = figure.axes
    assert [axes.get_title() for axes in figure.axes] == [
        "encoder self-attention", "decoder self-attention", "decoder cross-attention",
    ]  # fmt: skip
    (mean,) = lines(encoder, "mean")
    assert ys(mean) == pytest.approx([0.3, 0.35, 0.4])
    assert np.asarray(mean.get_xdata()).tolist() == [1, 2, 3]
    heads = lines(cross, "head")
    assert [ys(head)[0] for head in heads] == pytest.approx([0.31, 0.32, 0.33, 0.34])
    assert ys(lines(encoder, "uniform")[0]) == [1, 1, 1]
    assert not lines(encoder, "unmatched")
    assert ys(lines(among, "unmatched")[0]) == pytest.approx([0.9, 0.9, 0.9])
    assert encoder.get_ylim() == cross.get_ylim() == (0, 1.05)
    assert "mean over 9 images" in encoder.get_xlabel()


@pytest.mark.slow
def test_the_band_is_the_interval() -> None:
    images = [gallery(full(), 1, model="detr_emoji")[0] for _ in range(9)]
    spread = [
        type(image)(f"i{index}", image.model, tuple(
            type(one)(one.measure, one.mechanism, one.layer, one.head, one.value + index / 10,
                      one.count, one.controls) for one in image.measurements),
            image.query_boxes_cxcywh, 3)
        for index, image in enumerate(images)
    ]  # fmt: skip
    summaries = summaries_of(spread)
    encoder = spread_figure(summaries, ENTROPY, {}).axes[0]
    (band,) = [one for one in encoder.collections if isinstance(one, PolyCollection)]
    first = next(
        one for one in summaries
        if (one.key.measure, one.key.mechanism, one.key.layer, one.key.head)
        == ("entropy", "encoder_self", 0, None)
    )  # fmt: skip
    assert first.interval is not None
    corners = np.asarray(band.get_paths()[0].vertices)
    at_first = corners[corners[:, 0] == 1][:, 1]
    assert (at_first.min(), at_first.max()) == pytest.approx(
        (first.interval.low, first.interval.high)
    )


def test_few_images_are_hollow_and_called_few() -> None:
    summaries = summaries_of(gallery(full(), 2))
    figure = spread_figure(summaries, DISTANCE, {})
    (mean,) = lines(figure.axes[0], "mean")
    assert mean.get_markerfacecolor() == "white"
    assert not [one for one in figure.axes[0].collections if one.get_gid() == "interval"]
    assert any("not enough to tell" in text.get_text() for text in figure.texts)
    assert "2 images; not enough to tell" in spread_alt(summaries, DISTANCE, {})


def test_without_detections_the_decoder_panels_say_so() -> None:
    summaries = summaries_of(gallery(full(found=False), 1))
    figure = spread_figure(summaries, ENTROPY, {})
    assert lines(figure.axes[0], "mean")
    for axes in figure.axes[1:]:
        assert not axes.lines
        assert "No detections" in axes.texts[0].get_text()
    assert "Decoder cross-attention: nothing to measure." in spread_alt(summaries, ENTROPY, {})


@pytest.mark.slow
def test_models_are_rows_with_names_and_one_scale() -> None:
    summaries = summaries_of(
        gallery(full()), gallery(full(layers=6, heads=8), model="detr_resnet50")
    )
    titles = {"detr_emoji": "Small", "detr_resnet50": "Large"}
    figure = spread_figure(summaries, DISTANCE, titles)
    assert len(figure.axes) == 6
    assert {"Small", "Large"} <= {text.get_text() for text in figure.texts}
    assert len(lines(figure.axes[0], "head")) == 4
    assert len(lines(figure.axes[3], "head")) == 8
    assert len({axes.get_ylim() for axes in figure.axes}) == 1
    assert len(ys(lines(figure.axes[5], "mean")[0])) == 6
    alt = spread_alt(summaries, DISTANCE, titles)
    assert "Large, decoder self-attention: 0.300, 0.350, 0.400, 0.450, 0.500, 0.550 in" in alt
    one = spread_figure(summaries_of(gallery(full())), DISTANCE, titles)
    assert "Small" not in {text.get_text() for text in one.texts}


def test_words_carry_numbers_interval_and_controls() -> None:
    alt = spread_alt(summaries_of(gallery(full())), ENTROPY, {})
    assert (
        "Encoder self-attention: 0.300, 0.350, 0.400 in layers 1 to 3 (9 images; 95 % interval "
        "of the last 0.400 to 0.400); uniform map 1.00." in alt
    )
    assert "queries not kept 0.900" in alt


def test_one_layer_and_one_head_are_seen() -> None:
    figure = spread_figure(summaries_of(gallery(full(layers=1, heads=1))), ENTROPY, {})
    encoder = figure.axes[0]
    (uniform,) = lines(encoder, "uniform")
    assert uniform.get_marker() not in ("", "None", None)
    assert lines(encoder, "head")[0].get_marker() not in ("", "None", None)
