"""One project that is built once; tests change copies of it, which need not be built anew."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from generator.build.recipe import build
from generator.build.report import BuildReport
from tests.tiny_project import copy_of_tinysite, options


@pytest.fixture(scope="session")
def report(tmp_path_factory: pytest.TempPathFactory) -> BuildReport:
    """A student's site and PDF of all entries, one of which is damaged and one out of reach."""
    return build(options(copy_of_tinysite(tmp_path_factory.mktemp("built") / "site")))


@pytest.fixture
def project(report: BuildReport, tmp_path: Path) -> Path:
    """A copy of the project that was built, with all that the build left."""
    return Path(shutil.copytree(report.output.parent, tmp_path / "site"))
