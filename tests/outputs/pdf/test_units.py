"""The units of a body, and pages that come out as they were planned."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Sequence
from pathlib import Path

import pytest
import typst

from generator.outputs.pdf.pagination import SMALLEST
from generator.outputs.pdf.typesetting import typst_of
from generator.outputs.pdf.units import (
    INSTRUCTOR_KINDS,
    KINDS,
    Places,
    Unit,
    as_pages,
    file_at,
    units_of,
)
from tests.invented import TEMPLATES
from tests.outputs.pdf.test_typesetting import FIGURE, FRONT, place, typesetter

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


def test_place_in_a_body_is_from_the_page_whose_mark_comes_before() -> None:
    body = "#let a = 1\n" + "".join(one.markup for one in units(f"{CHAPTER}<p>a</p>{IMAGE}"))
    assert file_at(body, 3) == ""
    assert file_at(body, body.index("= A")) == "q1.md"
    assert file_at(body, body.index("== B")) == "gallery/a.md"


class Handout:
    """A body as pages, and the pages on which things end up."""

    def __init__(self, html: str, folder: Path) -> None:
        self.folder = folder
        setter = typesetter(folder)
        self.body = as_pages(units(html), setter.places_of)
        self.source = setter.source_of(self.body)
        self.pdf = setter.pdf_of(self.body)

    def pages(self) -> dict[str, int]:
        """The page in its chapter, from 0, of each figure and of the last word."""
        probe = (
            "#metadata(none) <place-end>\n"
            "#context { let first = query(heading.where(level: 1)).last().location().page()\n"
            "let rows = (last: query(<place-end>).first().location().page() - first)\n"
            "for (n, it) in query(<picture>).enumerate() "
            '{ rows.insert("figure" + str(n), it.location().page() - first) }\n'
            "[#metadata(rows) <probe>] }"
        )
        compiler = typst.Compiler(
            f"{self.source}\n{probe}".encode(), root=self.folder, ignore_system_fonts=True
        )
        rows: dict[str, int] = json.loads(compiler.query("<probe>", field="value", one=True))
        return rows


@pytest.mark.slow
@pytest.mark.parametrize("start", [CHAPTER, CHAPTER + IMAGE])
def test_figures_shrink_a_little_where_two_then_fit_a_page(start: str, tmp_path: Path) -> None:
    # Two of 127 mm and their captions are higher than the 247 mm of a page.
    handout = Handout(f"{start}{FIGURE}{FIGURE}", tmp_path)
    pages = handout.pages()
    assert pages["figure0"] == pages["figure1"]
    assert "#let picture-scale = 0.8" in handout.body or "#let picture-scale = 0.7" in handout.body


@pytest.mark.slow
def test_text_overtakes_a_figure_that_does_not_fit(tmp_path: Path) -> None:
    early, late = f"<p>{'early ' * 600}</p>", f"<p>{'late ' * 250}</p>"
    handout = Handout(f"{CHAPTER}{early}{FIGURE}{late}", tmp_path)
    assert handout.body.index("late") < handout.body.index("#figure")
    assert handout.pages() == {"figure0": 1, "last": 1}


@pytest.mark.slow
def test_long_text_goes_on_below_a_figure_that_waited(tmp_path: Path) -> None:
    early, late = f"<p>{'early ' * 600}</p>", f"<p>{'late ' * 600}</p>"
    handout = Handout(f"{CHAPTER}{early}{FIGURE}{late}", tmp_path)
    assert "#set figure(placement: top)" in handout.body
    assert handout.pages() == {"figure0": 1, "last": 1}


@pytest.mark.slow
def test_chapters_and_images_begin_pages(tmp_path: Path) -> None:
    handout = Handout(f"{CHAPTER}<p>a</p>{IMAGE}{FIGURE}{IMAGE}{FIGURE}", tmp_path)
    assert handout.pages() == {"figure0": 1, "figure1": 2, "last": 2}


@pytest.mark.slow
def test_long_note_is_split_and_a_short_one_is_not(tmp_path: Path) -> None:
    short, long = (NOTE.format(f"<p>{'word ' * count}</p>") for count in (40, 900))
    before, first, second = Handout(f"{CHAPTER}{short}{long}", tmp_path).body.split("// unit: ")
    assert "is-whole = false" not in before
    assert first.endswith("#[\n#let is-whole = false\n")
    assert second.count("word") == 900


@pytest.mark.slow
def test_pages_are_the_same_again(tmp_path: Path) -> None:
    html = f"{CHAPTER}{FIGURE}<p>{'word ' * 300}</p>{FIGURE}"
    for name in ("once", "again"):
        (tmp_path / name).mkdir()
    assert Handout(html, tmp_path / "once").pdf == Handout(html, tmp_path / "again").pdf


def words(count: int) -> str:
    return f"<p>{'word ' * count}</p>"


def text_below_the_page(folder: Path, handout: Handout) -> list[float]:
    """The places of texts in the PDF that are below the text area of a page."""
    probe = "#context [#metadata(query(<bottom>).map(it => it.location().position().y.mm())) <p>]"
    source = handout.source.replace("ENDOFIT", "#[#metadata(none) <bottom>]") + probe
    compiler = typst.Compiler(source.encode(), root=folder, ignore_system_fonts=True)
    places: list[float] = json.loads(compiler.query("<p>", field="value", one=True))
    assert places
    return [place for place in places if place > 273]  # 297 mm less the margin of 24 mm


@pytest.mark.slow
@pytest.mark.parametrize(
    "html",
    [
        "<table><thead><tr><th>h</th></tr></thead><tbody>"
        + f"<tr><td>{'word ' * 260}ENDOFIT</td></tr>" * 8
        + "</tbody></table>",
        f"<ul><li>a{NOTE.format(words(1500) + '<p>ENDOFIT</p>')}</li></ul>",
        f'<div id="x">{NOTE.format(words(1500) + "<p>ENDOFIT</p>")}</div>',
    ],
)
def test_what_is_higher_than_a_page_is_split(html: str, tmp_path: Path) -> None:
    assert text_below_the_page(tmp_path, Handout(f"{CHAPTER}{html}", tmp_path)) == []


def heights(html: str, folder: Path) -> list[float]:
    """The heights of units that `as_pages` measures, in millimetres."""
    edges: list[Sequence[float]] = []
    setter = typesetter(folder)

    def measured(body: str) -> Places:
        places = setter.places_of(body)
        edges.append(places.edges_mm)
        return places

    as_pages(units(html), measured)
    return [below - above for above, below in itertools.pairwise(edges[0])]


@pytest.mark.slow
def test_footnotes_count(tmp_path: Path) -> None:
    noted = (
        '<p>a<sup><a class="footnote-ref" href="#q1:fn:1">1</a></sup></p><div class="footnote">'
        f'<ol><li><div class="footnote-text" id="q1:fn:1">{words(120)}</div></li></ol></div>'
    )
    (without,) = heights(f"{CHAPTER}<p>a</p>", tmp_path)
    (with_one,) = heights(f"{CHAPTER}{noted}", tmp_path)
    assert with_one - without > 25  # 120 words are six lines


@pytest.mark.slow
def test_lists_that_follow_each_other_are_measured_and_set_apart(tmp_path: Path) -> None:
    first, *others = heights(f"{CHAPTER}<p>a</p>" + "<ul><li>a</li><li>b</li></ul>" * 4, tmp_path)
    assert min(others) > 7
    assert first < 40


def test_anchor_and_rule_stay_with_what_comes_after_them() -> None:
    html = f'{CHAPTER}<p>a</p><h2>B</h2><p><span id="q1:x"></span></p><hr>{FIGURE}<p>b</p>'
    assert [(one.level, one.kind) for one in units(html)] == [
        (1, "text"), (2, "figure"), (0, "text"),
    ]  # fmt: skip


def test_heading_of_the_first_level_ends_what_waits() -> None:
    html = f"{CHAPTER}<p>a</p><h2>Empty</h2><h1>Second</h1><p>b</p>"
    assert [(one.starts, one.level) for one in units(html)] == [
        ("chapter", 1), ("", 2), ("chapter", 1),
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["chapter", "footnote", "unit"])
def test_class_of_an_author_is_not_a_mark(name: str) -> None:
    (unit,) = units(f'{CHAPTER}<div class="{name}"><p>kept</p></div>')
    assert "kept" in unit.markup


@pytest.mark.slow
def test_figure_that_no_page_holds_is_split(tmp_path: Path) -> None:
    pieces = [{"file": "a.svg", "width": 6, "height": 7} for _ in range(4)]
    known = {"a.svg": {"width_mm": 170, "pieces": pieces}}
    setter = typesetter(tmp_path)
    (tmp_path / "handout.json").write_text(json.dumps(FRONT | {"pictures": known}))
    body = as_pages(units(f"{CHAPTER}<p>a</p>{FIGURE}<p>b</p>"), setter.places_of)
    assert "placement: top" not in body
    assert body.count("#let is-whole = false") == 3


def planned(html: str, *heights_mm: tuple[float, float]) -> list[str]:
    """The first words of each unit in the order of setting, for units of these heights."""

    def measured(body: str) -> Places:
        is_least = f"picture-scale = {SMALLEST}" in body
        return Places(247, (0.0, *itertools.accumulate(pair[is_least] for pair in heights_mm)))

    body = as_pages(units(html), measured)
    return re.findall(r"(?:^|\n)(pre|late|#figure|#pagebreak)", body)


@pytest.mark.parametrize(
    ("start", "order"),
    [
        (CHAPTER, ["#pagebreak", "late", "#pagebreak", "#figure"]),
        (IMAGE, ["#pagebreak", "#pagebreak", "#figure", "#pagebreak", "late"]),
    ],
)
def test_subsection_comes_before_a_figure_that_waits_in_chapters_alone(
    start: str, order: list[str]
) -> None:
    html = f"{start}<p>a</p>{FIGURE}<h4>C</h4>{NOTE.format('')}<p>late</p>"
    heights_mm = [(180.0, 180.0), (240.0, 200.0), (40.0, 40.0), (20.0, 20.0)]
    assert planned(html, *heights_mm) == order


def test_picture_alone_in_a_paragraph_is_a_unit_that_is_not_split() -> None:
    html = f'{CHAPTER}<p>a</p><p><img src="a.svg" alt="A"></p><p>b <img src="a.svg" alt="A"></p>'
    assert [one.kind for one in units(html)] == ["text", "picture", "text"]


def test_kinds_are_those_that_the_filter_gives() -> None:
    source = (TEMPLATES / "handout" / "units.lua").read_text(encoding="utf-8")
    function = source[source.index("local function kind_of") :].split("\nend")[0]
    assert set(re.findall(r"return '(\w+)'", function)) == set(KINDS)
    assert INSTRUCTOR_KINDS.keys() == KINDS.keys()


TOGETHER = '<div class="together">{}</div>'
TABLE = "<table><thead><tr><th>h</th></tr></thead><tbody>{}</tbody></table>"


def test_what_leads_to_a_table_is_in_its_unit_and_a_long_table_is_of_another_kind() -> None:
    short, long = (TABLE.format("<tr><td>c</td></tr>" * count) for count in (3, 20))
    found = units(f"{CHAPTER}<p>These:</p>{short}<p>And those.</p>{long}")
    assert [one.kind for one in found] == ["table", "rows"]
    assert "And those." in found[1].markup


def test_what_stays_together_is_a_unit_with_parts() -> None:
    (unit,) = units(CHAPTER + TOGETHER.format(f"{FIGURE}<p>a</p><p>Three:</p><ul><li>b</li></ul>"))
    assert unit.kind == "together"
    assert re.findall(r'// part: .*"kind": "(\w+)"', unit.markup) == ["figure", "text", "text"]


def test_what_no_page_can_hold_together_parts() -> None:
    whole = units(f"{CHAPTER}<p>x</p>" + TOGETHER.format(f"{FIGURE}<p>a</p>"))
    asked: list[int] = []

    def measured(body: str) -> Places:
        count = len(units_of(body.split("\n\n", 1)[1]))
        asked.append(count)
        edges = [0.0, 20.0, 320.0] if count == 2 else [0.0, 20.0, 120.0, 140.0]
        return Places(247.0, tuple(edges))

    pages = as_pages(whole, measured)
    assert asked == [2, 2, 3, 3]
    kinds = [one.kind for one in units_of(pages[pages.index("// unit") :])]
    assert kinds == ["text", "figure", "text"]
    assert "// part" not in pages
