"""A small handout, from invented results to the PDF."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import typst
from PIL import Image

import generator.outputs.pdf.fonts as fonts
from generator.errors import PageError
from generator.files.folders import BuildFolder
from generator.outputs.pdf.book import _best, typeset_handout
from generator.pages.render import render_pages
from tests.invented import (
    TEMPLATES,
    built,
    invented_contents,
    invented_project,
    invented_result,
    paint,
)

pytestmark = pytest.mark.slow

Q1 = r"""# Q1 The model

It has $N = hw$ tokens[^1]. {{ anchor("sum") }}
$$
\sum_i \lvert a_i \rvert
$$

[^1]: Counted.

{% call exercise("Count") %}
How many?

{% call answer() %}
Zweiundvierzig.
{% endcall %}
{% endcall %}

See {{ ref("cats") }}, {{ ref("q1#sum", "the sum") }} and {{ ref("about") }}.
"""


@pytest.fixture(autouse=True)
def _no_fonts_on_this_computer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "findSystemFonts", list)


def handout(root: Path, content: dict[str, str] | None = None, **settings: Any) -> Path:
    """Typesets a handout of two images, and returns the build's folder."""
    config = invented_project(root, {"q1.md": Q1} | (content or {}), **settings)
    results = [invented_result("cats"), invented_result("dogs", n=0)]
    paint(root / "build", results)
    build = root / "build"
    contents = invented_contents(results, built(results))
    rendered, place = render_pages(config, contents, "pdf"), BuildFolder(build)
    folder, listing = place.handout_sources("handout"), place.handout_listing("handout")
    pdf = typeset_handout(config, contents, rendered, place, folder, listing)
    (build / "handout.pdf").write_bytes(pdf)
    return build


def source(build: Path) -> str:
    """The typeset source after the template."""
    return (build / "handout" / "handout.typ").read_text().split("// The pages follow.")[1]


@pytest.fixture(scope="module")
def student(tmp_path_factory: pytest.TempPathFactory) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fonts, "findSystemFonts", list)
        return handout(tmp_path_factory.mktemp("student"), author="O. 'Neill", course="<C> & #D")


def test_pdf_is_tagged_and_declared_accessible(student: Path) -> None:
    pdf = (student / "handout.pdf").read_bytes()
    assert b"/StructTreeRoot" in pdf
    assert b"pdfuaid:part" in pdf
    assert b"/Outlines" in pdf


def test_chapters_are_in_reading_order(student: Path) -> None:
    headings = re.findall(r"^(={1,2}) (.+)$", source(student), re.MULTILINE)
    chapters = [title for level, title in headings if level == "="]
    assert chapters == ["Home", "Q1 The model", "Q2 Gallery", "Q3 Attention", "About"]
    between = headings[headings.index(("=", "Q2 Gallery")) :]
    assert [title for level, title in between if level == "=="][:2] == ["Cats", "Dogs"]


def test_answers_are_lines_to_write_on_in_the_student_edition_alone(
    student: Path, tmp_path: Path
) -> None:
    assert "Zweiundvierzig" not in source(student)
    assert "#answer-lines(3)" in source(student)
    instructor = source(handout(tmp_path, edition="instructor"))
    assert "Zweiundvierzig" in instructor
    assert "#answer-lines" not in instructor


def test_title_page_shows_the_settings(student: Path) -> None:
    front = json.loads((student / "handout" / "handout.json").read_text())
    assert (front["author"], front["course"]) == ("O. 'Neill", "<C> & #D")
    assert front["edition"] == "Student edition"


def test_nothing_for_the_screen_alone_is_printed(student: Path) -> None:
    assert "All images" not in source(student)  # from the row of links to neighbours
    assert "data-search-exclude" not in source(student)


def test_only_the_first_image_has_explanations(student: Path) -> None:
    assert source(student).count("The row of a cell holds") == 1


def test_same_input_gives_the_same_bytes(student: Path, tmp_path: Path) -> None:
    again = handout(tmp_path, author="O. 'Neill", course="<C> & #D")
    assert (again / "handout.pdf").read_bytes() == (student / "handout.pdf").read_bytes()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("# Q3\n\n[a](q7.md)\n", r"content/q3\.md:3: the link to `q7\.md` leads to nothing"),
        (
            "# Q3\n\n![a](x.png)\n",
            r"content/q3\.md:3: the picture `x\.png` .*templates/assets",
        ),
        (
            "# Q3\n\n![A](x.png)\n\n![](x.png)\n",
            r"content/q3\.md:5: the picture `x\.png` has no alt text",
        ),
        ("# Q3\n\nx\n\n北京\n", r"content/q3\.md:5: no font has 京 北; .*templates/fonts"),
        ("# Q3\n\n<video></video>\n", r"content/q3\.md:3: `<video>` cannot be printed"),
        ("# Q3\n\n$\\frac{a$\n", r"content/q3\.md:3: "),
        ("# Q3\n\nx\n\n$\\text{北}$\n", r"content/q3\.md:5: no font has 北"),
        ("# Q3\n\na\n\n### Too deep\n", r"content/q3\.md:5: .* skipped from heading level 1 to 3"),
    ],
)
def test_mistakes_are_named_with_file_and_line_and_the_last_pdf_stays(
    text: str, message: str, tmp_path: Path
) -> None:
    build = tmp_path / "build"
    build.mkdir()
    (build / "handout.pdf").write_bytes(b"of yesterday")
    with pytest.raises(PageError, match=f"(?m)^{message}"):
        handout(tmp_path, {"q3.md": text})
    assert (build / "handout.pdf").read_bytes() == b"of yesterday"


def test_missing_character_is_reported_where_it_was_written_and_not_where_it_was_filled_in(
    tmp_path: Path,
) -> None:
    filled_in = Q1 + "\n{{ '北' ~ '京' }}\n"
    with pytest.raises(PageError) as caught:
        handout(tmp_path, {"q1.md": filled_in, "q3.md": "# Q3\n\n北京\n"})
    (line,) = str(caught.value).splitlines()
    assert line.startswith("content/q3.md:3: no font has 京 北")


def test_title_that_no_font_has_is_named(tmp_path: Path) -> None:
    with pytest.raises(PageError, match=r"^site_config\.yml: no font has 京 北"):
        handout(tmp_path, title="北京")


def test_footnote_of_two_references_or_of_a_heading_is_set_once(tmp_path: Path) -> None:
    q3 = "# Q3\n\n## Heading[^1]\n\na[^2][^1] | b[^2]\n\n[^1]: = Uno\n[^2]: Due\n"
    build = handout(tmp_path, {"q3.md": q3})
    source = (build / "handout" / "handout.typ").read_text()
    probe = "#context [#metadata(counter(footnote).final()) <notes>]"
    compiler = typst.Compiler(
        f"{source}\n{probe}".encode(), root=build / "handout", ignore_system_fonts=True
    )
    assert json.loads(compiler.query("<notes>", field="value", one=True)) == [3]  # one of Q1


@pytest.fixture(scope="module")
def pictured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A build with figures for print, and with a picture by the author."""
    root = tmp_path_factory.mktemp("pictured")
    old = root / "build" / "handout" / "pictures" / "old.jpg"
    drawing = root / "build" / "print" / "figures" / "cats" / "decoder.svg"
    for path in (old, drawing):
        path.parent.mkdir(parents=True)
    old.write_bytes(b"")
    drawing.write_text('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 20 10"></svg>')
    templates = root / "templates"
    shutil.copytree(TEMPLATES, templates)
    Image.new("RGB", (96, 48), "red").save(templates / "assets" / "mine.png")
    q3 = "# Q3\n\n![A](assets/mine.png)\n"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fonts, "findSystemFonts", list)
        return handout(root, {"q3.md": q3}, templates=templates)


def pieces_of(name: str, build: Path) -> list[Path]:
    """The files of a picture's printed form."""
    front = json.loads((build / "handout" / "handout.json").read_text())
    pieces = front["pictures"][name]["pieces"]
    return [build / "handout" / "pictures" / piece["file"] for piece in pieces]


def test_figures_that_were_drawn_for_print_are_taken(pictured: Path) -> None:
    assert pieces_of("figures/cats/decoder.webp", pictured)[0].suffix == ".svg"
    assert pieces_of("figures/cats/detections.webp", pictured)[0].suffix == ".jpg"


@pytest.mark.parametrize(
    ("height", "files", "best"),
    [
        (1, ("print/a.svg",), "print/a.svg"),
        (1, ("print/a.svg", "docs/a.webp"), "print/a.svg"),
        (9, ("print/a.svg", "docs/a.webp"), "docs/a.webp"),
        (9, ("print/a.svg", "print/a.webp"), "print/a.webp"),  # the site shows tiles
        (9, ("print/a.svg",), "print/a.svg"),
        (1, (), "docs/a.webp"),
    ],
)
def test_a_figure_too_tall_for_a_page_comes_in_pixels(
    tmp_path: Path, height: int, files: tuple[str, ...], best: str
) -> None:
    for file in files:
        path = tmp_path / file
        path.parent.mkdir(exist_ok=True)
        path.write_text(f'<svg viewBox="0 0 1 {height}"/>')
    assert _best("a.webp", BuildFolder(tmp_path)) == tmp_path / best


def test_pictures_of_an_author_are_those_of_the_templates_folder(pictured: Path) -> None:
    (piece,) = pieces_of("assets/mine.png", pictured)
    with Image.open(piece) as printed:
        assert printed.size == (96, 48)
        assert printed.getpixel((5, 5)) == pytest.approx((254, 0, 0), abs=3)


def test_pictures_of_earlier_builds_go(pictured: Path) -> None:
    pictures = pictured / "handout" / "pictures"
    assert pictures.is_dir()
    assert not (pictures / "old.jpg").exists()


def test_title_page_names_only_the_models_that_ran(student: Path) -> None:
    front = json.loads((student / "handout" / "handout.json").read_text(encoding="utf-8"))
    assert len(front["facts"]) == 1
    assert front["facts"][0].startswith("Model: ")
