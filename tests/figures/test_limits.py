"""The figure of where a model ends."""

from __future__ import annotations

from typing import Any

import pytest
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from generator.figures.limits import limits_alt, limits_figure
from generator.figures.training import training_kinds

LIMITS: dict[str, list[dict[str, Any]]] = {
    "side": [
        {"low": 0.1, "high": 0.2, "objects": 3, "found": 0.5},
        {"low": 0.2, "high": 0.6, "objects": 9, "found": 1.0},
    ],
    "degrees": [
        {"low": 0.0, "high": 10.0, "objects": 12, "found": 0.75},
        {"low": 10.0, "high": 30.0, "objects": 0, "found": None},
    ],
    "visible": [{"low": 0.4, "high": 1.0, "objects": 12, "found": 0.75}],
}


def bars(axes: Axes) -> list[tuple[float, float, float]]:
    """The left end, the width and the height of each."""
    shapes = [bar for bar in axes.patches if isinstance(bar, Rectangle)]
    return [(bar.get_x(), bar.get_width(), bar.get_height()) for bar in shapes]


def test_bars_are_as_wide_as_their_ranges_and_as_high_as_what_is_found() -> None:
    side, degrees, visible = limits_figure(LIMITS).axes
    assert bars(side) == [pytest.approx((10, 10, 50)), pytest.approx((20, 40, 100))]
    assert bars(degrees) == [(0, 10, 75)]  # nothing where nothing was
    assert degrees.get_xlim() == (0, 30)
    assert visible.get_xlim() == pytest.approx((40, 100))


def test_words_hold_every_share() -> None:
    words = limits_alt(LIMITS)
    assert "By size, longer side, in per cent of the short side: 10 to 20: 50 %" in words
    assert "20 to 60: 100 %" in words
    assert "10 to 30" not in words


def test_a_model_has_the_figure_if_its_limits_were_measured() -> None:
    logs: dict[str, dict[str, Any]] = {"first": {"limits": LIMITS}, "second": {}}
    names = [kind.name for kind in training_kinds(logs)]
    assert names == ["first-training", "second-training", "first-limits"]
