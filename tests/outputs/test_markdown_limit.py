"""A page that Markdown is never done with, or that goes too deep, is named with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.errors import PageError
from generator.files.folders import BuildFolder
from generator.outputs import markdown_limit
from generator.outputs.pdf.chapters import chapters_of
from generator.outputs.website import stage_website
from generator.pages.render import write_pages
from tests.invented import built, invented_contents, invented_project, invented_result

SLOW = "[" * 20_000
SETTINGS = "markdown_extensions: [tables]\n"


def place(file: str, text: str) -> str:
    return f"{file} at {text[:9]}"


@pytest.fixture(autouse=True)
def little_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(markdown_limit, "PAGE_S", 1)
    monkeypatch.setattr(markdown_limit, "BLOCK_S", 0.5)


def pages(text: str) -> dict[str, str]:
    plain = {f"{name}.md": f"# {name}\n" for name in ("index", "q1", "q2", "q3", "about")}
    return plain | {"q1.md": f"# Q1\n\nSome words.\n\nIt is {text}\n\nMore words.\n"}


@pytest.mark.slow
def test_a_page_that_markdown_takes_too_long_for_is_named() -> None:
    with pytest.raises(PageError, match=r"^q1\.md at It is \[\[\[: Markdown was not done"):
        chapters_of(pages(SLOW), SETTINGS, [], place)


@pytest.mark.slow
def test_what_goes_too_deep_for_markdown_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(markdown_limit, "PAGE_S", 60)
    monkeypatch.setattr(markdown_limit, "BLOCK_S", 60)
    deep = "x\n\n" + "\n".join("    " * depth + "- x" for depth in range(300))
    with pytest.raises(PageError, match=r"^q1\.md at - x: this goes too deep for Markdown"):
        chapters_of(pages(deep), SETTINGS, [], place)


@pytest.mark.slow
def test_the_site_has_the_same_limit(tmp_path: Path) -> None:
    folder = BuildFolder(tmp_path / "build")
    results = [invented_result()]
    write_pages(invented_project(tmp_path), invented_contents(results, built(results)), folder)
    (folder.docs / "q1.md").write_text(pages(SLOW)["q1.md"], encoding="utf-8")
    with pytest.raises(PageError, match=r"^q1\.md at It is \[\[\[: Markdown was not done"):
        stage_website(folder, place=place)
    assert not folder.staged_site.exists()
