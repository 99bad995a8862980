"""A project's own files come first, ours fill the gaps, and nothing else is found."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from generator.build.unchanged import _sources
from generator.errors import ExerciseError, PageError
from generator.exercises.guard import refuse_answers
from generator.exercises.notes import accepted_forms, read_worksheets
from generator.pages.jinja import Renderer
from generator.project import overlay
from generator.project.config import SiteConfig
from generator.project.experiments import read_experiments, sprite_files
from generator.project.overlay import (
    Overlay,
    content_of,
    own_or_ours,
    standard_root,
    templates_of,
)
from generator.project.source_lines import Sources


@pytest.fixture
def ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small stand-in for what comes with the program."""
    root = tmp_path / "program"
    write(root / "content/q3.md", "# Ours\n\n{{ nothing }}\n")
    write(root / "content/lab.md", "# Lab\n")
    write(root / "content/claims.yml", "claims: []\n")
    write(root / "templates/macros.md.j2", "{% macro a() %}ours{% endmacro %}")
    write(root / "templates/assets/one.css", "ours")
    write(root / "templates/assets/two.css", "ours")
    write(root / "secret.txt", "secret")
    monkeypatch.setattr(overlay, "standard_root", lambda: root)
    return root


@pytest.fixture
def site(tmp_path: Path, ours: Path) -> SiteConfig:
    """A project with one page and one style of its own."""
    root = tmp_path / "project"
    write(root / "content/index.md", "# Mine\n")
    write(root / "templates/assets/one.css", "mine")
    folders: Any = {"content": root / "content", "templates": root / "templates"}
    return SiteConfig(root=root, title="T", gallery=root / "g.yml", standard_texts=True, **folders)


def write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def test_the_projects_own_files_come_first(site: SiteConfig, ours: Path) -> None:
    assert list(content_of(site).files("*.md")) == ["index.md", "lab.md", "q3.md"]
    styles = templates_of(site).below("assets").files()
    assert {name: path.read_text() for name, path in styles.items()} == {
        "one.css": "mine",
        "two.css": "ours",
    }
    assert content_of(site).file("q3.md") == ours / "content/q3.md"
    assert content_of(site).file("q9.md") == site.content / "q9.md"


def test_an_empty_file_leaves_ours_out(site: SiteConfig) -> None:
    write(site.content / "lab.md", "\n")
    write(site.content / "empty.md", "")
    assert list(content_of(site).files("*.md")) == ["empty.md", "index.md", "q3.md"]


def test_without_standard_texts_nothing_of_ours_is_found(site: SiteConfig) -> None:
    alone = SiteConfig(root=site.root, title="T", gallery=site.gallery, content=site.content,
                       templates=site.templates)  # fmt: skip
    assert content_of(alone) == Overlay((site.content,))
    assert list(content_of(alone).files()) == ["index.md"]


def test_a_mistake_in_a_text_of_ours_says_whose_it_is(site: SiteConfig) -> None:
    with pytest.raises(PageError, match=r"^the program's content/q3\.md:3: 'nothing' is undefined"):
        Renderer(site).page("q3.md", {})
    assert Sources(site).place("q3.md", "nothing") == "the program's content/q3.md:3"


@pytest.mark.parametrize("name", ["../secret.txt", "../program/secret.txt", "/etc/passwd"])
def test_no_path_leads_out_of_either(site: SiteConfig, name: str) -> None:
    write(site.content / "index.md", f'{{% include "{name}" %}}')
    with pytest.raises(PageError, match=r"content/index\.md|missing"):
        Renderer(site).page("index.md", {})


def test_no_link_leads_out_of_either(site: SiteConfig, ours: Path) -> None:
    write(site.content / "index.md", '{% include "link.md" %}')
    try:
        (site.content / "link.md").symlink_to(ours / "secret.txt")
    except OSError:
        pytest.skip("no links here")
    with pytest.raises(PageError, match="a link that leads out of the project"):
        Renderer(site).page("index.md", {})


def test_a_change_of_ours_counts(site: SiteConfig, ours: Path) -> None:
    before = _sources(site)
    write(ours / "content/q3.md", "# Ours, improved\n")
    assert _sources(site) != before


@pytest.mark.slow
def test_a_page_of_an_authors_own_gives_no_answer_of_ours_away(tmp_path: Path) -> None:
    root = tmp_path / "project"
    write(root / "content/mine.md", "# Mine\n\nx\n")
    (root / "templates").mkdir()
    folders: Any = {"content": root / "content", "templates": root / "templates"}
    site = SiteConfig(root=root, title="T", gallery=root / "g.yml", standard_texts=True, **folders)
    worksheets = read_worksheets(content_of(site).below("exercises"))
    answer = max((one.answer for one in worksheets[0].exercise.blanks), key=len)
    write(root / "content/mine.md", f"# Mine\n\n{answer}\n")
    pages, accepted = {"mine.md": f"# Mine\n\n{answer}\n"}, accepted_forms(worksheets)
    with pytest.raises(PageError, match=r"^content/mine\.md.*students would read an answer"):
        refuse_answers(pages, accepted, site)


def test_ours_is_complete(tmp_path: Path) -> None:
    site = SiteConfig(root=tmp_path, title="T", standard_texts=True)
    content, sprites = content_of(site), sprite_files(templates_of(site))
    assert len(sprites) > 20
    assert len(read_experiments(content, list(sprites))) == len(
        list((standard_root() / "content/lab").glob("*.md"))
    )
    assert {"index.md", "q1.md", "q2.md", "q3.md", "about.md"} <= set(content.files("*.md"))


def test_a_command_finds_ours_where_a_course_has_none(
    site: SiteConfig, ours: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(site.root)
    for name, found in {
        "content/index.md": Path("content/index.md"),
        "content/q3.md": ours / "content/q3.md",
        "content/q9.md": Path("content/q9.md"),
        "secret.txt": Path("secret.txt"),
        "content/../secret.txt": Path("content/../secret.txt"),
    }.items():
        assert own_or_ours(Path(name)) == found


def test_an_exercise_that_is_left_out_is_not_read(site: SiteConfig, ours: Path) -> None:
    write(ours / "content/exercises/bad.py", "no exercise (")
    with pytest.raises(ExerciseError):
        read_worksheets(content_of(site).below("exercises"))
    write(site.content / "exercises/bad.py", "")
    assert read_worksheets(content_of(site).below("exercises")) == ()


def test_nobody_else_looks_into_the_projects_own_folders_alone() -> None:
    """A course that `new` started has next to nothing there: ask `content_of` or `templates_of`."""
    package = Path(overlay.__file__).parents[1]
    alone = re.compile(r"(?:config|site|settings)\.(?:content|templates)\b(?! = )")
    found = {
        path.relative_to(package).as_posix()
        for path in package.rglob("*.py")
        if alone.search(path.read_text(encoding="utf-8"))
    }
    # The last three name the project's own folders, write there, or hand them on.
    own = {"kit.py", "add.py", "__main__.py"}
    assert found == {"project/overlay.py", "project/source_lines.py", *own}
