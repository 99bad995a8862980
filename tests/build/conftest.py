"""Tests of builds change a project that was built."""

from pathlib import Path

import pytest


@pytest.fixture
def project(built_project: Path) -> Path:
    """A copy of the project that was built, with all that the build left."""
    return built_project
