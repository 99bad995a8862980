"""What a build writes, and what it leaves alone."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from generator.files.write import (
    copy_if_different,
    link_or_copy,
    replaced_if_different,
    size_of,
    write_folder,
    write_if_different,
    write_json,
)


def test_the_same_bytes_are_not_written_again(tmp_path: Path) -> None:
    path = tmp_path / "new" / "file.txt"
    assert write_if_different(path, b"one")
    before = path.stat()
    assert not write_if_different(path, b"one")
    assert path.stat().st_mtime_ns == before.st_mtime_ns
    assert path.stat().st_ino == before.st_ino
    assert write_if_different(path, b"two")
    assert path.read_bytes() == b"two"
    assert [child.name for child in path.parent.iterdir()] == ["file.txt"]


def test_the_size_of_a_file_and_of_what_is_none(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"four")
    (tmp_path / "link").symlink_to("file")
    assert [size_of(tmp_path / name) for name in ("file", "link")] == [4, 4]
    assert [size_of(tmp_path / name) for name in ("", "none", "none/a", "file/a")] == [-1] * 4


def test_json_reads_back_with_its_letters_as_they_are(tmp_path: Path) -> None:
    write_json(tmp_path / "a.json", {"b": ["é"]})
    text = (tmp_path / "a.json").read_text(encoding="utf-8")
    assert json.loads(text) == {"b": ["é"]}
    assert "é" in text


def test_files_of_an_earlier_call_go_and_those_of_others_stay(tmp_path: Path) -> None:
    folder, listing = tmp_path / "docs", tmp_path / "list.json"
    write_folder(folder, {"a.md": b"a", "old/b.md": b"b", "kept/c.md": b"c"}, listing)
    (folder / "kept" / "mine.txt").write_text("mine")
    write_folder(folder, {"a.md": b"a"}, listing)
    left = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))
    assert left == ["a.md", "kept", "kept/mine.txt"]


def test_files_of_a_call_that_was_killed_midway_go_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, listing = tmp_path / "docs", tmp_path / "list.json"
    replace = Path.replace

    def killed(self: Path, target: Path) -> Path:
        if target.name == "c.md":
            raise KeyboardInterrupt
        return replace(self, target)

    files = {"a.md": b"a", "answers.py": b"b", "c.md": b"c"}
    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", killed)
        patched.setattr(Path, "unlink", lambda *_, **__: None)  # who is killed tidies nothing up
        with pytest.raises(KeyboardInterrupt):
            write_folder(folder, files, listing)
    (folder / ".mine.part").touch()
    assert len(list(folder.iterdir())) == 4
    write_folder(folder, {"a.md": b"a"}, listing)
    assert {path.name for path in folder.iterdir()} == {"a.md", ".mine.part"}
    assert json.loads(listing.read_text()) == ["a.md"]


def test_a_spoilt_list_removes_nothing_outside(tmp_path: Path) -> None:
    folder, listing = tmp_path / "docs", tmp_path / "list.json"
    victim = tmp_path / "victim.txt"
    victim.write_text("mine")
    listing.write_text(json.dumps(["../victim.txt", str(victim), 7, ""]))
    write_folder(folder, {"a.md": b"a"}, listing)
    assert victim.exists()
    listing.write_text("no JSON")
    write_folder(folder, {"b.md": b"b"}, listing)
    assert (folder / "b.md").exists()


def test_what_is_streamed_replaces_what_differs_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "new" / "large.csv"
    for content in (b"one", b"two"):
        with replaced_if_different(path) as stream:
            stream.write(content)
        assert path.read_bytes() == content
    before = path.stat()
    with replaced_if_different(path) as stream:
        stream.write(b"two")
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_stream_that_is_broken_off_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    path.write_bytes(b"whole")

    def pieces() -> Iterator[bytes]:
        yield b"half"
        raise ValueError("no more")

    def write() -> None:
        with replaced_if_different(path) as stream:
            stream.writelines(pieces())

    with pytest.raises(ValueError, match="no more"):
        write()
    assert [(one.name, one.read_bytes()) for one in tmp_path.iterdir()] == [("large.csv", b"whole")]


@pytest.fixture(params=[True, False], ids=["links", "copies"])
def links(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Once on a disk that knows hard links, and once on one that does not."""
    if not request.param:

        def refused(*_: object, **__: object) -> None:
            raise OSError("this disk has no links")

        monkeypatch.setattr(os, "link", refused)
    return bool(request.param)


def test_a_second_name_is_the_same_file_or_a_copy_of_its_time(tmp_path: Path, links: bool) -> None:
    source, target = tmp_path / "docs/a.webp", tmp_path / "site/deep/a.webp"
    write_if_different(source, b"picture")
    os.utime(source, ns=(10**18, 10**18))
    link_or_copy(source, target)
    link_or_copy(source, target)  # and once more, over itself
    assert target.read_bytes() == b"picture"
    assert target.samefile(source) == links
    assert target.stat().st_mtime_ns == 10**18
    assert [path.name for path in target.parent.iterdir()] == ["a.webp"]


def test_what_replaces_a_file_leaves_its_other_names_as_they_are(
    tmp_path: Path, links: bool
) -> None:
    docs, site, other = tmp_path / "docs/a.webp", tmp_path / "site/a.webp", tmp_path / "b.webp"
    write_if_different(docs, b"old")
    link_or_copy(docs, site)
    write_if_different(docs, b"new")
    assert (docs.read_bytes(), site.read_bytes()) == (b"new", b"old")
    write_if_different(other, b"longer")
    copy_if_different(other, docs)
    copy_if_different(other, site)
    write_if_different(other, b"changed")
    assert docs.read_bytes() == site.read_bytes() == b"longer"
    assert not list(tmp_path.rglob("*.part"))


def test_a_link_is_followed_and_not_published(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"content")
    (tmp_path / "link").symlink_to(tmp_path / "secret")
    link_or_copy(tmp_path / "link", tmp_path / "site/file")
    assert not (tmp_path / "site/file").is_symlink()
    assert (tmp_path / "site/file").read_bytes() == b"content"
