"""What pandoc and the filters write, and what Typst makes of it with the real template."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import typst

from generator.errors import PageError
from generator.outputs.pdf.typesetting import Typesetter, typst_of
from tests.invented import TEMPLATES

FRONT = {
    "title": "T",
    "subtitle": "S",
    "author": "",
    "course": "",
    "description": "D",
    "language": "en",
    "paper": "a4",
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
TEMPLATE = (TEMPLATES / "handout" / "handout.typ").read_text(encoding="utf-8")
FIGURE = '<figure><img src="a.svg" alt="A"><figcaption>C</figcaption></figure>'


def place(tex: str) -> str:
    return f"content/q1.md:{len(tex)}"


def mark(file: str) -> str:
    """The mark of a unit of a page."""
    return f'// unit: {{"file": "{file}", "starts": "", "level": 1, "kind": "text"}}\n'


def written(html: str) -> str:
    """What pandoc and the filters write, without the marks of units."""
    body = typst_of([html], TEMPLATES / "handout", place)
    return re.sub(r"^// unit: .*\n#unit-edge\n+", "", body, flags=re.MULTILINE).strip()


def mathml(tex: str, *, display: bool = False) -> str:
    """A formula in the form of the site; pandoc reads the TeX in the MathML."""
    kind = "block" if display else "inline"
    escaped = tex.replace("&", "&amp;").replace("<", "&lt;")
    return (
        f'<span class="math-{"display" if display else "inline"}">'
        f'<math display="{kind}"><semantics>'
        f'<mi>x</mi><annotation encoding="application/x-tex">{escaped}</annotation>'
        "</semantics></math></span>"
    )


def place_in(file: str, text: str) -> str:
    return f"content/{file}:{len(text)}"


def typesetter(folder: Path) -> Typesetter:
    """Typst with the real template and the files that it reads."""
    (folder / "handout.json").write_text(json.dumps(FRONT), encoding="utf-8")
    (folder / "fonts").mkdir(exist_ok=True)
    (folder / "pictures").mkdir(exist_ok=True)
    (folder / "pictures" / "a.svg").write_text(SQUARES, encoding="utf-8")
    return Typesetter(folder, TEMPLATE, folder / "fonts", place_in)


def typeset(body: str, folder: Path) -> bytes:
    """A PDF with the real template."""
    return typesetter(folder).pdf_of(body)


def test_links_show_the_number_of_their_formula_or_figure(tmp_path: Path) -> None:
    body = written(
        f'<h1 id="q1:a">A</h1><p><span id="q1:e"></span>\n{mathml("x", display=True)}</p>'
        '<p><a href="#q1:e">e</a> <a href="#q1:a">a</a></p>'
    )
    assert "x $ <q1:e>]" in body or '#label("q1:e")]' in body
    assert b"/StructTreeRoot" in typeset(body, tmp_path)


def test_other_errors_of_typst_are_reported_in_its_words(tmp_path: Path) -> None:
    formula = '#[#set math.equation(alt: "y")\n$y$] costs \\$5'
    with pytest.raises(PageError, match=r"^content/q3\.md:7: the PDF cannot show this: unknown v"):
        typeset(f"{mark('q3.md')}= A title\n\n{formula}\n\n#nothing\n", tmp_path)


def test_mistake_in_a_call_of_the_template_is_named_where_the_call_is(tmp_path: Path) -> None:
    with pytest.raises(PageError, match=r"^content/q3\.md:13: .*does not contain key \"b\.svg\""):
        typeset(f'{mark("q3.md")}= A title b\n\n#print-picture("b.svg")\n', tmp_path)


def test_mistake_of_the_template_itself_is_named_with_its_line(tmp_path: Path) -> None:
    broken = TEMPLATE.replace("#let side-grey", "#let side-gray", 1)
    typesetter(tmp_path)
    setter = Typesetter(tmp_path, broken, tmp_path / "fonts", place_in)
    with pytest.raises(PageError, match="Typst cannot set this: unknown variable") as caught:
        setter.pdf_of("= A\n")
    file, line, _ = str(caught.value).split(":", 2)
    assert file == "templates/handout/handout.typ"
    assert "side-grey" in broken.splitlines()[int(line) - 1]


def test_template_that_reports_no_places_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(PageError, match=r"^templates/handout/handout\.typ: .*not be measured"):
        typesetter(tmp_path).places_of("= A\n")


@pytest.mark.slow
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
            '#[#show figure: set block(breakable: is-in-pieces("a.webp"))\n'
            '#figure([#print-picture("a.webp", alt: "A \\"b\\"", scale: picture-scale)], '
            "caption: [\n"
            'C\n], numbering: none) #label("q1:f")]',
        ),
        (
            '<figure data-number="2.1"><img src="a.webp" alt="A">'
            "<figcaption>C</figcaption></figure>",
            '#[#show figure: set block(breakable: is-in-pieces("a.webp"))\n'
            '#figure([#print-picture("a.webp", alt: "A", scale: picture-scale)], '
            "caption: [\n"
            'C\n], numbering: (..) => "2.1")]',
        ),
        (
            '<div class="admonition tip"><div class="admonition-title">T</div><p>a</p></div>',
            '#note-box(is-whole: is-whole, "tip", [\nT\n], [\na\n\n])',
        ),
        (
            '<p>a<sup><a class="footnote-ref" href="#q1:fn:1">1</a></sup></p><div class="footnote">'
            '<ol><li><div class="footnote-text" id="q1:fn:1"><p>b</p></div></li></ol></div>',
            'a#footnote[b]#label("q1:fn:1")',
        ),
        (
            '<p>a<sup><a class="footnote-ref" href="#n:1">1</a></sup><sup><a class="footnote-ref" '
            'href="#n:2">2</a></sup><sup><a class="footnote-ref" href="#n:1">1</a></sup></p>'
            '<div class="footnote"><ol><li><div class="footnote-text" id="n:1"><p>b</p></div></li>'
            '<li><div class="footnote-text" id="n:2"><p>c</p></div></li></ol></div>',
            'a#footnote[b]#label("n:1")#super[,]#footnote[c]#label("n:2")#super[,]'
            '#footnote(label("n:1"))',
        ),
        (
            '<p>a<sup><a class="footnote-ref" href="#n:1">1</a></sup></p><div class="footnote"><ol>'
            '<li><div class="footnote-text" id="n:1"><p>= b</p></div></li></ol></div>',
            r'a#footnote[\= b]#label("n:1")',
        ),
        ("<ul><li>1. a</li><li>+ b</li></ul>", r"- 1\. a" "\n" r"- \+ b"),
        ('<p>see <a href="https://a.org">== a</a></p>', r'see #link("https://a.org")[\== a]'),
        ("<p><mark>/ e: f</mark></p>", r"#highlight[\/ e: f]"),
    ],
)
def test_markup_for_typst(html: str, wanted: str, tmp_path: Path) -> None:
    assert written(html) == wanted


def test_first_row_of_a_table_is_bold_if_it_has_names() -> None:
    rows = "<tbody><tr><td>a</td></tr></tbody></table>"
    assert 'weight: "bold"' in written(f"<table><thead><tr><th>n</th></tr></thead>{rows}")
    assert 'weight: "bold"' not in written(f"<table>{rows}")


@pytest.mark.parametrize(
    ("paper", "size"), [("a4", "595.275591 841.889764"), ("us-letter", "612 792")]
)
def test_pages_have_the_size_of_the_paper(paper: str, size: str, tmp_path: Path) -> None:
    setter = typesetter(tmp_path)
    (tmp_path / "handout.json").write_text(json.dumps(FRONT | {"paper": paper}))
    compiler = typst.Compiler(
        setter.source_of("= A\n").encode(), root=tmp_path, ignore_system_fonts=True
    )
    pages = compiler.compile(format="svg")
    assert isinstance(pages, list)
    width, height = map(float, re.findall(r'viewBox="0 0 (\S+) (\S+)"', pages[-1].decode())[0])
    assert (width, height) == pytest.approx(tuple(map(float, size.split())), abs=0.1)


def test_rule_between_paragraphs_is_set(tmp_path: Path) -> None:
    assert typeset(written("<h1>A</h1><p>a</p><hr><p>b</p>"), tmp_path)


def test_word_that_is_wider_than_a_line_may_break() -> None:
    assert written(f"<p>{'ä' * 60}</p>") == "ä#may-break;" * 60
    assert written(f"<p>{'ä' * 59}</p>") == "ä" * 59


@pytest.mark.slow
def test_what_follows_arabic_keeps_its_direction() -> None:
    mark = "\u200e"
    assert f"== ميناء صغير{mark}" in written("<h2>ميناء صغير</h2>")
    assert f"[ميناء{mark}]" in written('<p><a href="https://a.org">ميناء</a></p>')
    assert mark not in written("<h2>北京 a</h2>")


def test_admonition_in_a_list_in_an_admonition_is_set(tmp_path: Path) -> None:
    inner = '<div class="admonition tip"><div class="admonition-title">U</div><p>b</p></div>'
    html = (
        '<h1>A</h1><div class="admonition tip"><div class="admonition-title">T</div>'
        f"<ul><li><p>a</p>{inner}</li></ul></div>"
        "<table><thead><tr><th>h</th></tr></thead><tbody><tr><td>c</td></tr></tbody></table>"
    )
    assert typeset(written(html), tmp_path)


def test_picture_with_a_width_of_its_own_is_no_wider() -> None:
    assert "widest: 127.0mm)" in written('<p><img src="a.svg" alt="A" width="480"></p>')


def test_claim_keeps_title_origin_and_plot_together_and_can_be_linked_to(tmp_path: Path) -> None:
    html = (
        '<h1>A</h1><p><a href="#q3:claim-a">a</a></p><div class="claim" id="q3:claim-a">'
        '<p><strong>It is.</strong> <span class="verdict verdict-supported">supported</span></p>'
        '<p>From: us.</p><p><img src="a.svg" alt="A" width="480"></p><p>Measured 1.</p></div>'
    )
    body = written(html)
    head, rest = body.split("#claim-card(is-whole: is-whole, [")[1].split("], [")
    assert '#verdict-mark("verdict-supported")[supported]' in head
    assert "print-picture" in head
    assert "Measured 1." in rest
    assert typeset(body, tmp_path)


@pytest.mark.slow
def test_line_that_announces_a_list_stays_with_it() -> None:
    listed = "<ul><li>a</li></ul>"
    assert "#block(sticky: true)[\nThree:\n]" in written(f"<p>Three:</p>{listed}")
    assert "sticky" in written(f"<p><strong>Usual mistakes.</strong></p>{listed}")
    assert "sticky" not in written(f"<p>A sentence.</p>{listed}")
