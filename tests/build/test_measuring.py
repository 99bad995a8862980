"""A gallery in which not every image has a page."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from generator.build.recipe import build
from tests.tiny_project import files_in, options, replace_in

pytestmark = pytest.mark.slow


def names(project: Path, folder: str) -> list[str]:
    return sorted(path.stem for path in (project / folder).glob("*.*"))


def test_images_without_a_page_count_and_have_one_page_together(
    small: Path, quick_figures: None
) -> None:
    numbers = {name: (small / "build" / name).read_bytes() for name in MEASURED}
    before = files_in(small / "build/site")
    settings = small / "site_config.yml"
    settings.write_text(settings.read_text() + "pages: 1\n")
    gallery = small / "content/gallery.yml"
    gallery.write_text(gallery.read_text() + "    page: on\n")
    report = build(options(small))
    assert [(one.slug, one.status) for one in report.statuses] == [
        ("pets", "built"), ("mirrored", "built"),
    ]  # fmt: skip
    assert names(small, "build/site/gallery") == ["mirrored"]
    assert names(small, "build/docs/images") == ["mirrored"]
    assert {name: (small / "build" / name).read_bytes() for name in MEASURED} == numbers
    together = (small / "build/docs/q2-all.md").read_text()
    assert "2 images were run and measured" in together
    assert "| [Mirrored](gallery/mirrored.md) | named in the gallery |" in together
    shown = (small / "build/site/q2-all.html").read_text()
    assert "Q2 Gallery" in shown.partition("md-tabs__item--active")[2].partition("</li>")[0]
    assert 'href="q2.html" class="md-footer__link md-footer__link--prev"' in shown
    assert report.detections == len(json.loads(numbers["predictions.json"])["annotations"])

    replace_in(settings, "pages: 1", "pages: none")
    replace_in(gallery, "    page: on\n", "")
    for forward in (small / ".cache/forward_passes").iterdir():
        forward.unlink()
    build(options(small))
    assert names(small, "build/site/gallery") == []
    assert {name: (small / "build" / name).read_bytes() for name in MEASURED} == numbers
    assert "2 of them have no page" in (small / "build/docs/q2-all.md").read_text()
    # Only the one that Q3 shows was run again; what was measured is known.
    assert len(list((small / ".cache/forward_passes").iterdir())) == 1

    replace_in(settings, "pages: none\n", "")
    build(options(small))
    assert files_in(small / "build/site") == before


MEASURED = ("predictions.json", "results.json", "measures.json", "measures.csv")
