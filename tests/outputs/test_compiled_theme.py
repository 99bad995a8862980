"""MkDocs finds the same files of the theme, and the same templates, only sooner."""

from __future__ import annotations

import pytest
from mkdocs.config.base import load_config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files

from generator.outputs.compiled_theme import make_quick

pytestmark = pytest.mark.slow


@pytest.fixture
def config(tmp_path_factory: pytest.TempPathFactory) -> MkDocsConfig:
    folder = tmp_path_factory.mktemp("site")
    (folder / "docs").mkdir()
    (folder / "mkdocs.yml").write_text("site_name: Tiny\ntheme: material\n")
    return load_config(str(folder / "mkdocs.yml"))


def test_the_same_files_are_found(config: MkDocsConfig) -> None:
    def found() -> list[str]:
        files = Files([])
        files.add_files_from_theme(config.theme.get_env(), config)
        return [file.src_uri for file in files]

    slowly = found()
    assert len(slowly) > 20
    make_quick(config.theme)
    assert found() == slowly


def test_icons_are_read(config: MkDocsConfig) -> None:
    name = ".icons/material/eye-outline.svg"
    slowly = config.theme.get_env().get_template(name).render()
    make_quick(config.theme)
    assert config.theme.get_env().get_template(name).render() == slowly
