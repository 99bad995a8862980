"""What the project's own Q3 and the pages of images say of attention sinks."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from generator.measures.summary import ENOUGH_IMAGES
from generator.pages.render import render_pages
from tests.invented import built, invented_contents, invented_project, invented_result
from tests.pages.test_claim_cards import BROKEN, contents_with, measured, own_q3, words_of

MANY = ENOUGH_IMAGES + 1


def section(root: Path, images: int, n: int = 2) -> str:
    page, _ = own_q3(root, contents_with(measured(images, "detr_emoji"), n))
    found = re.search(r"^## Attention sinks\n(.*?)^## ", page, re.DOTALL | re.MULTILINE)
    assert found is not None
    return found[1]


@pytest.mark.slow
@pytest.mark.parametrize(("images", "n"), [(0, 0), (1, 0), (1, 2), (ENOUGH_IMAGES - 1, 2)])
def test_section_reads_well_without_numbers(tmp_path: Path, images: int, n: int) -> None:
    text = section(tmp_path, images, n)
    words = words_of(text)
    assert not BROKEN.search(words)
    assert "not enough to tell." not in words
    assert "Why does the corner light up?" in words
    assert "| encoder self-attention |" not in text
    assert ("figures/" in text) == (images > 0)
    assert (f"With {ENOUGH_IMAGES} images or more" in words) == (images > 0)
    assert ("Take the [figure above]" in words) == (images > 0)
    assert "arxiv.org/abs/2309.16588" in text


@pytest.mark.slow
def test_section_gives_each_number_with_its_control(tmp_path: Path) -> None:
    text = section(tmp_path, MANY)
    words = words_of(text)
    assert not BROKEN.search(words)
    assert "not enough to tell" not in words
    assert words.count(f"the same {MANY} images") >= 6
    assert "compared with 1.00 for shuffled rows" in words
    assert "compared with 1.00 for random cells, as many of them on the border" in words
    rows = [line for line in text.split("\n") if line.startswith("| ") and "---" not in line]
    assert [row.count("|") for row in rows] == [6] * 6
    assert "rest of the first layer is sinks again" in words  # 1.04 of the rest goes to few cells


@pytest.mark.slow
def test_images_have_the_figure_where_columns_are_explained(tmp_path: Path) -> None:
    result = invented_result(n=0)
    contents = invented_contents([result], built([result]))
    pages, _ = render_pages(invented_project(tmp_path), contents, "site")
    page = pages["gallery/cats.md"]
    heading = page.index("### What everybody looks at: sinks")
    assert page.index("### Who looks at a point: a column") < heading
    assert heading < page.index("figures/cats/sinks.webp") < page.index("| Point | Pixel")
