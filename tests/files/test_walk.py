"""The files below a folder, by name."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from generator.files.walk import names_below, sizes_and_times_below


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("b.html", "a/deep/er.css", "a-b.txt", "a/z.js", ".hidden"):
        file = tmp_path / "site" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(name.encode())
    return tmp_path / "site"


def test_all_files_are_named_in_order(folder: Path) -> None:
    assert names_below(folder) == [".hidden", "a-b.txt", "a/deep/er.css", "a/z.js", "b.html"]


def test_there_is_nothing_where_there_is_no_folder(tmp_path: Path) -> None:
    assert names_below(tmp_path / "none") == []
    (tmp_path / "file").write_bytes(b"")
    assert names_below(tmp_path / "file") == []
    assert sizes_and_times_below(tmp_path / "none") == []


def test_sizes_and_times_are_those_of_the_files(folder: Path) -> None:
    found = [(one.stat().st_size, one.stat().st_mtime_ns) for one in sorted(folder.glob("*.*"))]
    told = {name: (size, time) for name, size, time in sizes_and_times_below(folder)}
    assert [told[name] for name in (".hidden", "a-b.txt", "b.html")] == found


def test_links_to_files_are_followed_and_links_to_folders_are_not(folder: Path) -> None:
    (folder / "c.css").symlink_to(folder / "a/deep/er.css")
    (folder / "circle").symlink_to(folder)
    (folder / "lost").symlink_to(folder / "none")
    (folder / "itself").symlink_to(folder / "itself")
    assert {"c.css", "circle", "lost", "itself"} & set(names_below(folder)) == {"c.css"}
    assert len(sizes_and_times_below(folder)) == len(names_below(folder)) == 6


def test_a_link_to_the_folder_itself_is_followed(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(folder)
    assert names_below(tmp_path / "link") == names_below(folder)


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="has no such names")
def test_any_name_is_told_as_it_is(tmp_path: Path) -> None:
    names = ["a b/c.css", "back\\slash", "line\nbreak", "\udcff.txt", "ünï.md"]
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    assert names_below(tmp_path) == sorted(names)
