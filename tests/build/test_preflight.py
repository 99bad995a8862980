"""What `check` renders before anything is run."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from generator.build.preflight import render_stand_ins
from generator.errors import PageError
from generator.project.gallery import GalleryImage
from generator.project.page_number import ALL, PageNumber
from tests.invented import TEMPLATES, invented_project

CATS = GalleryImage(
    slug="cats", title="Cats", file=Path("cats.png"), model="detr_emoji", threshold=0.9
)
OWN = "{% for row in aggregate.classes %}{{ row.label }}{{ row.misspelt }}{% endfor %}\n"


@pytest.mark.slow
@pytest.mark.parametrize("pages", [1, ALL])
def test_the_page_of_images_without_pages_is_rendered_where_there_is_one(
    tmp_path: Path, pages: PageNumber
) -> None:
    templates = tmp_path / "own"
    shutil.copytree(TEMPLATES, templates)
    config = invented_project(tmp_path, pages=pages, templates=templates, outputs=("site",))
    render_stand_ins(config, [CATS])
    (templates / "measured.md.j2").write_text(OWN)
    if pages == ALL:  # no build would use it
        render_stand_ins(config, [CATS])
        return
    with pytest.raises(PageError, match=r"measured\.md\.j2:1.*misspelt"):
        render_stand_ins(config, [CATS])
