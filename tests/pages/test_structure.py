"""Pages that would keep a parser busy for minutes are refused at once, with file and line."""

from __future__ import annotations

import re

import pytest

from generator.errors import PageError
from generator.files import pandoc
from generator.pages import formulas
from generator.pages.formulas import render_formulas
from generator.pages.structure import refuse_deep


def place(text: str) -> str:
    return f"place of {text[:20]}"


DEEP = {
    "lists": ("\n".join("    " * depth + "- x" for depth in range(300)), "indentation"),
    "lists in a line": ("- " * 300 + "x", "lists"),
    "numbered lists in a line": ("1. " * 300 + "x", "lists"),
    "quotes": (">" * 300 + " x", "quotes"),
    "quotes with spaces": ("> " * 300 + "x", "quotes"),
    "admonitions": ("\n".join("    " * n + '!!! note "x"\n' for n in range(300)), "indentation"),
    "brackets": ("[" * 5000, "`[`"),
    "links": ("[x](" * 5000, "`(`"),
    "pictures": ("![" * 5000, "`[`"),
    "links in links": ("[" * 300 + "x" + "](y)" * 300, "`[`"),
    "brackets over lines": ("[\n" * 5000, "`[`"),
    "tags": ("<a " * 5000, "`<`"),
    "captions": ("/// caption\nx\n///\n\n" * 1000, "caption"),
    "abbreviations": ("".join(f"*[a{n}]: x\n" for n in range(1000)), "abbreviations"),
    "a heading": ("# " + "a b " * 5000, "heading"),
    "a word": ("a" * 20_000, "word"),
    "a line": ("a b " * 50_000, "line"),
    "a line of code": ("```\n" + "a b " * 50_000 + "\n```", "line"),
}


@pytest.mark.parametrize(("page", "about"), DEEP.values(), ids=DEEP.keys())
def test_what_is_deep_or_long_is_refused(page: str, about: str) -> None:
    with pytest.raises(PageError, match="^place of .*: .*" + re.escape(about)):
        refuse_deep(f"# Title\n\n{page}\n", place)


@pytest.mark.parametrize(
    "page",
    [
        "[a](b) " * 1000,
        "- a\n    - b\n        - c\n" * 300,
        "> a\n> > b\n" * 300,
        "| a | b |\n" * 1000,
        "half-open [0, 1) and a < b\n\n" * 500,
        "```\n" + "[" * 5000 + "\n" + " " * 500 + "x\n```\n",
        "`a` *b* **c** " * 1000,
        "---\n\n***\n\n* * *\n",
        "\\[" * 1000,
        '<svg viewBox="0 0 1 1">' + '<path d="' + "M0 0" * 5000 + '"/></svg>',
    ],
)
def test_ordinary_pages_are_fine(page: str) -> None:
    refuse_deep(page, place)
    with pytest.raises(PageError):  # as the same page is not with something deep below it
        refuse_deep(f"{page}\n\n{'> ' * 300}a\n", place)


@pytest.mark.parametrize(
    "tex",
    ["x" + "^{x" * 24 + "}" * 24, "x^{" * 12, "{" * 300 + "x" + "}" * 300, "x+" * 5000],
    ids=["exponents", "open exponents", "brackets", "long"],
)
def test_formulas_that_pandoc_takes_minutes_for_are_refused(tex: str) -> None:
    with pytest.raises(PageError, match=r"^place of .*(braces|characters)"):
        render_formulas(f"# Title\n\nSo ${tex}$.\n", place)


def test_escaped_braces_are_no_braces() -> None:
    assert "<math" in render_formulas("$" + r"\{ " * 10 + "x" + r" \}" * 10 + "$", place)


@pytest.mark.slow
def test_a_formula_that_takes_too_long_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formulas, "_DEEPEST", 99)
    monkeypatch.setattr(formulas, "_FORMULA_S", 2)
    run = pandoc.run_pandoc
    slow = "x" + "^{x" * 40 + "}" * 40

    def quick(options: list[str], text: str, seconds: float) -> object:
        return run(options, text, min(seconds, 2))

    monkeypatch.setattr(formulas, "run_pandoc", quick)
    with pytest.raises(PageError, match=r"^place of x\^\{x.*pandoc cannot read this formula in 2"):
        render_formulas(f"$a$ and ${slow}$", place)
