"""Sampled attention in the explorer: what is drawn and said, next to Python's numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any

import numpy as np
import pytest

from generator.analysis.grid import Grid
from generator.figures.colours import point_colours
from generator.inference.forward_pass import ForwardPass
from generator.inference.sampled_points import SampledPoints
from generator.measures.points import mass_in_boxes
from generator.measures.target_boxes import TargetBoxes, query_boxes
from tests.exercises.browser import CHROMIUM, Browser
from tests.live.explorer_page import Example, Page
from tests.sampled import LEVELS

pytestmark = [
    pytest.mark.slow,
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here"),
]
# Of each point its middle, as fractions of the picture, its area as a share of a circle with all
# of a head's weight, its colour, and how many corners it has.
DRAWN = """(() => {
  const { clientWidth: width, clientHeight: height } = document.querySelector(".explorer-stage");
  return [...document.querySelectorAll(".explorer-points polygon")].map((one) => {
    const corners = one.getAttribute("points").split(" ").map((two) => two.split(",").map(Number));
    const mean = (i) => corners.reduce((sum, corner) => sum + corner[i], 0) / corners.length;
    const area = Math.abs(corners.reduce((sum, [x, y], i) => {
      const [nextX, nextY] = corners[(i + 1) % corners.length];
      return sum + (x * nextY - y * nextX) / 2;
    }, 0));
    return [mean(0) / width, mean(1) / height, area / (Math.PI * (0.058 * width) ** 2),
      one.getAttribute("fill"), corners.length];
  });
})()"""
CROSS = """(() => {
  const { clientWidth: width, clientHeight: height } = document.querySelector(".explorer-stage");
  const { x, y, width: w, height: h } = document.querySelector(".explorer-points path").getBBox();
  return [(x + w / 2) / width, (y + h / 2) / height];
})()"""
CORNERS = (32, 4)
"""Of the shapes of two levels."""


@pytest.fixture
def page(browser: Browser, examples: dict[str, Example]) -> Iterator[Page]:
    page = Page(browser, examples["birds"])
    yield page
    assert page.complaints() == []


def drawn(page: Page) -> list[list[Any]]:
    """The points, by their places."""
    page.says()
    return sorted(page.browser.evaluate(DRAWN))


def shows(
    page: Page,
    points: SampledPoints,
    layer: int,
    row: int,
    heads: Sequence[int] = (0, 1),
    levels: Sequence[int] = (0, 1),
) -> None:
    """Checks what is drawn of what a query or cell reads."""
    colours = point_colours(points.heads)
    wanted = sorted(
        [
            *points.places[layer, row, head, level, one].astype(float).tolist(),
            float(points.weights[layer, row, head, level, one]),
            colours[head],
            CORNERS[level],
        ]
        for head, level, one in product(heads, levels, range(3))
    )
    ours = drawn(page)
    assert [one[3:] for one in ours] == [one[3:] for one in wanted]
    found, expected = (np.array([one[:3] for one in some]) for some in (ours, wanted))
    np.testing.assert_allclose(found, expected, atol=1e-3)


def masses(forward: ForwardPass, layer: int) -> Any:
    """Python's measure of every query: what each head reads in its last box, in percent."""
    points, grid, boxes = forward.points["decoder_cross"], Grid.of(forward), query_boxes(forward)
    queries = len(boxes)
    places = points.places[layer].astype(float).reshape(queries, 2, 6, 2) * grid.size_wh
    weights = points.weights[layer].astype(float).reshape(queries, 2, 6).transpose(1, 0, 2)
    target = TargetBoxes(boxes, np.arange(queries), ("",) * queries)
    return 100 * mass_in_boxes(places, weights, target, grid, own=True)[..., 0]


def test_a_query_shows_its_points_and_what_lies_in_its_box(page: Page) -> None:
    forward = page.example.forward
    points, query = forward.points["decoder_cross"], int(masses(forward, 2).mean(axis=0).argmax())
    page.click_on(f".explorer-queries button[data-number='{query}']")
    shows(page, points, 2, query)
    np.testing.assert_allclose(page.browser.evaluate(CROSS), points.references[2, query], atol=1e-3)
    assert masses(forward, 2)[:, query].mean() > 3
    for layer, head in ((2, None), (0, 1)):
        page.set("layer", layer)
        page.set("head", "mean" if head is None else head)
        mass = masses(forward, layer)[:, query]
        said = page.says()
        assert f" Query {query} (" in said
        found = re.search(r"([\d.]+|None) (?:% )?of the weight lies in its box", said)
        assert found
        told = 0.0 if found[1] == "None" else float(found[1])
        assert told == pytest.approx(mass.mean() if head is None else mass[head], abs=0.06)
    assert page.says().startswith("Layer 1 of 3, head 2, all levels. ")
    shows(page, points, 0, query, heads=[1])
    page.set("level", 1)
    shows(page, points, 0, query, heads=[1], levels=[1])
    of_level = 100 * float(points.weights[0, query, 1, 1].sum())
    assert f"reads 3 points here, with {of_level:.1f} % of the weight" in page.says()
    page.set("step", 1)
    assert "lies in its last box" in page.says()
    page.set("query", "among")
    assert "looks most at the queries" in page.says()
    assert drawn(page) == []


@pytest.mark.parametrize("width", [1440, 1000, 800])
@pytest.mark.parametrize("kind", ["cell", "query", "place"])
def test_what_is_pointed_at_stays_below_the_pointer(page: Page, kind: str, width: int) -> None:
    page.size(width, 1000)
    page.set("subject", kind)
    page.says()
    button = ".explorer-queries button[data-number='11']"
    before = page.place(button)
    page.point(before[0] + before[2] / 2, before[1] + before[3] / 2)
    assert "Query 11 (" in page.says()
    assert page.place(button) == before
    page.click_on(button)
    assert "Query 11 (" in page.says()


def test_a_cell_of_a_level_shows_its_points(page: Page) -> None:
    points, (fine, coarse) = page.example.forward.points["encoder_self"], LEVELS
    levels = "[...document.querySelector('[name=cell-level]').options].map((one) => one.text)"
    assert page.browser.evaluate(levels) == ["level 1 (6 × 8)", "level 2 (3 × 4)"]
    page.set("subject", "cell")
    left, top, width, height = page.place(".explorer-cells")
    page.click(left + width * 3.5 / fine[1], top + height * 4.5 / fine[0])
    assert "The cell in row 4, column 3 of level 1 reads 12 points." in page.says()
    shows(page, points, 1, 4 * fine[1] + 3)
    page.set("cell-level", 1)  # the cell at the same place
    assert "The cell in row 2, column 1 of level 2 reads 12 points." in page.says()
    before = fine[0] * fine[1]
    shows(page, points, 1, before + 2 * coarse[1] + 1)
    page.browser.evaluate("document.querySelector('.explorer-cells').focus()")
    page.browser.press("ArrowUp", 38)
    shows(page, points, 1, before + coarse[1] + 1)
    page.browser.evaluate("document.querySelector('.explorer-multiples').open = true")
    page.wait("document.querySelectorAll('.explorer-grid canvas').length === 2 * (2 + 1)")
    page.click_on(".explorer-grid button[aria-label='layer 1, head 2']")
    shows(page, points, 0, before + coarse[1] + 1, heads=[1])


def test_who_reads_at_a_place(page: Page) -> None:
    points, (rows, columns) = page.example.forward.points["decoder_cross"], LEVELS[0]
    size = np.array(page.example.forward.size_hw[::-1])
    x, y = points.places[2, 5, 0, 0, 0] * (columns, rows) // 1  # query 5 reads near this one
    middle = (np.array([x, y]) + 0.5) / (columns, rows)
    page.size(390, 800, is_phone=True)
    try:
        page.open(page.example.page)
        page.set("subject", "place")
        left, top, width, height = page.place(".explorer-cells")
        page.tap(left + width * middle[0], top + height * middle[1])
        said = page.says()
        assert page.browser.evaluate(
            "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
        )
    finally:
        page.size(1440, 1000)
    apart = np.linalg.norm((points.places[2] - middle) * size, axis=-1)  # (Q, heads, levels, 3)
    near = apart <= 0.03 * size.max()
    shares = (points.weights[2] * near).sum(axis=(1, 2, 3)) / 2
    first, *others = np.argsort(-shares)[: min(4, np.count_nonzero(shares))].tolist()
    assert others, "the place has to be one where several read"
    assert f"{np.count_nonzero(shares)} queries read points. Query {first} (" in said
    assert f"its weight there: {100 * shares[first]:.1f} %." in said
    for query in others:
        assert f"{query} ({100 * shares[query]:.1f} %)" in said
    assert {first, *others} <= set(page.boxes())
    assert len(drawn(page)) == np.count_nonzero(near[np.argsort(-shares)[:5]])
