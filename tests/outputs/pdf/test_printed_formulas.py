"""Formulas: from the TeX in the site's MathML to Typst's markup, or to an error."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from generator.errors import PageError
from tests.outputs.pdf.test_typesetting import mark, mathml, typeset, typesetter, written

CASES = [
    (r"\lvert a \cap b \rvert", 'class("opening", bar.v)  a inter b class("closing", bar.v) '),
    (r"\operatorname*{arg\,min}_x", 'op("arg\u2006min", limits: #true)_x'),
    (r"\operatorname{GIoU}(a)", r'op("GIoU") \( a \)'),
    (r"\text{if } a", 'upright("if ")a'),
    (r"d / \text{heads}", r'd \/upright("heads")'),
    (r"\text{a} \times \text{b}", 'upright("a") times upright("b")'),
    (r"\bigl( a \bigr)", r"\( a \)"),
    (r"a \odot b", "a dot.o b"),
    (r"|x|", 'class("normal", bar.v)  x class("normal", bar.v) '),
    (r"\|x\|_2", 'class("normal", bar.v.double)  x class("normal", bar.v.double) _2'),
    (r"\left\| x \right\rVert_2", "lr(bar.v.double  x bar.v.double) _2"),
    (r"\left. a \right|_0", "lr(  a bar.v) _0"),
    (r"\frac{\left. a \right\}}{b}", "frac(lr(  a brace.r) , b)"),
    (r"\left( a \middle| b \right)", "lr(paren.l  a mid(bar.v)  b paren.r) "),
    (r"\left( a \right)", r"(a)"),
    (r"\left\{ \left| a \right| \right.", "lr(brace.l  lr(bar.v  a bar.v)  ) "),
    (
        r"\begin{aligned} M &= \begin{bmatrix} 1 & 2 \end{bmatrix} \\ N &= 1 \end{aligned}",
        'M & = mat(delim: "[", 1, 2)\\\nN & = 1',
    ),
    (
        r"\left\{\begin{array}{ll} a & b \\ c & d \end{array}\right.",
        'mat(delim: #("{", none), align: #left, column-gap: #1em, a, b; c, d)',
    ),
    (r"\begin{align*} a &= b \\ |c| &= d \end{align*}", None),
    (r"\begin{aligned} a &= b \\|c| &= d \end{aligned}", None),
    (r"\begin{array}{lr} a & b \\[2pt] c & d \end{array}", None),
    (r"\big| a \bigr\rvert", 'class("normal", bar.v)  a class("closing", bar.v) '),
    (r"f\!\left(x\right)", "f (x)"),
    (r"a\!b\;c\hspace{0.5em}d", "a #h(-0.167em)  b #h(0.278em)  c #h(0.500em)  d"),
    (r"A \& B", 'A "&"  B'),
    (r'\text{say "x"} = 1', r'upright("say \"x\"") = 1'),
    (r"\text{top-}k", 'upright("top-")k'),
    (r"\text{Attention}(Q)", r'op("Attention") \( Q \)'),
    (r"\begin{Vmatrix} a & b \end{Vmatrix}", 'mat(delim: "‖", a, b)'),
    (r"x = \begin{gathered} a \\ b \end{gathered}", "x = vec(delim: #none, a, b)"),
    (r"\begin{matrix*}[r] a & b \end{matrix*}", "mat(delim: #none, a, b)"),
    (r"y = \begin{array}{c|c} a & b \end{array}", "y = mat(delim: #none, a, b)"),
    (
        r"\left\{\begin{aligned} a &= b \\ c &= d \end{aligned}\right.",
        'mat(delim: #("{", none), align: #left, column-gap: #0.2em, a, = b; c, = d)',
    ),
    (r"\begin{aligned} a &= b \end{aligned}", "a & = b"),
    (r"\{a \mid b\}", r"{ a divides b }"),
    (r"\begin{pmatrix} a & b \end{pmatrix}", 'mat(delim: "(", a, b)'),
    (r"\begin{cases} a & b \end{cases}", 'cases(delim: "{", a & quad b)'),
]


@pytest.fixture(scope="module")
def bodies() -> list[str]:
    """Typst's markup for each formula, by one run of pandoc."""
    spelt = written("<hr>".join(f"<p>{mathml(tex)}</p>" for tex, _ in CASES))
    bodies = [body.strip() for body in spelt.split("#horizontalrule")]
    assert len(bodies) == len(CASES)
    return bodies


@pytest.mark.slow
@pytest.mark.parametrize("number", range(len(CASES)), ids=[tex for tex, _ in CASES])
def test_formulas_are_spelt_as_typst_wants_them(bodies: list[str], number: int) -> None:
    body, wanted = bodies[number], CASES[number][1]
    assert wanted is None or f"${wanted}$" in body
    assert not re.search("[\ue000-\uf8ff]", body.split("$")[1])
    assert '#set math.equation(alt: "' in body


@pytest.mark.slow
def test_all_of_them_can_be_set(bodies: list[str], tmp_path: Path) -> None:
    assert typeset("\n\n".join(["= A", *bodies]), tmp_path).startswith(b"%PDF-1.7")


def test_line_that_goes_on_with_an_operator_keeps_its_space() -> None:
    tex = r"\begin{aligned} a = {} & -b \\ & + c \end{aligned}"
    assert '& "" + c' in written(f"<p>{mathml(tex, display=True)}</p>")


@pytest.mark.slow
def test_formula_that_is_wider_than_the_page_is_named_with_its_place(tmp_path: Path) -> None:
    tex = "+".join(f"a_{{{number}}}" for number in range(60))
    formula = written(f"<p>{mathml(tex, display=True)}</p>")
    body = f"{mark('q1.md')}{formula}\n\n{mark('q3.md')}{formula}\n#unit-places\n"
    with pytest.raises(PageError) as caught:
        typesetter(tmp_path).places_of(body)
    first, second = str(caught.value).splitlines()
    assert first.startswith(f"content/q1.md:{len(tex) + 2}: the formula `a_{{0}}+")
    assert "is wider than the PDF's page" in first
    assert second.startswith("content/q3.md:")


def test_formula_that_pandoc_cannot_read_is_named_with_its_place() -> None:
    with pytest.raises(PageError, match=r"^content/q1\.md:9: .*`\\frac\{a\}\{`"):
        written(mathml(r"\frac{a}{"))


@pytest.mark.slow
def test_formula_that_typst_cannot_set_is_named_with_its_place(tmp_path: Path) -> None:
    fine = '#[#set math.equation(alt: "y")\n$y$]'
    body = (
        f'{mark("q1.md")}= A\n\n{fine} #[#set math.equation(alt: "\\\\odd{{x}}")\n$ oddname(x) $]\n'
    )
    with pytest.raises(PageError, match=r"^content/q1\.md:9: .*`\\odd\{x\}`: unknown variable"):
        typeset(body, tmp_path)
