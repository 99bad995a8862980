"""The report of a picture, as a page and on paper."""

from __future__ import annotations

import dataclasses
import html
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from generator.outputs.no_other_host import refuse_other_hosts
from generator.outputs.pdf import book
from generator.outputs.pdf.chapters import Chapter
from generator.outputs.tried import report
from generator.outputs.tried.report import write_report
from generator.outputs.tried.tried_image import TriedImage
from generator.project.config import SiteConfig
from tests.invented import TEMPLATES

PRINTED: list[str] = []
"""The HTML of what was typeset."""


@pytest.fixture(scope="module")
def folder(tried: TriedImage, tmp_path_factory: pytest.TempPathFactory) -> Path:
    from generator.figures.image import image_set
    from tests.quick_figures import draw_next_to_nothing

    folder, typeset = tmp_path_factory.mktemp("report"), book.typeset

    def noted(config: SiteConfig, chapters: Sequence[Chapter], *more: Any) -> bytes:
        PRINTED[:] = [chapter.html for chapter in chapters]
        return typeset(config, chapters, *more)

    with pytest.MonkeyPatch.context() as patch:
        draw_next_to_nothing(patch.setattr)
        names = {"detections", "decoder", "encoder_row", "encoder_column"}
        kinds = tuple(one for one in image_set.IMAGE_FIGURES if one.name in names)
        patch.setattr(image_set, "IMAGE_FIGURES", kinds)
        patch.setattr(report, "typeset", noted)
        one = dataclasses.replace(tried, image=Path("two & <cats>.jpg"), folder=folder)
        assert write_report(one, TEMPLATES) == {
            "html": folder / "report.html", "pdf": folder / "report.pdf"
        }  # fmt: skip
    return folder


@pytest.mark.slow
def test_the_page_is_one_file_that_asks_no_host(folder: Path) -> None:
    assert sorted(path.name for path in folder.iterdir()) == ["report.html", "report.pdf"]
    text = (folder / "report.html").read_text(encoding="utf-8")
    sources = re.findall(r'\ssrc="([^"]*)"', text)
    assert len(sources) >= 5
    assert {source.partition(",")[0] for source in sources} == {"data:image/webp;base64"}
    assert "<script" not in text
    refuse_other_hosts(folder, lambda file, _: file)
    links = re.findall(r'href="([^"]*)"', text)
    assert {link.partition(":")[0] for link in links if link[0] != "#"} <= {"https"}


@pytest.mark.slow
def test_both_tell_rows_from_columns_and_have_shapes_and_measures(folder: Path) -> None:
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert (folder / "report.pdf").read_bytes().startswith(b"%PDF-")
    (printed,) = PRINTED
    for text in (re.sub(r"<[^>]+>", "", page), re.sub(r"<[^>]+>", "", printed)):
        for words in (
            "Where a point looks: a row",
            "Who looks at a point: a column",
            "Encoder attention: [48, 48]",
            "Reshaped self-attention: [6, 8, 6, 8]",
            "The measures of this picture",
            "unmatched",
        ):
            assert words in text, words
        assert "Look for yourself" not in text
        assert "python -m generator export" not in text
    assert "<cats>" not in page
    assert "two & <cats>.jpg</h1>" in html.unescape(page)
