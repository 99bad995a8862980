"""What runs in CI and before a commit can be read, is there, and may do no more than it needs."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from click import Option

from generator.__main__ import main

ROOT = Path(__file__).parents[1]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
HOOKS = ROOT / ".pre-commit-config.yaml"
# In YAML 1.1 a bare `on` is true; GitHub reads it as a word.
ON: Any = True


def read(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def steps_of(workflow: Any) -> Iterator[dict[str, Any]]:
    for job in workflow["jobs"].values():
        yield from job["steps"]


def commands(path: Path) -> list[list[str]]:
    """The words of every command that a workflow runs."""
    lines = [line for step in steps_of(read(path)) for line in step.get("run", "").splitlines()]
    parts = [part for line in lines for part in re.split(r"&&|\|\||;|\|", line)]
    return [shlex.split(part) for part in parts if part.strip()]


ALL = [command for path in WORKFLOWS for command in commands(path)]


def test_there_are_checks_and_pages() -> None:
    assert [path.name for path in WORKFLOWS] == ["checks.yml", "pages.yml"]
    assert read(ROOT / ".github" / "dependabot.yml")["version"] == 2


def test_scripts_that_run_are_there() -> None:
    scripts = {words[0] for words in ALL if words[0].startswith("scripts/")}
    assert scripts == {"scripts/install", "scripts/lint", "scripts/test", "scripts/check"}
    for name in sorted(scripts):
        if not (ROOT / "scripts" / "test").exists():
            pytest.skip("the scripts are not there yet")
        assert (ROOT / name).is_file()
        assert sys.platform == "win32" or os.access(ROOT / name, os.X_OK), f"{name} is no program"


def test_commands_of_ours_are_known() -> None:
    prefixes = (["python", "-m", "generator"], ["detr-handout"])
    ours = [words[len(one) :] for words in ALL for one in prefixes if words[: len(one)] == one]
    assert ["build", "--edition", "student", "--no-pdf"] in ours
    for name, *arguments in ours:
        command = main.commands.get(name, main)
        assert (command is main) == name.startswith("-"), name
        known = {flag for one in command.params if isinstance(one, Option) for flag in one.opts}
        asked = [one for one in (name, *arguments) if one.startswith("-")]
        assert set(asked) <= known


def test_files_that_are_named_are_there() -> None:
    named = re.findall(
        r"(?:\$GITHUB_WORKSPACE/|cache-dependency-path: )([\w./-]+)",
        "\n".join(path.read_text(encoding="utf-8") for path in WORKFLOWS),
    )
    assert len(named) > 4
    assert [name for name in named if not (ROOT / name).is_file()] == []


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_workflow_may_only_read_and_replaces_its_own_kind(path: Path) -> None:
    workflow = read(path)
    assert workflow["permissions"] == {"contents": "read"}
    assert workflow["concurrency"]["group"]
    wide = {
        name: job["permissions"] for name, job in workflow["jobs"].items() if "permissions" in job
    }
    assert wide == (
        {"deploy": {"pages": "write", "id-token": "write"}} if path.stem == "pages" else {}
    )
    assert all("timeout-minutes" in job for job in workflow["jobs"].values())
    for step in steps_of(workflow):
        if "uses" in step:
            assert re.fullmatch(r"actions/[\w-]+@v\d+", step["uses"])


def test_pages_are_published_on_demand_or_with_a_tag_alone() -> None:
    triggers = read(ROOT / ".github/workflows/pages.yml")[ON]
    assert triggers == {"workflow_dispatch": None, "push": {"tags": ["v*"]}}


def test_three_systems_and_two_pythons_run_the_tests() -> None:
    matrix = read(ROOT / ".github/workflows/checks.yml")["jobs"]["test"]["strategy"]["matrix"]
    assert [one.partition("-")[0] for one in matrix["os"]] == ["ubuntu", "macos", "windows"]
    assert matrix["python"] == ["3.11", "3.x"]


def test_hooks_before_a_commit_are_installed_programs() -> None:
    repositories = read(HOOKS)["repos"]
    local = [hook for one in repositories if one["repo"] == "local" for hook in one["hooks"]]
    assert [hook["id"] for hook in local] == ["ruff", "ruff-format", "mypy", "lint-imports"]
    for hook in local:
        program = shlex.split(hook["entry"])[0]
        assert shutil.which(program, path=str(Path(sys.executable).parent)), program
    others = {hook["id"] for one in repositories if one["repo"] != "local" for hook in one["hooks"]}
    assert others == {"end-of-file-fixer", "check-added-large-files"}
    assert all("rev" in one for one in repositories if one["repo"] != "local")
