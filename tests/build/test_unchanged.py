"""Whether a build has anything to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.build.report import BuildReport
from generator.build.unchanged import note_build, unchanged_build
from generator.files.folders import BuildFolder


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
