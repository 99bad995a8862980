from __future__ import annotations

import matplotlib
import numpy as np
from matplotlib.colors import to_rgb

from generator.figures.colours import point_colours, query_colours
from generator.figures.style import figure_style, ink_on


def test_a_hundred_queries_have_a_hundred_colours() -> None:
    colours = query_colours(range(100))
    assert list(colours) == list(range(100))
    assert len(set(colours.values())) == 100


def test_the_first_colours_are_far_apart() -> None:
    colours = np.array([to_rgb(colour) for colour in query_colours(range(8)).values()])
    distances = np.linalg.norm(colours[:, None] - colours[None], axis=2)
    assert distances[~np.eye(8, dtype=bool)].min() > 0.3


def test_a_query_keeps_the_colour_of_its_id() -> None:
    assert query_colours([12, 3])[12] == query_colours([12])[12] == query_colours([7, 12])[12]


def test_queries_that_would_share_a_colour_do_not() -> None:
    colours = query_colours([4, 12, 20])
    assert colours[4] == query_colours([4])[4]
    assert len(set(colours.values())) == 3


def test_a_lower_threshold_recolours_no_query() -> None:
    best_first = [int(q) for q in np.random.default_rng(0).permutation(100)]
    few, many = query_colours(best_first[:12]), query_colours(best_first)
    assert all(many[query] == colour for query, colour in few.items())


def test_numpy_ids_are_plain_keys() -> None:
    assert set(map(type, query_colours(np.array([3, 5])))) == {int}


def test_points_have_a_colour_each() -> None:
    assert len(set(point_colours(12))) == 12
    assert point_colours(0) == ()


def test_ink_contrasts_with_its_background() -> None:
    assert ink_on("#ffffff") == ink_on("#ffff00") == "black"
    assert ink_on("#000000") == ink_on("#0000ff") == "white"


def test_the_style_overrules_the_users_settings_and_gives_them_back() -> None:
    with matplotlib.rc_context({"lines.linewidth": 9.0, "font.size": 30.0}):
        with figure_style():
            assert matplotlib.rcParams["lines.linewidth"] == 1.5
            assert matplotlib.rcParams["font.family"] == ["DejaVu Sans"]
        assert matplotlib.rcParams["lines.linewidth"] == 9.0
        assert matplotlib.rcParams["font.size"] == 30.0
