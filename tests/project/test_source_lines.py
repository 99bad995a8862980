from __future__ import annotations

from pathlib import Path

import pytest

from generator.project.source_lines import Sources, has_line
from tests.invented import invented_project

CLAIMS = "claims:\n- name: a\n  why: >\n    It is said\n    to be so.\n"


@pytest.fixture
def sources(tmp_path: Path) -> Sources:
    texts = {"q3.md": "# Q3\n\nWritten  here\nand $x^2$.\n", "claims.yml": CLAIMS}
    config = invented_project(tmp_path, texts)
    config.gallery.write_text('images:\n- title: "Two cats"\n', encoding="utf-8")
    return Sources(config)


@pytest.mark.parametrize(
    ("page", "text", "place"),
    [
        ("q3.md", "Written here and", "content/q3.md:3"),
        ("q3.md", "said to be", "content/claims.yml:4"),
        ("q3.md", "Two cats", "content/gallery.yml:2"),
        ("gallery/cats.md", "Two cats", "content/gallery.yml:2"),
        ("q3.md", "12 of 13 were filled in", "content/q3.md"),
        ("q3.md", " ", "content/q3.md"),
        ("site_config.yml", "A title", "site_config.yml"),
    ],
)
def test_place_is_the_first_file_that_holds_the_text(
    sources: Sources, page: str, text: str, place: str
) -> None:
    assert sources.place(page, text) == place
    assert has_line(place) == (place.count(":") == 1)


def test_text_of_an_image_page_is_found_in_its_template(sources: Sources) -> None:
    place = sources.place("gallery/cats.md", "Where each query looks")
    assert place.rpartition(":")[0].endswith("templates/image.md.j2")


def test_formula_is_found_on_whatever_page_it_stands(sources: Sources) -> None:
    assert sources.place_of_formula("x^2") == "content/q3.md:4"
    assert sources.place_of_formula("x^3") == "content"
