"""What pandoc and the filter write, and what Typst makes of it with the real template."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typst

from generator.errors import PageError
from generator.handout.typesetting import pdf_of, typst_of
from tests.invented import TEMPLATES

FRONT = {
    "title": "T",
    "subtitle": "S",
    "author": "",
    "course": "",
    "description": "D",
    "language": "en",
    "edition": "Student edition",
    "instructor": False,
    "facts": [],
    "fonts": ["Libertinus Serif"],
    "pictures": {
        "a.svg": {"width_mm": 170, "pieces": [{"file": "a.svg", "width": 8, "height": 6}]}
    },
}
SQUARES = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 6"><rect width="8" height="6"/></svg>'
)
FIGURE = '<figure><img src="a.svg" alt="A"><figcaption>C</figcaption></figure>'


def place(tex: str) -> str:
    return f"content/q1.md:{len(tex)}"


def written(html: str) -> str:
    return typst_of([html], TEMPLATES / "handout.lua", place).strip()


def mathml(tex: str, *, display: bool = False) -> str:
    """A formula as the site has it; pandoc reads the TeX that stands beside the MathML."""
    kind = "block" if display else "inline"
    escaped = tex.replace("&", "&amp;").replace("<", "&lt;")
    return (
        f'<span class="math-{"display" if display else "inline"}">'
        f'<math display="{kind}"><semantics>'
        f'<mi>x</mi><annotation encoding="application/x-tex">{escaped}</annotation>'
        "</semantics></math></span>"
    )


def typeset(body: str, folder: Path) -> bytes:
    """A PDF with the real template."""
    template = (TEMPLATES / "handout.typ").read_text(encoding="utf-8")
    (folder / "handout.typ").write_text(f"{template}\n{body}", encoding="utf-8")
    (folder / "handout.json").write_text(json.dumps(FRONT), encoding="utf-8")
    (folder / "fonts").mkdir(exist_ok=True)
    (folder / "pictures").mkdir(exist_ok=True)
    (folder / "pictures" / "a.svg").write_text(SQUARES, encoding="utf-8")
    return pdf_of(folder / "handout.typ", folder / "fonts", place)


def pages_of(html: str, folder: Path) -> dict[str, int]:
    """On which page of its chapter, counted from 0, each figure and the last word stands."""
    probe = (
        "#metadata(none) <place-end>\n"
        "#context { let first = query(heading.where(level: 1)).last().location().page()\n"
        "let rows = (last: query(<place-end>).first().location().page() - first)\n"
        "for (n, it) in query(figure).enumerate() "
        '{ rows.insert("figure" + str(n), it.location().page() - first) }\n'
        "[#metadata(rows) <probe>] }"
    )
    typeset(f"{written(html)}\n{probe}", folder)
    compiler = typst.Compiler(folder / "handout.typ", root=folder, ignore_system_fonts=True)
    rows: dict[str, int] = json.loads(compiler.query("<probe>", field="value", one=True))
    return rows


@pytest.mark.parametrize(
    ("tex", "wanted"),
    [
        (r"\lvert a \cap b \rvert", 'class("opening", bar.v)  a inter b class("closing", bar.v) '),
        (r"\operatorname*{arg\,min}_x", 'op("arg\u2006min", limits: #true)_x'),
        (r"\operatorname{GIoU}(a)", r'op("GIoU") \( a \)'),
        (r"\text{if } a", 'upright("if ") a'),
        (r"\bigl( a \bigr)", r"\( a \)"),
        (r"a \odot b", "a dot.o b"),
        (r"\{a \mid b\}", r"{ a divides b }"),
    ],
)
def test_formulas_are_spelt_as_typst_wants_them(tex: str, wanted: str, tmp_path: Path) -> None:
    body = written(f"<h1>A</h1><p>{mathml(tex)}</p>")
    assert f"${wanted}$" in body
    assert '#set math.equation(alt: "' in body
    assert typeset(body, tmp_path).startswith(b"%PDF-1.7")


def test_line_that_goes_on_with_a_sign_keeps_its_space() -> None:
    tex = r"\begin{aligned} a = {} & -b \\ & + c \end{aligned}"
    assert '& "" + c' in written(f"<p>{mathml(tex, display=True)}</p>")


def test_links_say_the_number_of_the_formula_or_figure_that_they_lead_to(tmp_path: Path) -> None:
    body = written(
        f'<h1 id="q1:a">A</h1><p><span id="q1:e"></span>\n{mathml("x", display=True)}</p>'
        '<p><a href="#q1:e">e</a> <a href="#q1:a">a</a></p>'
    )
    assert "x $ <q1:e>]" in body or '#label("q1:e")]' in body
    assert b"/StructTreeRoot" in typeset(body, tmp_path)


def test_formula_that_pandoc_cannot_read_is_named_with_its_place() -> None:
    with pytest.raises(PageError, match=r"^content/q1\.md:9: .*`\\frac\{a\}\{`"):
        written(mathml(r"\frac{a}{"))


def test_formula_that_typst_cannot_set_is_named_with_its_place(tmp_path: Path) -> None:
    body = '= A\n\n#[#set math.equation(alt: "\\\\odd{x}")\n$ oddname(x) $]\n'
    with pytest.raises(PageError, match=r"^content/q1\.md:7: .*`\\odd\{x\}`: unknown variable"):
        typeset(body, tmp_path)


def test_whatever_else_typst_refuses_is_told_in_its_words(tmp_path: Path) -> None:
    with pytest.raises(PageError, match="could not be typeset: error: unknown variable: nothing"):
        typeset("= A\n\n#nothing\n", tmp_path)


@pytest.mark.parametrize(
    ("html", "wanted"),
    [
        ('<p>it\'s "so"</p>', 'it\'s "so"'),
        ('<p><code>f("a\'")</code></p>', '`f("a\'")`'),
        (
            '<pre class="python numberLines"><code>a = "\\n"\n</code></pre>',
            '#numbered-code(raw(block: true, lang: "python", "a = \\"\\\\n\\""))',
        ),
        ("<pre><code>a</code></pre>", '#raw(block: true, lang: none, "a")'),
        ('<div class="answer-lines" data-lines="4"></div>', "#answer-lines(4)"),
        (
            '<p><span class="dot" style="background: #aa3377"></span> 12</p>',
            '#colour-dot(rgb("#aa3377")) 12',
        ),
        (
            '<figure id="q1:f"><img src="a.webp" alt=\'A "b"\'><figcaption>C</figcaption></figure>',
            '#figure([#print-picture("a.webp", alt: "A \\"b\\"", scale: picture-scale)], '
            "caption: [\n"
            'C\n]) #label("q1:f")',
        ),
        (
            '<div class="admonition tip"><div class="admonition-title">T</div><p>a</p></div>',
            '#note-box("tip", [\nT\n], [\na\n\n])',
        ),
        (
            '<p>a<sup><a class="footnote-ref" href="#q1:fn:1">1</a></sup></p><div class="footnote">'
            '<ol><li><div class="footnote-text" id="q1:fn:1"><p>b</p></div></li></ol></div>',
            "a#footnote[b]",
        ),
    ],
)
def test_what_typst_gets_to_see(html: str, wanted: str, tmp_path: Path) -> None:
    assert written(html) == wanted


def test_admonition_in_a_list_in_an_admonition_is_set(tmp_path: Path) -> None:
    inner = '<div class="admonition tip"><div class="admonition-title">U</div><p>b</p></div>'
    html = (
        '<h1>A</h1><div class="admonition tip"><div class="admonition-title">T</div>'
        f"<ul><li><p>a</p>{inner}</li></ul></div>"
        "<table><thead><tr><th>h</th></tr></thead><tbody><tr><td>c</td></tr></tbody></table>"
    )
    assert typeset(written(html), tmp_path)


@pytest.mark.parametrize(
    "start", ["<h1>A</h1>", '<h1>A</h1><div class="new-page"></div><h2>B</h2>']
)
def test_figures_shrink_a_little_where_two_then_fit_a_page(start: str, tmp_path: Path) -> None:
    # Two of 127 mm and their captions are higher than the 247 mm of a page.
    pages = pages_of(f"{start}{FIGURE}{FIGURE}", tmp_path)
    assert pages["figure0"] == pages["figure1"]


def test_text_overtakes_a_figure_that_does_not_fit(tmp_path: Path) -> None:
    text = "<p>" + "word " * 420 + "</p>"
    html = f"<h1>A</h1>{text}{text}{FIGURE}<p>{'word ' * 90}</p>"
    # Text, figure and text would need three pages' worth of room; overtaken it needs two.
    assert pages_of(html, tmp_path) == {"figure0": 1, "last": 1}
    headed = f"<h1>A</h1>{text}{text}<h2>B</h2>{FIGURE}"
    assert pages_of(headed, tmp_path)["figure0"] == 1


def test_units_of_a_chapter_say_how_they_may_be_placed() -> None:
    body = written(
        f'<h1>A</h1><p>a</p><div class="group"><h2 id="x">B</h2>{FIGURE}</div>'
        '<div class="admonition question"><div class="admonition-title">T</div></div>'
    )
    assert "#fitted(above: 12mm, overtakes: 3, (" in body
    assert "(level: 0, whole: 0mm, floats: false, body: picture-scale => [\na" in body
    assert "(level: 2, whole: 1000mm, floats: true, body: picture-scale => [\n== B" in body
    assert "(level: 0, whole: short-question, floats: false" in body


def test_picture_with_a_width_of_its_own_is_no_wider() -> None:
    assert ", widest: 127.0mm, " in written('<p><img src="a.svg" alt="A" width="480"></p>')


def test_claim_keeps_title_origin_and_plot_together_and_can_be_linked_to(tmp_path: Path) -> None:
    html = (
        '<h1>A</h1><p><a href="#q3:claim-a">a</a></p><div class="claim" id="q3:claim-a">'
        '<p><strong>It is.</strong> <span class="verdict verdict-supported">supported</span></p>'
        '<p>From: us.</p><p><img src="a.svg" alt="A" width="480"></p><p>Measured 1.</p></div>'
    )
    body = written(html)
    head, rest = body.split("#claim-card([")[1].split("], [")
    assert '#verdict-mark("verdict-supported")[supported]' in head
    assert "print-picture" in head
    assert "Measured 1." in rest
    assert typeset(body, tmp_path)


def test_line_that_announces_a_list_stays_with_it() -> None:
    listed = "<ul><li>a</li></ul>"
    assert "#block(sticky: true)[\nThree:\n]" in written(f"<p>Three:</p>{listed}")
    assert "sticky" in written(f"<p><strong>Usual mistakes.</strong></p>{listed}")
    assert "sticky" not in written(f"<p>A sentence.</p>{listed}")
