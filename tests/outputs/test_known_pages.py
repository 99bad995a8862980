"""Pages that MkDocs converted before: the same site, and the same complaints."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.errors import WebsiteError
from generator.files.folders import BuildFolder
from generator.outputs import known_pages
from generator.outputs.website import _has_our_settings, stage_website
from generator.project.overlay import Overlay, standard_root
from tests.tiny_project import files_in

pytestmark = pytest.mark.slow

SETTINGS = """\
site_name: Tiny
docs_dir: docs
site_dir: site
use_directory_urls: false
theme: {name: material, font: false}
plugins: [search]
markdown_extensions: [admonition, footnotes, tables, toc: {permalink: true}]
validation:
  links: {anchors: warn, not_found: warn}
"""
PAGES = {
    "index.md": "# Home\n\nSee [one](one.md#first).[^1]\n\n[^1]: A note.\n",
    "one.md": "# One\n\n## First\n\nText.\n\n<p id='raw'></p>\n\n### Below\n\nMore.\n",
    "two.md": "# Two\n\n[Itself](#two), [raw](one.md#raw)\n\n| a |\n| --- |\n| b |\n",
}


@pytest.fixture
def converted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The pages that MkDocs converts."""
    names: list[str] = []
    real = known_pages._converted

    def convert(page: object, *others: object) -> object:
        names.append(page.file.src_uri)  # type: ignore[attr-defined]
        return real(page, *others)  # type: ignore[arg-type]

    monkeypatch.setattr(known_pages, "_converted", convert)
    return names


@pytest.fixture
def folder(tmp_path: Path) -> BuildFolder:
    folder = BuildFolder(tmp_path)
    folder.docs.mkdir()
    folder.settings.write_text(SETTINGS, encoding="utf-8")
    for name, text in PAGES.items():
        (folder.docs / name).write_text(text, encoding="utf-8")
    return folder


def built(folder: BuildFolder) -> dict[str, bytes]:
    stage_website(folder)
    return files_in(folder.staged_site)


def change(folder: BuildFolder, name: str, old: str, new: str) -> None:
    file = folder.docs / name
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("one.md", "Text.", "Other words."),
        ("one.md", "# One", "# Eins"),
        ("two.md", "| b |", "|c|"),
    ],
)
def test_only_what_changed_is_converted_and_the_site_is_the_same(
    folder: BuildFolder, converted: list[str], name: str, old: str, new: str
) -> None:
    built(folder)
    converted.clear()
    change(folder, name, old, new)
    again = built(folder)
    assert converted == [name]
    kept = folder.stamp("mkdocs").with_suffix(".pages")
    kept.unlink()
    assert built(folder) == again
    assert sorted(converted) == sorted([name, *PAGES])


def test_an_anchor_that_went_is_missed_by_a_page_that_did_not_change(
    folder: BuildFolder, converted: list[str]
) -> None:
    built(folder)
    for name, anchor, old in (("index.md", "first", "## First"), ("two.md", "raw", "id='raw'")):
        converted.clear()
        change(folder, "one.md", old, old.upper().replace("FIRST", "Second"))
        with pytest.raises(WebsiteError, match=f"{name}.*#{anchor}"):
            built(folder)
        assert converted == ["one.md"]
        change(folder, "one.md", old.upper().replace("FIRST", "Second"), old)


def test_the_head_of_a_page_may_hold_anything(folder: BuildFolder, converted: list[str]) -> None:
    page = folder.docs / "two.md"
    page.write_text("---\ndate: 2026-11-27\ntags: [a]\n---\n\n# Two\n", encoding="utf-8")
    first = built(folder)
    converted.clear()
    assert built(folder) == first
    assert converted == []


def test_settings_of_an_authors_own_may_bring_anything_so_nothing_is_kept(
    folder: BuildFolder, converted: list[str]
) -> None:
    stage_website(folder, keeps_pages=False)
    assert not folder.stamp("mkdocs").with_suffix(".pages").exists()
    built(folder)
    converted.clear()
    stage_website(folder, keeps_pages=False)
    assert converted == []  # MkDocs alone


@pytest.mark.parametrize(("text", "is_ours"), [(None, True), ("site_name: Mine\n", False)])
def test_settings_are_ours_as_long_as_their_template_is(
    tmp_path: Path, text: str | None, *, is_ours: bool
) -> None:
    ours = standard_root() / "templates" / "mkdocs.yml.j2"
    (tmp_path / "mkdocs.yml.j2").write_bytes(text.encode() if text else ours.read_bytes())
    assert _has_our_settings(Overlay.of(tmp_path)) == is_ours


def test_a_broken_link_is_told_each_time(folder: BuildFolder) -> None:
    change(folder, "two.md", "one.md#raw", "nowhere.md")
    for _ in range(2):
        with pytest.raises(WebsiteError, match=r"two.md.*nowhere.md"):
            built(folder)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda folder: (folder.docs / "three.md").write_text("# Three\n"),
        lambda folder: folder.settings.write_text(SETTINGS.replace("Tiny", "Small")),
        lambda folder: folder.stamp("mkdocs").with_suffix(".pages").write_bytes(b"[] damaged"),
    ],
    ids=["another file", "another setting", "a damaged store"],
)
def test_all_are_converted_again(folder: BuildFolder, converted: list[str], spoil: object) -> None:
    built(folder)
    converted.clear()
    spoil(folder)  # type: ignore[operator]
    built(folder)
    assert set(converted) >= set(PAGES)
