"""A site of the project's own pages, for tests that open them in a browser."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from generator.build.recipe import build
from generator.build.report import BuildReport
from tests.shared import made_once
from tests.tiny_project import options

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def site(report: BuildReport, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project's own pages about the small gallery of the tests; nobody may change them."""

    def make(folder: Path) -> Path:
        project = folder / "site"
        shutil.copytree(report.output.parent, project)
        gallery = (project / "content/gallery.yml").read_bytes()
        shutil.copytree(ROOT / "content", project / "content", dirs_exist_ok=True)
        (project / "content/gallery.yml").write_bytes(gallery)
        return build(options(project, leave_out={"pdf"})).of("site")["student"]

    return made_once(tmp_path_factory, "own-pages", make)
