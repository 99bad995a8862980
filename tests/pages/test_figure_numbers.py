"""Figures have the same numbers on the site and on paper."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from generator.build.stand_ins import stand_ins
from generator.figures.image.image_set import IMAGE_FIGURES
from generator.pages.figure_numbers import (
    _ORDER,
    chapter_of_image,
    chapters,
    image_figure_numbers,
)
from generator.pages.render import render_pages
from generator.project.gallery import load_project
from tests.invented import invented_detections, invented_result

ROOT = Path(__file__).parents[2]
ON_THE_SITE = re.compile(
    r'attrs: \{id: "([^"]*)"\}\n\n\*\*Figure ([\w.]+)\.\*\*|()\*\*Figure ([\w.]+)\.\*\*'
)
ON_PAPER = re.compile(r'attrs: \{(?:id: "([^"]*)", )?data-number: "([\w.]+)"\}')


def test_letters_follow_the_menu_which_goes_by_file_names() -> None:
    assert chapters(["lab", "lab-notes"])["lab-notes"] < chapters(["lab", "lab-notes"])["lab"]


def test_pages_have_numbers_and_an_authors_own_have_letters() -> None:
    added = [f"page-{number:02}" for number in range(26)]
    found = chapters(added)
    assert [found[name] for name in ("index", "q1", "q2", "q3")] == ["0", "1", "2", "3"]
    assert (found["page-00"], found["page-25"], found["about"]) == ("A", "Z", "AA")


def test_an_image_is_numbered_by_its_place_in_the_gallery_built_or_not() -> None:
    titles = {"cats": "Cats", "dogs": "Dogs"}
    assert chapter_of_image("dogs", titles) == "2.2"


def test_every_kind_of_figure_has_a_place_and_a_new_one_the_next_number() -> None:
    assert set(_ORDER) <= {kind.name for kind in IMAGE_FIGURES}
    result = invented_result()
    more = replace(result, figures={"scores": result.image, **result.figures})
    assert image_figure_numbers(more)["scores"] == len(result.figures) + 1


def test_a_figure_that_is_not_shown_takes_no_number() -> None:
    result = invented_result()
    numbers = image_figure_numbers(result)
    assert list(numbers)[:4] == ["detections", "overlay", "decoder", "query-heads"]
    assert sorted(numbers.values()) == list(range(1, len(numbers) + 1))
    empty = replace(result, detections=invented_detections(0))
    assert set(numbers) - set(image_figure_numbers(empty)) == {"rollout"}


@pytest.fixture(scope="module")
def pages() -> tuple[dict[str, str], dict[str, str]]:
    """The project's own pages about two of its images, for the site and for paper."""
    site, gallery = load_project(ROOT / "site_config.yml")
    contents = stand_ins(gallery, gallery[:2])
    return tuple(render_pages(site, contents, target)[0] for target in ("site", "pdf"))  # type: ignore[return-value]


@pytest.mark.slow
def test_numbers_are_the_same_on_paper(pages: tuple[dict[str, str], dict[str, str]]) -> None:
    site, paper = pages
    numbered = 0
    for name, text in paper.items():
        if not name.endswith(".md"):
            continue
        there = [one[1] or one[3] for one in ON_THE_SITE.findall(site[name])]
        here = [number for _, number in ON_PAPER.findall(text)]
        if name.startswith("gallery/"):  # paper has fewer figures of all images but the first
            assert set(here) <= set(there)
        elif name == "index.md":  # on the site an explorer stands in the figure's place
            assert (here, there) == (["0.1"], [])
        else:
            assert here == there, name
        assert len(set(there)) == len(there)
        named = {one[0]: one[1] for one in ON_THE_SITE.findall(site[name]) if one[0]}
        assert {id: number for id, number in ON_PAPER.findall(text) if id}.items() <= named.items()
        numbered += len(here)
    assert numbered > 40
    assert '<figure id="workflow" data-number="1.1">' in paper["q1.md"]
    assert "<strong>Figure 1.1.</strong>" in site["q1.md"]
