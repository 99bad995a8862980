import numpy as np

from generator.figures.training import training_alt, training_figure

CURVE = [
    {"scenes": 1000, "loss": 9.5},
    {"scenes": 2000, "loss": 4.0},
    {"scenes": 2000, "AP": 0.1, "AP50": 0.3},
    {"scenes": 3000, "loss": 2.5},
    {"scenes": 3000, "AP": 0.5, "AP50": 0.75},
]


def test_curves_hold_what_was_logged() -> None:
    figure = training_figure(CURVE, [(0, 128), (1500, 224)])
    left, right = figure.axes
    (loss, first, second) = left.lines
    assert np.asarray(loss.get_xydata()).tolist() == [[1.0, 9.5], [2.0, 4.0], [3.0, 2.5]]
    assert [np.asarray(line.get_xdata())[0] for line in (first, second)] == [0.0, 1.5]
    assert [text.get_text().strip() for text in left.texts] == ["128 px", "224 px"]
    by_label = {line.get_label(): line for line in right.lines}
    assert np.asarray(by_label["AP"].get_ydata()).tolist() == [10.0, 50.0]
    assert np.asarray(by_label["AP50"].get_ydata()).tolist() == [30.0, 75.0]


def test_words() -> None:
    words = training_alt(CURVE)
    assert "loss falls from 9.5 to 2.5" in words
    assert "AP rises from 10 to 50 per cent" in words
    assert "AP50 rises from 30 to 75 per cent" in words


def test_nothing_logged_is_no_crash() -> None:
    assert len(training_figure([], []).axes) == 2
    assert training_alt([]) == "Empty axes."
