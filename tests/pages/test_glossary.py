"""Words of the glossary are linked where they stand first, and nowhere else."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

from generator.pages.glossary import FILE, link_terms, terms_of
from generator.pages.render import render_pages
from tests.invented import built, invented_contents, invented_project, invented_result

GLOSSARY = """# Glossary

Attention sink, sink { #sink }
:   A cell that *nearly* everybody
    reads, "whatever" it is.

AP, average precision { #ap }
:   A grade: AP_L is of `large` objects.

Object query { #object-query }
:   A vector.
"""
TERMS = terms_of(GLOSSARY)
CONTENT = Path(__file__).parents[2] / "content"


def linked(text: str, folder: str = "") -> str:
    return link_terms(text, TERMS, folder)


def words(text: str) -> list[str]:
    """The words that became links."""
    return re.findall(r"\[([^\]]*)\]\([./]*glossary\.md#", linked(text))


def test_a_term_has_forms_an_anchor_and_a_definition_without_marks() -> None:
    assert [(term.forms, term.anchor) for term in TERMS] == [
        (("Attention sink", "sink"), "sink"),
        (("AP", "average precision"), "ap"),
        (("Object query",), "object-query"),
    ]
    assert TERMS[0].text == 'A cell that nearly everybody reads, "whatever" it is.'
    assert TERMS[1].text == "A grade: AP_L is of large objects."


def test_the_first_mention_becomes_a_link_with_its_definition() -> None:
    text = linked("A sink, two sinks.\n\nAttention sinks, and an *object query*.\n", "../")
    assert text.startswith('A [sink](../glossary.md#sink "A cell that nearly everybody reads')
    assert "&#34;whatever&#34;" in text
    assert text.count("glossary.md#sink") == 1
    assert '*[object query](../glossary.md#object-query "A vector."){ .term }*' in text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Sinks", ["Sinks"]),
        ("an object\nquery", ["object\nquery"]),
        ("AP is 42, ap is nothing, GAP and AP50 neither", ["AP"]),
        ("Average precision", ["Average precision"]),
        ("sinking, kitchen-sink, sink-like", []),
        ("# A sink\n\n## sink\n", []),
        ("`sink` and ``a `sink` ``", []),
        ("```python\nsink = 1\n```\nno\n", []),
        ("```python\nsink = 1\n```\na sink\n", ["sink"]),
        ("~~~\n```\nsink\n~~~\n", []),
        ('[a sink](q3.md) ![a sink, [AP]](a.png){ width="3" }', []),
        ("<p>a sink</p>\na sink", ["sink"]),
        ("text <b title='sink'>AP</b>", ["AP"]),
        ("<svg>\n<text>\nsink\n</text>\n</svg>\n", []),
        ("  <svg>\n sink\n  </svg>\n", []),
        ("<math><mi>sink</mi></math> sink", ["sink"]),
        ("| sink | AP |\n", []),
        ("---\ntitle: sink\n---\n\nAP\n", ["AP"]),
        ("/// caption\n    attrs: {id: sink}\n\n**Figure 1.** A sink.\n///\n", ["sink"]),
        ("https://example.org/sink", []),
        ("<div>\n\na sink\n</div>\nAP", ["AP"]),
        ("<!-- a\nsink -->\nA sink", ["sink"]),
        ("`a\nsink` AP", ["AP"]),
        ("A sink\n======\nAP", ["AP"]),
        ("sink | AP\n--- | ---\n", []),
        ("[sink] and [sink][]\n\n[sink]: q3.md\n", []),
        ('!!! note "sink"\n\n    A sink.\n', ["sink"]),
    ],
)
def test_only_running_text_is_linked(text: str, expected: list[str]) -> None:
    assert words(text) == expected


def test_without_a_glossary_nothing_changes() -> None:
    assert link_terms("A sink.", terms_of("# Glossary\n"), "") == "A sink."


@pytest.mark.parametrize("piece", ["<a ", "<a>", "`", "[", "```\n", "<svg\n", "![", "sink "])
def test_a_long_page_takes_no_longer_than_its_length(piece: str) -> None:
    short, long = (piece * number for number in (500, 5000))
    times = []
    for text in (short, long):
        start = time.process_time()
        linked(text)
        times.append(time.process_time() - start)
    assert times[1] < 100 * max(times[0], 0.01)


@pytest.mark.slow
def test_pages_are_linked_and_paper_is_not(tmp_path: Path) -> None:
    content = {FILE: GLOSSARY, "q1.md": "# Q1\n\nA sink.\n"}
    config = invented_project(tmp_path, content)
    results = [invented_result()]
    contents = invented_contents(results, built(results))
    site, _ = render_pages(config, contents)
    assert "[sink](glossary.md#sink " in site["q1.md"]
    assert "(../glossary.md#" in site["gallery/cats.md"]
    assert ".md#" not in site[FILE]
    pdf, _ = render_pages(config, contents, "pdf")
    assert FILE in pdf
    assert f"{FILE}#" not in "".join(pdf.values())


def test_the_handouts_own_glossary_has_the_words_that_are_asked_for() -> None:
    terms = terms_of((CONTENT / FILE).read_text(encoding="utf-8"))
    forms = {form.lower() for term in terms for form in term.forms}
    assert forms >= {
        "object query",
        "token",
        "head",
        "memory",
        "no object",
        "ap",
        "iou",
        "lift",
        "sink",
    }
    assert len({term.anchor for term in terms}) == len(terms)
    text = (CONTENT / FILE).read_text(encoding="utf-8")
    assert len(terms) == text.count("\n:   ")
