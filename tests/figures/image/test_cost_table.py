from __future__ import annotations

import functools
import re

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch, Rectangle

from generator.analysis.ground_truth import GroundTruth
from generator.analysis.matching import Matching, MatchingCosts, cheapest_matching
from generator.figures.image.cost_table import (
    MOST_OBJECTS,
    MOST_OTHERS,
    TableLayout,
    draw_table,
    lay_out,
)
from generator.figures.style import figure_style


def matching_of(queries: int, n: int, label: str = "cat") -> Matching:
    costs = np.random.default_rng(0).uniform(-1, 9, (queries, n))
    zeros = np.zeros_like(costs)
    truth = GroundTruth(np.zeros(n, np.int64), (label,) * n, np.zeros((n, 4)), (9, 9))
    return Matching(
        truth,
        cheapest_matching(costs),
        MatchingCosts(zeros, zeros, costs),
        ("dog",) * queries,
        np.full(queries, 0.5),
        np.zeros((queries, 4)),
    )


@functools.cache
def drawn(
    queries: int, n: int, label: str = "cat", widest: float = 6.8
) -> tuple[Axes, TableLayout]:
    """The table of `matching_of`; tests look at it and change nothing."""
    matching = matching_of(queries, n, label)
    layout = lay_out(matching, widest)
    with figure_style():
        axes = Figure(figsize=layout.size_wh, dpi=72).add_axes((0, 0, 1, 1))
        draw_table(axes, matching, layout, {int(matching.queries[0]): "#ff0000"})
    return axes, layout


def cells(axes: Axes) -> dict[tuple[int, int], str]:
    found = {}
    for text in axes.texts:
        place = re.fullmatch(r"cost-(\d+)-(\d+)", text.get_gid() or "")
        if place:
            found[int(place[1]), int(place[2])] = text.get_text()
    return found


@pytest.mark.slow
@pytest.mark.parametrize(("queries", "n"), [(20, 1), (20, 2), (100, 8), (20, 8), (100, 20), (3, 5)])
def test_every_cell_holds_its_cost(queries: int, n: int) -> None:
    matching = matching_of(queries, n)
    axes, layout = drawn(queries, n)
    rows = (*layout.matched, *layout.others)
    shown = cells(axes)
    assert len(shown) == len(rows) * len(layout.objects)
    for (row, column), text in shown.items():
        cost = matching.costs.total[rows[row], layout.objects[column]]
        assert float(text.replace("−", "-")) == pytest.approx(cost, abs=0.006)


@pytest.mark.slow
@pytest.mark.parametrize(("queries", "n"), [(20, 1), (100, 8), (100, 20), (3, 5)])
def test_exactly_the_matched_cells_are_framed(queries: int, n: int) -> None:
    matching = matching_of(queries, n)
    axes, layout = drawn(queries, n)
    frames = [p for p in axes.patches if isinstance(p, Rectangle) and p.get_gid() == "matched"]
    assert len(frames) == len(layout.matched) == min(queries, n, MOST_OBJECTS)
    rows, shown = (*layout.matched, *layout.others), cells(axes)
    places = {
        t.get_gid(): t.get_position() for t in axes.texts if (t.get_gid() or "").startswith("cost")
    }
    framed = [
        tuple(map(int, str(gid).split("-")[1:]))
        for gid, (x, y) in places.items()
        if any(
            f.get_x() < x < f.get_x() + f.get_width() and f.get_y() < y < f.get_y() + f.get_height()
            for f in frames
        )
    ]
    assert len(framed) == len(frames)
    assert all(matching.queries[layout.objects[c]] == rows[r] for r, c in framed)
    assert set(framed) <= set(shown)


def test_matched_queries_come_in_the_order_of_their_objects_then_the_nearest_others() -> None:
    matching = matching_of(20, 4)
    layout = lay_out(matching, 6.8)
    assert layout.matched == tuple(matching.queries.tolist())
    assert len(layout.others) == MOST_OTHERS
    own = matching.costs.total[matching.queries, np.arange(4)]
    more = (matching.costs.total - own).min(axis=1)
    free = [query for query in range(20) if query not in layout.matched]
    assert list(layout.others) == sorted(free, key=lambda query: more[query])[:MOST_OTHERS]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("queries", "n", "words"),
    [
        (100, 8, ["without an object", "87 more queries not shown"]),
        (7, 1, ["without an object", "1 more query not shown"]),
        (6, 1, ["without an object"]),
        (1, 1, []),
        (100, 13, ["without an object", "83 more queries and 1 more object not shown"]),
        (3, 5, []),
    ],
)
def test_what_is_left_out_is_mentioned(queries: int, n: int, words: list[str]) -> None:
    axes, _ = drawn(queries, n)
    texts = [text.get_text() for text in axes.texts]
    assert [text for text in texts if "without" in text or "shown" in text] == words


@pytest.mark.slow
@pytest.mark.parametrize("label", ["cat", "baseball glove"])
@pytest.mark.parametrize("n", [1, 3, 8, 30])
@pytest.mark.parametrize("widest", [3.4, 6.8])
def test_the_table_is_as_wide_as_it_may_be_and_its_numbers_fit(
    n: int, label: str, widest: float
) -> None:
    axes, layout = drawn(40, n, label, widest)
    least = lay_out(matching_of(40, n, label), 0).size_wh[0]
    assert layout.size_wh[0] <= max(widest, least) + 1e-9
    assert least <= 6.88  # inches: a figure without its margins
    for text in axes.texts:
        is_heading = text.get_text() == "baseball gl…" and not layout.slanted
        if is_heading or (text.get_gid() or "").startswith("cost"):
            assert text.get_window_extent().width / 72 < layout.column


def test_colours_of_queries_are_on_their_chips() -> None:
    axes, _ = drawn(20, 2)
    chips = [patch for patch in axes.patches if isinstance(patch, FancyBboxPatch)]
    assert len(chips) == 2 + MOST_OTHERS
    assert chips[0].get_facecolor() == (1, 0, 0, 1)
    assert len({chip.get_facecolor() for chip in chips[1:]}) == 1


def test_a_negative_cost_has_a_true_minus() -> None:
    assert any(text.startswith("−") for text in cells(drawn(20, 2)[0]).values())
