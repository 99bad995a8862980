"""Authors' texts reach readers exactly as they were typed, in any place."""

from __future__ import annotations

import html
import re

import markdown
import pytest
import yaml

from generator.pages.escape import address, block, plain, quoted, readable, shape

NASTY = [
    "<script>alert(1)</script>",
    "a | b || c",
    "`code` and ``more``",
    "{{ jinja }} {% x %} {# id }",
    "$x$ and $$y$$ for $5",
    "*a* _b_ **c** __d__ ~e~ ^f^",
    "[text](target) ![alt](image) [^1] [ref]",
    "&amp; &lt; & &#36;",
    "# no heading #",
    "- no list",
    "1. no list",
    ": no definition",
    "/// caption",
    '!!! note "no"',
    "=== no",
    "back\\slash \\* \\$",
    "{ .class #id }",
    "ümlaut 😀 👩‍👧 “quotes”",
]
EXTENSIONS = [
    "admonition",
    "attr_list",
    "def_list",
    "footnotes",
    "md_in_html",
    "tables",
    "pymdownx.blocks.caption",
    "pymdownx.superfences",
]


def text_of(page: str) -> str:
    return html.unescape(re.sub(r"<[^>]+>", "", page)).strip()


@pytest.mark.slow
@pytest.mark.parametrize("text", NASTY)
def test_plain_text_is_shown_as_typed_at_the_start_of_a_line(text: str) -> None:
    page = markdown.markdown(plain(text), extensions=EXTENSIONS)
    assert text_of(page) == text
    assert page.startswith("<p>")
    assert set(re.findall(r"<(\w+)", page)) == {"p"}


@pytest.mark.slow
@pytest.mark.parametrize("text", NASTY)
def test_plain_text_stays_in_its_cell(text: str) -> None:
    page = markdown.markdown(
        f"| a | b |\n| --- | --- |\n| {plain(text)} | end |", extensions=EXTENSIONS
    )
    assert [text_of(cell) for cell in re.findall(r"<td>(.*?)</td>", page)] == [text, "end"]


@pytest.mark.parametrize("text", NASTY)
def test_plain_text_serves_as_alt_text_within_a_link(text: str) -> None:
    page = markdown.markdown(
        f'[![{plain(text)}](a.webp){{ width="1" }}](b.md)', extensions=EXTENSIONS
    )
    found = re.search(r'alt="([^"]*)"', page)
    assert found is not None
    assert html.unescape(found[1]) == text
    assert 'width="1"' in page


def test_plain_text_is_one_line_without_control_characters() -> None:
    assert plain("a\n\n  b\x07\x02 c\t") == "a b c"


def test_plain_leaves_ordinary_text_readable() -> None:
    assert plain("Two cats, 0.9: yes/no (maybe)!") == "Two cats, 0.9: yes/no (maybe)!"


@pytest.mark.parametrize(
    "text", ["off", "a: b", 'say "so"', "é😀", "1e3", "a\nb", "\x7f\u2028\ufeff", "\\"]
)
def test_quoted_text_is_read_by_yaml_as_the_same_text(text: str) -> None:
    assert yaml.safe_load(f"key: {quoted(text)}") == {"key": text}


def test_readable_escapes_what_would_be_html_and_leaves_a_lone_ampersand() -> None:
    assert readable('R&D <b> "x" &amp;') == "R&D &#60;b&#62; &#34;x&#34; &#38;amp;"


def test_address_stays_within_its_brackets() -> None:
    url = 'https://example.org/a_(b)/c d?e=f&g="h"#i'
    page = markdown.markdown(f"[x]({address(url)})")
    assert page == (
        '<p><a href="https://example.org/a_%28b%29/c%20d?e=f&amp;g=%22h%22#i">x</a></p>'
    )


def test_block_replaces_the_common_indentation_by_its_own() -> None:
    assert block("\n  a\n    b\n\n  c\n") == "    a\n      b\n\n    c"


def test_shape_is_written_with_times_signs() -> None:
    assert shape(3, 800, 1066) == "3 × 800 × 1066"
