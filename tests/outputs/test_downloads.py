"""What readers can take away lies in the site, and a network knows what stands for a page."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PIL import Image

from generator.build.report import BuildReport
from generator.files.folders import BuildFolder
from generator.outputs.downloads import add_downloads
from generator.outputs.open_graph import OpenGraph
from generator.outputs.output import EditionBuild
from generator.pages.deferred import Deferred
from generator.pages.offered import offered, scenes_file
from generator.pages.values import _experiments
from generator.project.config import SiteConfig
from tests.invented import built, invented_contents, invented_project, invented_result, paint

ROOT = Path(__file__).parents[2]
IMAGES = [invented_result()]
CONTENTS = invented_contents(IMAGES, built(IMAGES))


@pytest.fixture
def edition(tmp_path: Path) -> EditionBuild:
    """A site that is made and not in its place yet, beside its PDF and its numbers."""
    config = invented_project(tmp_path, site_url="https://example.org/detr/")
    folder = BuildFolder(tmp_path / "build")
    folder.staged_site.mkdir(parents=True)
    folder.handout("handout").write_bytes(b"%PDF-")
    folder.measures_json.write_text("{}")
    folder.measures_csv.write_text("slug")
    paint(folder.path, IMAGES)
    return EditionBuild(config, folder, folder)


@pytest.mark.slow
def test_a_whole_build_has_them(report: BuildReport) -> None:
    for place in ("site/downloads", "docs/downloads"):
        folder = report.output / place
        for name in ("handout.pdf", "measures.json", "measures.csv"):
            assert (folder / name).read_bytes() == (report.output / name).read_bytes()


def test_a_copy_that_is_there_is_left_alone(edition: EditionBuild) -> None:
    add_downloads(edition, CONTENTS)
    copy = edition.folder.staged_site / "downloads/handout.pdf"
    before = copy.stat()
    add_downloads(edition, CONTENTS)
    assert copy.stat() == before
    copy.unlink()
    add_downloads(edition, CONTENTS)
    assert copy.read_bytes() == b"%PDF-"


def test_a_picture_stands_for_the_site_where_it_has_an_address(
    edition: EditionBuild, tmp_path: Path
) -> None:
    add_downloads(edition, CONTENTS)
    with Image.open(edition.folder.staged_site / "assets/social.jpg") as picture:
        assert (picture.format, picture.size) == ("JPEG", (1200, 630))
    nowhere = EditionBuild(invented_project(tmp_path / "b"), edition.folder, edition.folder)
    (edition.folder.staged_site / "assets/social.jpg").unlink()
    add_downloads(nowhere, CONTENTS)
    assert not (edition.folder.staged_site / "assets/social.jpg").exists()


def test_pages_say_what_they_are_called() -> None:
    config = SimpleNamespace(site_url="https://example.org/d/", site_name='A & "B"')
    page: Any = SimpleNamespace(
        is_homepage=False, title="Q1 &amp; more", canonical_url="https://example.org/d/q1.html"
    )
    plugin, text = OpenGraph("assets/social.jpg"), "<head></head><body></head></body>"
    head = plugin.on_post_page(text, page=page, config=config).partition("</head>")[0]
    assert '<meta property="og:title" content="Q1 &amp; more">' in head
    assert '<meta property="og:site_name" content="A &amp; &quot;B&quot;">' in head
    assert '<meta property="og:url" content="https://example.org/d/q1.html">' in head
    assert 'content="https://example.org/d/assets/social.jpg"' in head
    assert 'content="summary_large_image"' in head
    head = OpenGraph(None).on_post_page(text, page=page, config=config)
    assert "og:image" not in head
    assert '<meta name="twitter:card" content="summary">' in head
    config.site_url = ""
    assert plugin.on_post_page(text, page=page, config=config) == text


def test_what_is_offered_is_what_there_is(tmp_path: Path) -> None:
    folders = {"content": ROOT / "content", "templates": ROOT / "templates"}
    site = SiteConfig(root=ROOT, title="T", outputs=("site",), **folders)  # type: ignore[arg-type]
    files = offered(site, CONTENTS, Deferred.of(()), _experiments(site)).value
    assert [one["path"] for one in files] == ["downloads/scenes.json"]
    (name, text), = scenes_file(_experiments(site).value).items()  # fmt: skip
    scenes = json.loads(text)
    assert name == files[0]["path"]
    assert len(scenes) == len(list((ROOT / "content/lab").glob("*.md")))
    assert scenes["twins"]["objects"][0].keys() >= {"sprite", "x", "y", "size"}
    both = SiteConfig(root=ROOT, title="T", outputs=("site", "pdf"), **folders)  # type: ignore[arg-type]
    assert (
        offered(both, CONTENTS, Deferred.of(()), Deferred.of(())).value[0]["path"].endswith(".pdf")
    )
