"""The explorer in a page that was opened from a file: mouse, finger, keys, and NumPy's maps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote, urlsplit

import numpy as np
import pytest

from generator.analysis.detections import detect
from tests.exercises.browser import CHROMIUM, Browser
from tests.live.explorer_page import COLOURS, IDLE, Example, Page
from tests.live.explorer_site import HEADS, LAYERS, QUERIES
from tests.live.server import served

pytestmark = [
    pytest.mark.slow,
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here"),
]


@pytest.fixture(params=["cats", "dogs"])
def page(
    request: pytest.FixtureRequest, browser: Browser, examples: dict[str, Example]
) -> Iterator[Page]:
    page = Page(browser, examples[request.param])
    yield page
    assert page.complaints() == []


def test_nothing_is_loaded_before_it_is_asked_for(page: Page) -> None:
    loading = "[...Live.explorers[0].source._loading.keys()]"
    assert page.browser.evaluate(loading) == []
    assert page.boxes() == sorted(detect(page.example.forward, 0.9).queries.tolist())
    page.point(*page.in_cell((1, 1)))
    page.says()
    assert page.browser.evaluate(loading) == ["encoder_self-2.js"]


def test_pointing_at_cells_shows_where_they_look(page: Page) -> None:
    maps, error = page.example.maps, page.example.error("encoder_self", 2)
    rows, columns = page.example.forward.grid_hw
    for cell in ((0, 0), (2, 3), (rows - 1, columns - 1)):
        page.point(*page.in_cell(cell))
        page.shows(maps.encoder_row(cell, 2), error)
        assert f"The cell in row {cell[0]}, column {cell[1]} looks most at" in page.says()
    page.point(5, 5)
    assert page.wait("Live.explorers[0].view() === null") is True


def test_layers_heads_and_columns(page: Page) -> None:
    maps = page.example.maps
    page.click(*page.in_cell((3, 2)))
    for layer, head in ((0, None), (1, 3), (2, 0)):
        page.set("layer", layer)
        page.set("head", "mean" if head is None else head)
        error = page.example.error("encoder_self", layer)
        page.set("cell", "row")
        page.shows(maps.encoder_row((3, 2), layer, head), error)
        page.set("cell", "column")
        page.shows(maps.encoder_column((3, 2), layer, head), error)
        of = "mean of the heads" if head is None else f"head {head + 1}"
        assert page.says().startswith(f"Layer {layer + 1} of 3, {of}. ")


def test_the_printed_numbers_are_pythons(page: Page) -> None:
    maps = page.example.maps
    page.click(*page.in_cell((3, 2)))
    row = maps.encoder_row((3, 2), 2)
    best = np.unravel_index(row.argmax(), row.shape)
    assert f"the one in row {best[0]}, column {best[1]}: {100 * row.max():.1f} %" in page.says()
    page.set("cell", "column")
    column = maps.encoder_column((3, 2), 2)
    said = page.says()
    assert f"All cells together give it {column.sum():.2f} times an even share." in said
    is_rounded = page.example.explorer.layers[0].path.startswith("attention/dogs")
    assert (f": {100 * column.max():.1f} %" in said) is not is_rounded
    error = page.browser.evaluate("document.querySelector('.explorer-error').textContent")
    points = float(error.split("off by more than ")[1].split()[0])
    assert points == pytest.approx(100 * page.example.error("encoder_self", 2))


def test_a_tap_and_the_arrow_keys_choose_cells(page: Page) -> None:
    maps, error = page.example.maps, page.example.error("encoder_self", 2)
    page.size(390, 800, is_phone=True)
    try:
        page.open(page.example.page)
        page.tap(*page.in_cell((4, 1)))
        page.shows(maps.encoder_row((4, 1), 2), error)
        assert page.browser.evaluate(
            "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
        )
    finally:
        page.size(1440, 1000)
    page.browser.evaluate("document.querySelector('.explorer-cells').focus()")
    page.browser.press("ArrowRight", 39)
    page.browser.press("ArrowUp", 38)
    page.shows(maps.encoder_row((3, 2), 2), error)
    for _ in range(12):
        page.browser.press("ArrowUp", 38)
    page.shows(maps.encoder_row((0, 2), 2), error)


@pytest.mark.parametrize("name", ["birds", "cats"])
@pytest.mark.parametrize("width", [1440, 390])
def test_nothing_jumps_while_it_comes_to_life(
    browser: Browser, examples: dict[str, Example], name: str, width: int
) -> None:
    page = Page(browser, examples[name])
    try:
        page.size(width, 900)
        browser.open("about:blank")
        page.open(examples[name].page + "#explorer")
        page.wait(IDLE)
        top = browser.evaluate("document.querySelector('.explorer').getBoundingClientRect().top")
        assert 0 <= top < 450  # or the jumps would not be seen
        browser.evaluate("new Promise((done) => setTimeout(done, 100))")
        assert max(browser.evaluate("jumps"), default=0) < 0.01
    finally:
        page.size(1440, 1000)


def test_a_click_on_a_box_chooses_its_query(page: Page) -> None:
    found = detect(page.example.forward, 0.9)
    page.set("subject", "query")
    left, top, width, height = page.place(".explorer-cells")
    areas = np.prod(found.boxes_xyxy[:, 2:] - found.boxes_xyxy[:, :2], axis=1)
    least = int(areas.argmin())  # a click in the middle of the smallest box is on no other
    rows, columns = found.size_hw
    x, y = (found.boxes_xyxy[least, :2] + found.boxes_xyxy[least, 2:]) / 2
    page.click(left + width * x / columns, top + height * y / rows)
    query = int(found.queries[least])
    page.shows(page.example.maps.decoder_cross(2)[query], page.example.error("decoder_cross", 2))
    assert (
        f"Query {query} ({found.labels[least]} {int(found.scores[least] * 1000) / 1000:.3f})"
        in page.says()
    )
    assert [row[0] for row in page.lit() if row[0].isdigit()] == [str(query)]


def test_any_query_can_be_chosen_by_its_number_and_key(page: Page) -> None:
    kept = set(detect(page.example.forward, 0.9).queries.tolist())
    query = min(set(range(QUERIES)) - kept)
    page.click_on(f".explorer-queries button[data-number='{query}']")
    page.set("layer", 0)
    page.set("head", 2)
    expected = page.example.maps.decoder_cross(0, 2)
    page.shows(expected[query], page.example.error("decoder_cross", 0))
    assert f"Query {query} (no object 0.950" in page.says()
    assert query in page.boxes()
    page.browser.press("ArrowRight", 39)
    page.browser.press("Enter", 13, "\r")
    page.shows(expected[query + 1], page.example.error("decoder_cross", 0))
    stops = page.browser.evaluate(
        "document.querySelectorAll('.explorer-queries [tabindex=\"0\"]').length"
    )
    assert stops == 1


def test_self_attention_to_the_other_queries(page: Page) -> None:
    page.click_on(".explorer-queries button[data-number='5']")
    page.set("query", "among")
    page.set("layer", 1)
    weights = page.example.maps.decoder_self(1)[5]
    page.says()
    colours = page.browser.evaluate(
        "[...document.querySelectorAll('.explorer-queries button')].map((one) => "
        "one.style.background.match(/[0-9]+/g).map(Number))"
    )
    found = np.abs(np.array(colours)[:, None] - COLOURS).sum(axis=2).argmin(axis=1) / 255
    allowed = 2 * page.example.error("decoder_self", 1) / weights.max() + 1.01 / 255
    assert np.abs(found - weights / weights.max()).max() <= allowed
    assert {*np.argsort(-weights)[:5].tolist()} <= set(page.boxes())


def test_all_layers_and_heads_at_once(page: Page) -> None:
    page.click(*page.in_cell((1, 1)))
    page.browser.evaluate("document.querySelector('.explorer-multiples').open = true")
    page.wait(
        f"document.querySelectorAll('.explorer-grid canvas').length === {LAYERS * (HEADS + 1)}"
    )
    page.click_on(".explorer-grid button[aria-label='layer 2, head 4']")
    page.shows(page.example.maps.encoder_row((1, 1), 1, 3), page.example.error("encoder_self", 1))
    pressed = "[...document.querySelectorAll('.explorer-grid [aria-pressed=true]')]"
    assert page.wait(f"{pressed}.map((one) => one.ariaLabel).join() === 'layer 2, head 4'")
    colour = page.browser.evaluate(
        f"(() => {{ const canvas = {pressed}[0].querySelector('canvas'); "
        "return [...canvas.getContext('2d').getImageData(0, 0, 1, 1).data]; })()"
    )
    row = page.example.maps.encoder_row((1, 1), 1, 3)
    index = np.abs(COLOURS - colour[:3]).sum(axis=1).argmin()
    assert index / 255 == pytest.approx(float(row[0, 0] / row.max()), abs=0.05)


def test_threshold_and_decoder_layer_choose_boxes(page: Page) -> None:
    page.set("threshold", 0.95)
    assert page.boxes() == sorted(detect(page.example.forward, 0.95).queries.tolist())
    page.set("threshold", 0.05)
    page.set("step", 1)
    assert page.boxes() == sorted(detect(page.example.forward, 0.05, layer=0).queries.tolist())
    said = page.browser.evaluate("document.querySelector('[name=step-says]').value")
    assert said == f"1: {len(page.boxes())} boxes"


def test_rows_of_tables_light_up_with_their_boxes_and_maps(page: Page) -> None:
    best = int(detect(page.example.forward, 0.9).queries[0])
    row = f"a.query[data-query='{best}']"
    left, top, width, height = page.place(row)
    page.point(left + width / 2, top + height / 2)
    page.shows(page.example.maps.decoder_cross(2)[best], page.example.error("decoder_cross", 2))
    assert page.lit() == [[str(best), "cat"], ["1 cat", str(best)]]  # of detections, of costs
    lit = "[...document.querySelectorAll('.live-box.is-lit')].map((one) => one.dataset.query)"
    assert page.browser.evaluate(lit) == [str(best)]
    page.point(5, 5)
    assert page.lit() == []
    page.click_on(row)
    page.point(5, 5)
    page.shows(page.example.maps.decoder_cross(2)[best], page.example.error("decoder_cross", 2))
    assert len(page.lit()) == 2


def test_a_script_that_is_lost_is_told_of_and_tried_again(page: Page) -> None:
    site = Path(unquote(urlsplit(page.example.page).path)).parents[1]
    script = site / "attention" / Path(page.example.page).stem / "decoder_self-0.js"
    says = "document.querySelector('.explorer-says').textContent"
    script.rename(script.with_suffix(".lost"))
    try:
        page.click_on(".explorer-queries button[data-number='5']")
        page.set("query", "among")
        page.says()
        page.set("layer", 0)
        assert page.wait(f"{says}.includes('could not be loaded')")
    finally:
        script.with_suffix(".lost").rename(script)
    page.set("layer", 0)
    assert page.wait(f"{says}.startsWith('Layer 1 of 3')")


def test_a_server_has_the_same_explorer(browser: Browser, examples: dict[str, Example]) -> None:
    file = Path(unquote(urlsplit(examples["dogs"].page).path))
    site = file.parents[1]
    with served(site) as host:
        address = f"{host}/{file.relative_to(site).as_posix()}"
        page = Page(browser, replace(examples["dogs"], page=address))
        maps = page.example.maps
        page.point(*page.in_cell((2, 3)))
        page.shows(maps.encoder_row((2, 3), 2), page.example.error("encoder_self", 2))
        page.click_on(".explorer-queries button[data-number='5']")
        page.set("layer", 1)
        page.set("head", 3)
        page.shows(maps.decoder_cross(1, 3)[5], page.example.error("decoder_cross", 1))
        assert page.complaints() == []


def test_a_link_in_prose_leads_to_the_query(browser: Browser, examples: dict[str, Example]) -> None:
    page = Page(browser, examples["cats"])
    added = examples["cats"].page.replace("gallery/cats.html", "added.html")
    browser.open(added)
    address = browser.evaluate("document.querySelector('a.query').href")
    assert address == examples["cats"].page + "#query-3"
    page.open(address)
    page.shows(examples["cats"].maps.decoder_cross(2)[3], page.example.error("decoder_cross", 2))
    assert page.complaints() == []
