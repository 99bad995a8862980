import numpy as np
import pytest

from generator.figures.gallery.lift import lift_alt, lift_figure, lift_summaries
from tests.figures.gallery.planted import by_head, full, gallery, summaries_of


@pytest.mark.slow
def test_predicted_and_true_boxes_next_to_each_other_with_controls() -> None:
    figure = lift_figure(summaries_of(gallery(full())), {})
    predicted, true = figure.axes
    assert (predicted.get_title(), true.get_title()) == (
        "boxes that the model predicted", "boxes that are really there",
    )  # fmt: skip
    drawn = {
        line.get_gid(): np.asarray(line.get_ydata()).tolist()
        for line in predicted.lines
    }  # fmt: skip
    assert drawn["mean"] == pytest.approx([6, 7, 8])
    assert drawn["uniform"] == [1, 1, 1]
    assert drawn["shuffled"] == [0.25, 0.25, 0.25]
    assert drawn["unmatched"] == [4, 4, 4]
    assert predicted.get_yscale() == "log"
    low, high = predicted.get_ylim()
    assert low < 0.25 < 8 < high


def test_without_true_boxes_there_is_one_panel() -> None:
    assert len(lift_figure(summaries_of(gallery(full(true=False))), {}).axes) == 1


@pytest.mark.slow
def test_a_model_without_detections_says_so() -> None:
    summaries = summaries_of(
        gallery(full()), gallery(full(found=False, layers=6), 1, model="detr_resnet50")
    )
    figure = lift_figure(summaries, {})
    assert len(figure.axes) == 4
    assert [axes.texts[0].get_text() for axes in figure.axes[2:]] == ["Nothing to measure."] * 2
    alt = lift_alt(summaries, {"detr_resnet50": "Large"})
    assert "Large, boxes that the model predicted: nothing to measure." in alt


def test_nothing_detected_is_nothing_to_draw() -> None:
    assert lift_summaries(summaries_of(gallery(full(found=False)))) == []


def test_a_lift_of_zero_stays_in_the_figure() -> None:
    measured = by_head("lift", "decoder_cross", lambda *_: 0.0, controls={"uniform": 1.0})
    figure = lift_figure(summaries_of(gallery(measured)), {})
    assert 0 < figure.axes[0].get_ylim()[0] < 0.01


def test_words() -> None:
    alt = lift_alt(summaries_of(gallery(full())), {})
    assert "Boxes that are really there: 6.00, 7.00, 8.00 in layers 1 to 3 (9 images" in alt
    assert "uniform map 1.00; with other detections' boxes 0.250; queries not kept 4.00." in alt
