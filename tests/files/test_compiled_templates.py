"""Templates: compiled once, and compiled again where their text changed."""

from __future__ import annotations

from pathlib import Path

import jinja2
import pytest

from generator.files import compiled_templates
from generator.files.compiled_templates import CompiledTemplates
from generator.files.user_cache import user_cache

TEMPLATE = "page.html"


@pytest.fixture
def templates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of templates; the user's cache is empty, and in `cache` next to it."""
    monkeypatch.setattr(compiled_templates, "user_cache", lambda: tmp_path / "cache")
    folder = tmp_path / "templates"
    folder.mkdir()
    return folder


def rendered(templates: Path, name: str = TEMPLATE) -> str:
    """A page by an environment of its own, as each build has one."""
    loader = jinja2.FileSystemLoader(templates)
    environment = jinja2.Environment(loader=loader, bytecode_cache=CompiledTemplates("theme"))
    return environment.get_template(name).render()


def kept(templates: Path) -> list[Path]:
    return [*(templates.parent / "cache" / "compiled").glob("theme-*/*")]


def test_a_template_is_compiled_by_the_first_build_alone(
    templates: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (templates / TEMPLATE).write_text("{{ 6 * 7 }}")
    assert rendered(templates) == "42"
    monkeypatch.setattr(jinja2.Environment, "compile", pytest.fail)
    assert rendered(templates) == "42"


def test_a_changed_template_is_compiled_again(templates: Path) -> None:
    (templates / TEMPLATE).write_text("old")
    assert rendered(templates) == "old"
    (templates / TEMPLATE).write_text("new")
    assert rendered(templates) == "new"
    for file in kept(templates):
        file.write_bytes(b"broken")
    assert rendered(templates) == "new"


def test_the_newest_are_kept(templates: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled_templates, "MOST_FILES", 2)
    for name in ("a", "b", "c"):
        (templates / name).write_text(name)
        assert rendered(templates, name) == name
    assert len(kept(templates)) == 2


def test_a_cache_that_cannot_be_written_to_changes_nothing(templates: Path) -> None:
    (templates.parent / "cache").write_text("a file stands where the folder should be")
    (templates / TEMPLATE).write_text("{{ 6 * 7 }}")
    assert rendered(templates) == "42"


def test_what_python_runs_is_in_no_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert user_cache().is_absolute()
    assert not user_cache().is_relative_to(tmp_path)
