"""The diagram of the workflow: its words, the drawing, and the documented fallback."""

from __future__ import annotations

import html
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import pytest
from markdown.extensions.toc import slugify

from generator.detr.model_profile import PARTS, ModelProfile, Part
from generator.detr.zoo import model_card
from generator.pages.contents import Contents, ImageResult
from generator.pages.model_diagram import (
    TWO_CATS,
    documented_workflow,
    percent_of,
    short_count,
    workflows_of,
)
from generator.pages.render import render_pages
from tests.invented import TEMPLATES, built, invented_project, invented_result

SECTION = (TEMPLATES.parent / "content/q1.md").read_text(encoding="utf-8")
SECTION = SECTION.split("## Attention in one formula")[0]
SVG = "{http://www.w3.org/2000/svg}"


def result_of(model: str, slug: str, n: int = 1, width: int = 608, title: str = "") -> ImageResult:
    """A result whose input was `width` pixels wide."""
    result = invented_result(slug, n, model=model, title=title or slug.title())
    shapes = {**TWO_CATS.shapes, "input": (3, 448, width)}
    return replace(result, profile=ModelProfile(shapes, TWO_CATS.parts))


def contents_of(*results: ImageResult) -> Contents:
    cards = tuple(model_card(name) for name in dict.fromkeys(r.entry.model for r in results))
    return Contents(results, tuple(built(results)), {}, cards)


def rendered(root: Path, *results: ImageResult) -> dict[str, str]:
    config = invented_project(root, {"q1.md": SECTION})
    return render_pages(config, contents_of(*results))[0]


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"), (999, "999"), (1028, "1.03 k"), (9999, "10.0 k"), (23_644, "23.6 k"),
        (524_544, "525 k"), (999_999, "1.00 M"), (23_454_912, "23.5 M"),
        (81_167_232_000, "81.2 G"), (1_234_567_890_123, "1230 G"),
    ],
)  # fmt: skip
def test_counts_have_three_digits(number: int, text: str) -> None:
    assert short_count(number) == text


@pytest.mark.parametrize(
    ("share", "text"),
    [(1.0, "100 %"), (0.862, "86 %"), (0.0996, "10 %"), (0.0994, "9.9 %"), (0.001, "0.1 %"),
     (0.0009, "< 0.1 %")],
)  # fmt: skip
def test_shares_in_per_cent(share: float, text: str) -> None:
    assert percent_of(share) == text


def test_examples_model_comes_first_and_every_other_model_once() -> None:
    results = [
        result_of("detr_emoji", "a"),
        result_of("detr_demo", "b"),
        result_of("detr_emoji", "c"),
        result_of("detr_resnet50_dc5", "d"),
        result_of("detr_demo", "e"),
    ]
    flows = workflows_of(contents_of(*results), results[2])
    assert [(flow.card.name, flow.image) for flow in flows] == [
        ("detr_emoji", "C"), ("detr_demo", "B"), ("detr_resnet50_dc5", "D"),
    ]  # fmt: skip
    assert [flow.minimal for flow in flows] == [False, True, False]
    assert flows[0].rows["encoder"].about == "3 layers, self-attention"
    assert flows[1].rows["box_head"].about == "1 layer, sigmoid"
    assert flows[2].rows["backbone"].about == "ResNet-50, dilated"


def test_without_any_result_the_documented_sizes_stand_in() -> None:
    (flow,) = workflows_of(Contents(), None)
    assert flow == documented_workflow()
    assert (flow.image, flow.parameters, flow.work) == (None, "41.5 M", "81.2 G")
    assert tuple(flow.rows) == PARTS
    assert flow.rows["positions"].work.text == "none"


@pytest.mark.slow
def test_diagram_is_well_formed_and_carries_every_shape(tmp_path: Path) -> None:
    title = 'Tom & "Jerry" <b>'
    pages = rendered(tmp_path, result_of("detr_emoji", "cats", title=title))
    drawing = ET.fromstring(pages["models/detr_emoji-workflow.svg"])
    texts = ["".join(element.itertext()) for element in drawing.iter(f"{SVG}text")]
    for shape in (
        "3 × 480 × 640", "3 × 448 × 608", "2048 × 25 × 34features", "256 × 25 × 34",
        "850 × 256tokens", "850 × 256", "850 × 256memory", "100 × 256",
        "100 × 92class scores", "100 × 4box numbers",
    ):  # fmt: skip
        assert shape in texts
    assert drawing.findtext(f"{SVG}title") == f"The workflow of DETR-Emoji on the image {title}"
    description = drawing.findtext(f"{SVG}desc") or ""
    assert "is resized to 3 × 448 × 608." in description
    assert "Backbone: 23.5 M (56 % of all) parameters, 70.0 G (86 % of all)" in description
    assert "Object queries: 25.6 k (< 0.1 % of all) parameters, no multiply-adds." in description


@pytest.mark.slow
def test_bars_are_as_long_as_their_shares(tmp_path: Path) -> None:
    result = invented_result()
    parts = {part: Part(1, 3 if part == "decoder" else 0) for part in PARTS}
    result = replace(result, profile=ModelProfile(TWO_CATS.shapes, parts))
    drawing = ET.fromstring(rendered(tmp_path, result)["models/detr_emoji-workflow.svg"])
    bars = [bar for bar in drawing.iter(f"{SVG}rect") if bar.get("height") == "7"]
    whole = float(next(bar for bar in bars if bar.get("class") == "flow-track").get("width", ""))
    drawn = [float(bar.get("width", "")) for bar in bars if bar.get("class") != "flow-track"]
    assert sorted(drawn) == pytest.approx([*[whole / 8] * 8, whole], abs=0.06)


def narrow(page: str) -> ET.Element:
    """The drawing for narrow screens, in a page."""
    found = re.search(r'<svg class="flow flow-narrow".*?</svg>', page, re.DOTALL)
    assert found
    return ET.fromstring(found[0].replace("<svg ", f'<svg xmlns="{SVG.strip("{}")}" ', 1))


@pytest.mark.slow
def test_narrow_drawing_says_the_same_in_letters_that_a_telephone_shows(tmp_path: Path) -> None:
    pages = rendered(tmp_path, result_of("detr_emoji", "cats"))
    wide, tall = ET.fromstring(pages["models/detr_emoji-workflow.svg"]), narrow(pages["q1.md"])
    wide_texts, tall_texts = (
        [one for one in drawing.iter(f"{SVG}text") if one.get("class") == "flow-shape"]
        for drawing in (wide, tall)
    )
    assert {"".join(one.itertext()) for one in wide_texts} == {
        "".join(one.itertext()) for one in tall_texts
    }
    assert tall.findtext(f"{SVG}desc") == wide.findtext(f"{SVG}desc")
    width = float(tall.get("viewBox", "").split()[2])
    sizes = [float(one.get("font-size", "99")) for one in tall.iter() if one.get("font-size")]
    assert min(sizes) * 358 / width >= 12  # CSS pixels, on a screen of 390
    tops: dict[str, list[float]] = {"flow-track": [], "flow-sheet": []}
    for one in tall.iter(f"{SVG}rect"):
        tops.get(one.get("class", ""), []).append(float(one.get("y", "")))
    assert len(tops["flow-sheet"]) == 8
    for station in tops["flow-sheet"]:  # two bars under each
        assert sum(station < bar < station + 100 for bar in tops["flow-track"]) == 2


@pytest.mark.slow
def test_positions_enter_every_layer_or_once(tmp_path: Path) -> None:
    pages = rendered(tmp_path, result_of("detr_emoji", "a", 2), result_of("detr_demo", "b"))
    assert "<circle" not in pages["models/detr_emoji-workflow.svg"]
    assert "<circle" in pages["models/detr_demo-workflow.svg"]  # the sum before the encoder


@pytest.mark.slow
def test_page_draws_the_examples_model_and_compares_the_others(tmp_path: Path) -> None:
    others = result_of("detr_emoji", "a", 2), result_of("detr_emoji", "c")
    pages = rendered(tmp_path, result_of("detr_demo", "b"), *others)
    page = pages["q1.md"]
    assert page.count("<svg") == page.count("on the image A</title>") == 2  # wide and narrow
    tables = {}
    for kind, table in re.findall(
        r"^\| (Parameters|Multiply-adds) (\|.*?)\n\n", page, re.MULTILINE | re.DOTALL
    ):
        head, _, *rows = [row.strip("| ").split(" | ") for row in table.split("\n")]
        models = [re.split("<br>", row[0])[0] for row in rows]
        assert models == ["DETR-Emoji", "Minimal DETR"]
        assert all(len(row) == 1 + len(head) for row in rows)
        encoder = 1 + head.index("encoder")
        cells = [html.unescape(re.sub("<[^>]*>", " ", row[encoder])) for row in rows]
        tables[kind] = [" ".join(cell.split()) for cell in cells]
    assert tables == {"Parameters": ["19 % 7.89 M"] * 2, "Multiply-adds": ["11 % 8.90 G"] * 2}
    assert "[diagram](models/detr_demo-workflow.svg)" in page
    assert "xmlns" not in page
    assert "<style" not in page


@pytest.mark.slow
def test_page_of_one_model_has_no_comparison(tmp_path: Path) -> None:
    page = rendered(tmp_path, result_of("detr_emoji", "a"), result_of("detr_emoji", "b"))["q1.md"]
    assert "The same for each model" not in page
    assert "recorded\nwhile the image &#8220;A&#8221; went through it" in page
    assert "| resized and normalised |" in page
    assert "| 3 × 448 × 608 | 3 × 800 × 1066 |" in page


@pytest.mark.slow
def test_page_without_results_says_that_its_sizes_are_documented(tmp_path: Path) -> None:
    pages = rendered(tmp_path)
    assert "No model ran in this build" in pages["q1.md"]
    assert "The workflow of DETR-R50</title>" in pages["q1.md"]
    assert "models/detr_resnet50-workflow.svg" in pages


@pytest.mark.slow
def test_stations_lead_to_sections_of_q1_and_tell_what_goes_in_and_out(tmp_path: Path) -> None:
    pages = rendered(tmp_path, result_of("detr_emoji", "cats"))
    links = re.findall(
        r'<a class="flow-station" href="q1.html#([^"]+)"><title>([^<]+)</title>', pages["q1.md"]
    )
    assert len(links) == 2 * len(PARTS)  # in the wide drawing and in the narrow one
    q1 = (TEMPLATES.parent / "content/q1.md").read_text(encoding="utf-8")
    headings = {slugify(one, "-") for one in re.findall(r"^#+ (.+)$", q1, re.MULTILINE)}
    assert {section for section, _ in links} <= headings
    words = dict(one.split(": ", 1) for _, one in links)
    assert words["Backbone"] == "3 × 448 × 608 in, 2048 × 25 × 34 out. Q1 explains it."
    assert words["Object queries"] == "100 × 256 out. Q1 explains it."
    assert "<a " not in pages["models/detr_emoji-workflow.svg"]
