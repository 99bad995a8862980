"""The scripts that people and CI run alike pass nothing over."""

import os
import re
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
SCRIPTS = TESTS.parent / "scripts"
MARKERS = {"browser", "font", "node", "reference", "slow"}


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


def commands_of(name: str) -> list[str]:
    """The commands of a script, without what each of them begins with."""
    lines = (SCRIPTS / name).read_text(encoding="utf-8").splitlines()
    assert lines[0] == "#!/bin/sh"
    assert lines[1].startswith("# ")
    commands = [line for line in lines if not line.startswith("#")]
    assert commands[:2] == ["set -eu", 'cd "$(dirname "$0")/.."']
    return commands[2:]


@pytest.mark.skipif(sys.platform == "win32", reason="no shell there")
@pytest.mark.parametrize("name", ["check", "install", "lint", "test"])
def test_every_script_can_be_run(name: str) -> None:
    assert commands_of(name)
    assert os.access(SCRIPTS / name, os.X_OK)
    subprocess.run(["sh", "-n", SCRIPTS / name], check=True)


def test_check_is_lint_and_every_test() -> None:
    lint, tests = commands_of("check")
    assert lint == "scripts/lint"
    assert tests.startswith("python -m pytest ")
    assert not re.search(r" -[mk]\b|--ignore|--deselect", tests.removeprefix("python -m pytest"))
    assert tests.endswith(' "$@"')
    assert [line.split()[0] for line in commands_of("lint")] == ["ruff", "ruff", "lint-imports",
                                                                 "mypy"]  # fmt: skip


def test_quick_tests_are_all_that_are_neither_slow_nor_in_a_browser() -> None:
    (tests,) = commands_of("test")
    assert tests == 'python -m pytest -m "not slow and not browser" "$@"'


def test_every_marker_says_what_it_marks(pytestconfig: pytest.Config) -> None:
    told = dict(line.split(": ", 1) for line in pytestconfig.getini("markers") if ": " in line)
    assert told.keys() >= MARKERS
    sources = "".join(path.read_text(encoding="utf-8") for path in TESTS.rglob("*.py"))
    assert {name for name in MARKERS if f"pytest.mark.{name}" in sources} == MARKERS
