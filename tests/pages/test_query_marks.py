"""The function `query`: links to queries on the page of their image, and from others."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest

from generator.errors import PageError
from generator.pages.contents import ImageResult
from generator.pages.render import render_pages
from tests.invented import (
    built,
    invented_contents,
    invented_explorer,
    invented_project,
    invented_result,
)


def with_explorer(slug: str) -> ImageResult:
    return replace(invented_result(slug), explorer=invented_explorer(slug))


def page(
    root: Path,
    text: str,
    *results: ImageResult,
    name: str = "added.md",
    target: Literal["site", "pdf"] = "site",
) -> str:
    config = invented_project(root, {"added.md": f"# Added\n\n{text}\n"})
    pages, _ = render_pages(config, invented_contents(results, built(results)), target)
    return pages[name]


@pytest.mark.slow
def test_a_query_is_a_link_to_the_page_of_its_image(tmp_path: Path) -> None:
    cats, dogs = with_explorer("cats"), with_explorer("dogs")
    text = page(tmp_path, '{{ query(7) }}, {{ query(8, "dogs", "that one") }}', cats, dogs)
    first, second = text.splitlines()[2].split(", ")
    assert first == (
        '<a class="query" href="gallery/cats.html#query-7" data-query="7" data-image="cats">'
        '<span class="dot" style="background: #661100" aria-hidden="true"></span> query 7</a>'
    )
    assert 'href="gallery/dogs.html#query-8" data-query="8" data-image="dogs"' in second
    assert "background: #767676" in second  # no figure has a colour for it
    assert second.endswith("that one</a>")


@pytest.mark.slow
def test_numbers_of_records_will_do(tmp_path: Path) -> None:
    text = page(tmp_path, "{{ query(example.detections.queries[1]) }}", with_explorer("cats"))
    assert "#query-7" in text


@pytest.mark.slow
def test_the_table_of_an_image_names_its_own_queries(tmp_path: Path) -> None:
    text = page(tmp_path, "", with_explorer("cats"), name="gallery/cats.md")
    assert '<a class="query" href="#query-7" data-query="7" data-image="cats">' in text
    assert text.count('class="query"') == 2


@pytest.mark.slow
@pytest.mark.parametrize("target", ["site", "pdf"])
def test_without_an_explorer_it_is_no_link(tmp_path: Path, target: Literal["site", "pdf"]) -> None:
    result = with_explorer("cats") if target == "pdf" else invented_result("cats")
    text = page(tmp_path, "{{ query(7) }}", result, target=target)
    assert "query 7" in text
    assert 'class="dot"' in text
    assert "<a " not in text.partition("# Added")[2]


@pytest.mark.parametrize(
    ("call", "says"),
    [
        ("query(100)", r"content/added\.md:3: `query` found no query 100: cats has 100, 0 to 99"),
        ("query(-1)", r"`query` found no query -1"),
        ("query('7')", r"`query` found no query 7"),
        ("query(7, 'cots')", r"`query` found no image `cots`; did you mean `cats`\?"),
    ],
)
def test_what_is_not_there_is_an_error(tmp_path: Path, call: str, says: str) -> None:
    with pytest.raises(PageError, match=says):
        page(tmp_path, f"{{{{ {call} }}}}", with_explorer("cats"))


def test_without_images_there_is_no_query(tmp_path: Path) -> None:
    with pytest.raises(PageError, match="`query` found no image: none was built"):
        page(tmp_path, "{{ query(7) }}")


@pytest.mark.slow
def test_the_page_says_what_was_left_out(tmp_path: Path) -> None:
    whole = with_explorer("cats")
    text = page(tmp_path, "", whole, name="gallery/cats.md")
    assert 'data-index="../attention/cats/index.js"' in text
    assert "no weight is off by more than 0.200 percentage points" in text
    assert "explorer: last" not in text
    assert whole.explorer is not None
    last = replace(whole, explorer=replace(whole.explorer, layers=whole.explorer.layers[1:]))
    text = page(tmp_path, "", last, name="gallery/cats.md")
    assert "the settings say `explorer: last`" in text
    text = page(tmp_path, "", invented_result("cats"), name="gallery/cats.md")
    assert "the settings say `explorer: none`" in text
    assert "explorer.js" not in text


@pytest.mark.slow
def test_an_author_may_show_an_explorer_anywhere(tmp_path: Path) -> None:
    text = page(tmp_path, "{{ explorer(example) }}", with_explorer("cats"))
    assert 'id="explorer" data-image="cats" data-index="attention/cats/index.js"' in text
    assert '<script src="assets/live/explorer.js" defer></script>' in text
