"""Every test is collected."""

from fnmatch import fnmatch
from pathlib import Path

import pytest

TESTS = Path(__file__).parent


def test_no_folder_of_tests_is_skipped(pytestconfig: pytest.Config) -> None:
    patterns = pytestconfig.getini("norecursedirs")
    folders = {path.parent for path in TESTS.rglob("test_*.py")} - {TESTS}
    assert TESTS / "build" in folders
    names = {part for folder in folders for part in folder.relative_to(TESTS).parts}
    assert [name for name in names if any(fnmatch(name, pattern) for pattern in patterns)] == []


def test_every_folder_of_tests_is_a_package() -> None:
    """Otherwise two modules of the same name could not both be imported."""
    folders = {path.parent for path in TESTS.rglob("test_*.py")}
    assert [folder for folder in folders if not (folder / "__init__.py").is_file()] == []
