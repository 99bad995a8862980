"""`mkdocs` in a project's folder shows what was built, or says what to run first."""

from __future__ import annotations

from pathlib import Path

import pytest
from mkdocs.config import load_config
from mkdocs.exceptions import ConfigurationError

ROOT = Path(__file__).parents[2]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "mkdocs.yml").write_bytes((ROOT / "mkdocs.yml").read_bytes())
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.slow
def test_before_the_first_build_it_says_what_to_run(project: Path) -> None:
    with pytest.raises(ConfigurationError, match="run `python -m generator build` first"):
        load_config("mkdocs.yml")


@pytest.mark.parametrize("started_in", [".", "build"])
def test_what_was_built_is_inherited(
    project: Path, monkeypatch: pytest.MonkeyPatch, started_in: str
) -> None:
    (project / "build/docs").mkdir(parents=True)
    (project / "build/mkdocs.yml").write_text("site_name: Mine\n")
    file = project / "mkdocs.yml"
    monkeypatch.chdir(project / started_in)
    config = load_config(str(file))
    assert config.site_name == "Mine"
    assert Path(config.docs_dir) == project / "build/docs"
    assert Path(config.site_dir) == project / "build/site"
