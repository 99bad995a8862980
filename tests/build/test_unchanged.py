"""Whether a build has anything to do."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from generator.build.recipe import build
from generator.build.report import BuildReport
from generator.build.unchanged import (
    note_build,
    note_sources,
    sources_are_known,
    unchanged_build,
)
from generator.errors import UsageError
from generator.files.folders import BuildFolder
from generator.project.config import load_config
from tests.tiny_project import copy_of_tinysite, options


@pytest.fixture
def folder(tmp_path: Path) -> BuildFolder:
    """A folder with a page, and the note of the build that wrote it."""
    folder = BuildFolder(tmp_path)
    written(folder.docs / "index.md")
    note_build(folder, "inputs", BuildReport((), 3, 1.0, folder.path, ()))
    return folder


def written(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("...")


@pytest.mark.parametrize("command", ["detect", "export", "kit", "publish"])
def test_what_other_commands_write_is_no_part_of_a_build(folder: BuildFolder, command: str) -> None:
    written(folder.path / command / "cats/decoder.png")
    report = unchanged_build(folder, "inputs", 2.0)
    assert report is not None
    assert (report.is_unchanged, report.detections, report.seconds) == (True, 3, 2.0)


def test_a_file_more_or_another_input_is_a_change(folder: BuildFolder) -> None:
    assert unchanged_build(folder, "other inputs", 2.0) is None
    written(folder.docs / "q1.md")
    assert unchanged_build(folder, "inputs", 2.0) is None


@pytest.mark.slow
def test_texts_are_known_for_what_they_were_rendered_for(
    folder: BuildFolder, tmp_path: Path
) -> None:
    config = load_config(copy_of_tinysite(tmp_path / "site") / "site_config.yml")
    note_sources(config, folder, [])
    assert sources_are_known(config, folder)
    for changed in ({"edition": "both"}, {"outputs": ("site",)}, {"print": "full"}):
        assert not sources_are_known(replace(config, **changed), folder)


@pytest.mark.slow
def test_a_mistake_in_the_command_line_is_told_even_if_nothing_changed(small: Path) -> None:
    with pytest.raises(UsageError, match="expected processes, dask:ADDRESS"):
        build(options(small, executor="threads"))
    assert build(options(small)).is_unchanged
