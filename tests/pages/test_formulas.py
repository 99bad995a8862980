"""Formulas become MathML, and nothing else does."""

from __future__ import annotations

import re

import markdown
import pytest

from generator.errors import PageError
from generator.pages.formulas import render_formulas


def render(text: str) -> str:
    return render_formulas(text, lambda found: f"page.md({found})")


def refusal(text: str) -> str:
    with pytest.raises(PageError) as caught:
        render(text)
    return str(caught.value)


def test_inline_and_display_formulas_become_mathml() -> None:
    page = render("With $N = hw$ tokens:\n\n$$\nA = \\frac{QK^\\top}{\\sqrt{d}}\n$$\n")
    assert page.count("<math") == 2
    assert '<math display="inline">' in page
    assert '<math display="block">' in page
    assert "<mfrac>" in page
    assert "$" not in page


def test_mathml_needs_no_address() -> None:
    assert "http" not in render("$x$")


def test_the_same_formula_inline_and_displayed_is_distinguished() -> None:
    page = render("$x$ and $$x$$ and $x$")
    assert re.findall(r'display="(\w+)"', page) == ["inline", "block", "inline"]


@pytest.mark.parametrize(
    "text",
    [
        "`$x$`",
        "`` `$x$` ``",
        "```python\nprice = '$x$'  # $$\n```",
        "~~~\n$x$\n~~~",
        "    ```text\n    $x$\n    ```",
        "```\n$never closed$",
        "<!-- $x$ -->",
        '---\ntitle: "$x$"\n---\n',
        "costs $5 and $10",
        "from 5$ to $ 6",
    ],
)
def test_code_comments_settings_and_prices_stay(text: str) -> None:
    assert render(text) == text


def test_formula_after_code_is_still_found() -> None:
    assert render("`$a$` $b$ `$c$`").count("<math") == 1
    assert render("```\n$a$\n```\n$b$\n").count("<math") == 1


def test_escaped_dollar_is_a_dollar() -> None:
    assert render(r"\$5 and $x$").startswith("&#36;5 and <span")


@pytest.mark.parametrize("tex", ["a*b*c", "a_b_c", "|p|", r"\text{[r](s) ~ t}", "x<y", r"\{a\}"])
def test_markdown_finds_no_markup_in_a_formula(tex: str) -> None:
    rendered = render(f"${tex}$")
    table = markdown.markdown(f"| a |\n| --- |\n| {rendered} |", extensions=["tables"])
    nested = markdown.markdown(f"!!! note\n\n    {rendered}", extensions=["admonition"])
    for page in (table, nested, markdown.markdown(rendered)):
        formula = re.search(r"<math.*</math>", page)
        assert formula is not None
        assert not re.search(r"<(em|strong|code|a|p|table)\b", formula[0])
    assert table.count("<td>") == 1


def test_formula_at_the_start_of_a_line_does_not_end_the_paragraph() -> None:
    assert markdown.markdown(render("$x$ is *short*")).endswith("is <em>short</em></p>")


@pytest.mark.parametrize(
    "tex",
    [
        r"\color{red} x",
        r"\boxed{x}",
        r"\begin{array}{c} a \\ \hline b \end{array}",
        r"\begin{array}{c|c} a & b \end{array}",
        r"\cancel{x}",
        r"x \label{here}",
    ],
)
def test_what_would_be_lost_silently_is_refused(tex: str) -> None:
    assert "page.md(" in refusal(f"Text $${tex}$$.")


def test_colon_is_not_colour() -> None:
    assert "<math" in render(r"$a \colon b$")


def test_every_formula_that_pandoc_cannot_read_is_named_with_the_reason() -> None:
    message = refusal(r"$a$, $\unheardof{x}$ and $\frac{a$")
    first, second = message.split("\n")
    assert first.startswith(r"page.md(\unheardof{x})")
    assert r"unexpected control sequence \unheardof" in first
    assert second.startswith(r"page.md(\frac{a)")


def test_formula_that_is_not_closed_is_refused_where_it_opens() -> None:
    assert "page.md($$ x\ny)" in refusal("$$ x\ny\n\n$$ z $$")


def test_bare_environment_is_refused() -> None:
    assert "put `$$` around it" in refusal("\\begin{align}\na\n\\end{align}")


def test_formula_in_a_heading_is_refused() -> None:
    assert "use words" in refusal("## The $N$ tokens")
