"""What a body is cut into, and that pages come out as they were planned."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typst

from generator.handout.typesetting import Typesetter, typst_of
from generator.handout.units import WHOLE_MM, Unit, as_pages, file_at, units_of
from tests.handout.test_typesetting import FIGURE, place, place_in, prepared
from tests.invented import TEMPLATES

CHAPTER = '<div class="chapter" data-file="q1.md" data-starts="chapter"></div><h1>A</h1>'
IMAGE = '<div class="chapter" data-file="gallery/a.md" data-starts="image"></div><h2>B</h2>'
NOTE = '<div class="admonition tip"><div class="admonition-title">T</div>{}</div>'


def units(html: str) -> tuple[Unit, ...]:
    return units_of(typst_of([html], TEMPLATES / "handout", place))


def test_unit_is_a_block_with_the_headings_before_it() -> None:
    html = (
        f'{CHAPTER}<h2>B</h2><p>a</p><div class="group"><h3>C</h3>{FIGURE}</div><p>Three:</p>'
        f"<ul><li>a</li></ul>{NOTE.format('<p>b</p>')}{IMAGE}"
        "<table><thead><tr><th>h</th></tr></thead><tbody><tr><td>c</td></tr></tbody></table>"
    )
    assert [(one.file, one.starts, one.level, one.kind) for one in units(html)] == [
        ("q1.md", "chapter", 1, "text"),
        ("q1.md", "", 3, "figure"),
        ("q1.md", "", 0, "text"),
        ("q1.md", "", 0, "note"),
        ("gallery/a.md", "image", 2, "table"),
    ]


def test_cut_body_is_whole() -> None:
    body = typst_of([f"{CHAPTER}<p>a</p>{FIGURE}<p>b</p>"], TEMPLATES / "handout", place)
    assert "".join(one.markup for one in units_of(body)) == body


def test_heading_without_anything_below_is_a_unit() -> None:
    assert [one.level for one in units(f"{CHAPTER}<p>a</p><h2>B</h2>")] == [1, 2]


def test_every_heading_of_the_first_level_begins_a_page() -> None:
    assert [one.starts for one in units(f"{CHAPTER}<p>a</p><h1>B</h1><p>b</p>")] == ["chapter"] * 2


def test_line_that_announces_a_list_is_in_its_unit() -> None:
    (unit,) = units(f"{CHAPTER}<p>Three:</p><ul><li>a</li></ul>")
    assert "Three:" in unit.markup
    assert "- a" in unit.markup


def test_line_of_a_source_is_from_the_page_whose_mark_comes_before() -> None:
    source = "#let a = 1\n" + "".join(one.markup for one in units(f"{CHAPTER}<p>a</p>{IMAGE}"))
    lines = source.split("\n")
    assert file_at(source, 1) == ""
    assert file_at(source, lines.index("= A") + 1) == "q1.md"
    assert file_at(source, lines.index("== B") + 1) == "gallery/a.md"


class Handout:
    """A body as pages, and on which of them things are in the end."""

    def __init__(self, html: str, folder: Path) -> None:
        self.folder = folder
        prepared("", folder)
        typesetter = Typesetter(folder, folder / "fonts", place_in)
        self.body = as_pages(
            units(html), lambda body: typesetter.places_of(prepared(body, folder)), WHOLE_MM
        )
        self.source = prepared(self.body, folder)
        self.pdf = typesetter.pdf_of(self.source)

    def pages(self) -> dict[str, int]:
        """The page in its chapter, from 0, of each figure and of the last word."""
        probe = (
            "#metadata(none) <place-end>\n"
            "#context { let first = query(heading.where(level: 1)).last().location().page()\n"
            "let rows = (last: query(<place-end>).first().location().page() - first)\n"
            "for (n, it) in query(figure).enumerate() "
            '{ rows.insert("figure" + str(n), it.location().page() - first) }\n'
            "[#metadata(rows) <probe>] }"
        )
        compiler = typst.Compiler(
            f"{self.source}\n{probe}".encode(), root=self.folder, ignore_system_fonts=True
        )
        rows: dict[str, int] = json.loads(compiler.query("<probe>", field="value", one=True))
        return rows


@pytest.mark.parametrize("start", [CHAPTER, CHAPTER + IMAGE])
def test_figures_shrink_a_little_where_two_then_fit_a_page(start: str, tmp_path: Path) -> None:
    # Two of 127 mm and their captions are higher than the 247 mm of a page.
    handout = Handout(f"{start}{FIGURE}{FIGURE}", tmp_path)
    pages = handout.pages()
    assert pages["figure0"] == pages["figure1"]
    assert "#let picture-scale = 0.8" in handout.body or "#let picture-scale = 0.7" in handout.body


def test_text_overtakes_a_figure_that_does_not_fit(tmp_path: Path) -> None:
    words = "<p>" + "word " * 420 + "</p>"
    html = f"{CHAPTER}{words}{words}{FIGURE}<p>{'word ' * 300}</p>"
    # Text, figure and text would need three pages' worth of room; overtaken it needs two.
    assert Handout(html, tmp_path).pages() == {"figure0": 1, "last": 1}


def test_chapters_and_images_begin_pages(tmp_path: Path) -> None:
    handout = Handout(f"{CHAPTER}<p>a</p>{IMAGE}{FIGURE}{IMAGE}{FIGURE}", tmp_path)
    assert handout.pages() == {"figure0": 1, "figure1": 2, "last": 2}


def test_long_note_is_split_and_a_short_one_is_not(tmp_path: Path) -> None:
    short, long = (NOTE.format(f"<p>{'word ' * count}</p>") for count in (40, 900))
    before, first, second = Handout(f"{CHAPTER}{short}{long}", tmp_path).body.split("// unit: ")
    assert "is-whole = false" not in before
    assert first.endswith("#[\n#let is-whole = false\n")
    assert second.count("word") == 900


def test_pages_are_the_same_again(tmp_path: Path) -> None:
    html = f"{CHAPTER}{FIGURE}<p>{'word ' * 300}</p>{FIGURE}"
    for name in ("once", "again"):
        (tmp_path / name).mkdir()
    assert Handout(html, tmp_path / "once").pdf == Handout(html, tmp_path / "again").pdf
