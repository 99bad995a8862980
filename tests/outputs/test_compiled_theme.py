"""Templates of the theme: compiled once, and compiled again where their text changed."""

from __future__ import annotations

from pathlib import Path

import jinja2
import pytest

from generator.outputs.compiled_theme import CompiledTheme

TEMPLATE = "page.html"


def rendered(theme: Path, folder: Path) -> str:
    """A page by an environment of its own, as each build has one."""
    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(theme))
    return CompiledTheme(folder).on_env(environment).get_template(TEMPLATE).render()


def test_a_template_is_compiled_by_the_first_build_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    theme, folder = tmp_path / "theme", tmp_path / "cache" / "theme"
    theme.mkdir()
    (theme / TEMPLATE).write_text("{{ 6 * 7 }}")
    assert rendered(theme, folder) == "42"
    monkeypatch.setattr(jinja2.Environment, "compile", pytest.fail)
    assert rendered(theme, folder) == "42"


def test_a_changed_template_is_compiled_again(tmp_path: Path) -> None:
    theme, folder = tmp_path / "theme", tmp_path / "cache"
    theme.mkdir()
    (theme / TEMPLATE).write_text("old")
    assert rendered(theme, folder) == "old"
    (theme / TEMPLATE).write_text("new")
    assert rendered(theme, folder) == "new"
    for kept in folder.iterdir():
        kept.write_bytes(b"broken")
    assert rendered(theme, folder) == "new"
