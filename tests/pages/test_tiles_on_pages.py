"""Figures in tiles on pages: pictures with their words beside them, and one picture on paper."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import markdown
import pytest

from generator.figures.figure_file import Cell, FigureFile, Mark, NarrowFile, Row, Table, TileFile
from generator.pages.render import render_pages
from tests.invented import built, invented_contents, invented_project, invented_result

PAGE = """# Home

{{ figure(results[0].figures["decoder"], "Where *they* look.", "looks") }}

After.
"""
MARKS = (
    Mark("7", (0.25, 0.5), "#0077bb", "white", "a <cat> & 99 %", (0.0, 1.0)),
    Mark("wide", (0.5, 0.5), "#0077bb", "white", screens="wide"),
)
SIZE = (20, 10)
FIRST, SECOND, WHOLE = (f"figures/cats/decoder{end}.webp" for end in ("-1", "-2", ""))
TILES = (
    TileFile(FIRST, 'A "map"', SIZE, "query 7", "<1 %", "#0077bb", "white", MARKS, True),
    TileFile(SECOND, "Another", SIZE, "Layer 1", "", "", "", (), False),
)
ROW = Row("7", "#0077bb", "white", "cat", (Cell("−0.98", "#999999", "#0077bb"),), "the rest")
TABLE = Table("The costs", (("1", "cat"),), (ROW,), "2 more")
TILED = FigureFile(WHOLE, "All", SIZE, TILES, "Layer 6.", ("#000000", "#ffffff"), 5, TABLE)


def page(root: Path, file: FigureFile, target: str = "site") -> str:
    result = invented_result("cats")
    result = replace(result, figures={**result.figures, "decoder": file})
    config = invented_project(root, {"index.md": PAGE})
    pages, _ = render_pages(config, invented_contents([result], built([result])), target)  # type: ignore[arg-type]
    return pages["index.md"]


def html(text: str) -> ET.Element:
    """What MkDocs makes of it."""
    extensions = ["attr_list", "md_in_html", "pymdownx.blocks.caption"]
    body = markdown.markdown(text, extensions=extensions)
    body = re.sub(r"<(img|source)([^>]*[^/])>", r"<\1\2/>", body)
    return ET.fromstring(f"<body>{body}</body>")


@pytest.mark.slow
def test_each_tile_has_its_picture_and_its_words(tmp_path: Path) -> None:
    figure = html(page(tmp_path, TILED)).find("figure")
    assert figure is not None
    assert figure.get("id") == "looks"
    images = list(figure.iter("img"))
    assert [(one.get("src"), one.get("alt")) for one in images] == [
        ("figures/cats/decoder-1.webp", 'A "map"'), ("figures/cats/decoder-2.webp", "Another"),
    ]  # fmt: skip
    room = [one.get("style") for one in figure.iter("a") if one.get("class") == "tile-picture"]
    assert room == ["--width: 20; --height: 10"] * 2
    words = " ".join("".join(figure.itertext()).split())
    for text in ("query 7", "<1 %", "Layer 1", "a <cat> & 99 %", "Layer 6.", "−0.98", "the rest"):
        assert text in words
    assert "Where they look." in " ".join("".join(figure.find("figcaption").itertext()).split())  # type: ignore[union-attr]
    assert "decoder.webp" not in ET.tostring(figure, "unicode")


@pytest.mark.slow
def test_marks_stand_where_they_belong_and_are_not_read_twice(tmp_path: Path) -> None:
    figure = html(page(tmp_path, TILED)).find("figure")
    assert figure is not None
    first, second = (one for one in figure.iter("span") if "tile-mark" in one.get("class", ""))
    assert "left: 25.00%; top: 50.00%; transform: translate(0%, -100%)" in first.get("style", "")
    assert first.get("aria-hidden") == second.get("aria-hidden") == "true"
    assert "on-wide" in second.get("class", "")


@pytest.mark.slow
def test_grid_says_how_many_columns_matter(tmp_path: Path) -> None:
    text = page(tmp_path, TILED)
    assert 'class="tiles tiles-rows" style="--columns: 5"' in text
    text = page(tmp_path / "b", replace(TILED, columns=0, table=None, remark="", scale=()))
    assert 'class="tiles"' in text
    assert "tiles-remark" not in text
    assert "costs" not in text
    wide = replace(TILES[0], size_wh=(90, 10))
    assert "tiles-wide" in page(tmp_path / "c", replace(TILED, columns=0, tiles=(wide,)))


@pytest.mark.slow
def test_paper_shows_the_whole_figure(tmp_path: Path) -> None:
    text = page(tmp_path, TILED, "pdf")
    assert "![All](figures/cats/decoder.webp)" in text
    assert "tile" not in text


@pytest.mark.slow
def test_a_narrow_screen_gets_its_own_drawing(tmp_path: Path) -> None:
    file = FigureFile("a.svg", "Curves", (700, 200), narrow=NarrowFile("a-narrow.svg", (310, 600)))
    figure = html(page(tmp_path, file)).find("figure")
    assert figure is not None
    (source,) = figure.iter("source")
    assert (source.get("srcset"), source.get("height")) == ("a-narrow.svg", "600")
    (image,) = figure.iter("img")
    assert (image.get("src"), image.get("alt")) == ("a.svg", "Curves")
    assert "![Curves](a.svg)" in page(tmp_path / "pdf", file, "pdf")


@pytest.mark.slow
@pytest.mark.parametrize("target", ["site", "pdf"])
def test_a_plain_figure_is_as_before(tmp_path: Path, target: str) -> None:
    text = page(tmp_path, FigureFile("b.webp", "One", (20, 10)), target)
    assert "[![One](b.webp)" in text
