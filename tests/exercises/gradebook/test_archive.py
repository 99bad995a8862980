"""Nothing in a zip file does harm, and nothing in it keeps the rest from being read."""

from __future__ import annotations

import os
import stat
import struct
import tracemalloc
import zipfile
from pathlib import Path

import pytest

from generator.errors import GradingError
from generator.exercises.gradebook import archive
from generator.exercises.gradebook.archive import INNER, OUTER, Bounds, Member, Room, unpacked
from generator.exercises.grading.submission import MAX_BYTES
from tests.exercises.gradebook.zips import write_zip, zipped


class Unpacked:
    def __init__(self, path: Path, bounds: Bounds = OUTER) -> None:
        self.scratch = path.parent / "scratch"
        self.scratch.mkdir()
        self.refused: dict[str, str] = {}
        room = Room(bounds)
        found = unpacked(path, self.scratch, room, lambda _: True, self.refused.__setitem__)
        self.members: list[Member] = list(found)

    @property
    def copies(self) -> dict[str, bytes]:
        return {one.name: one.copy.read_bytes() for one in self.members if one.copy}


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("/etc/a.py", "absolute"),
        ("C:\\a.py", "absolute"),
        ("C:/a.py", "absolute"),
        ("a\\..\\b.py", "another system"),
        ("../a.py", "leads out"),
        ("ada/../../a.py", "leads out"),
    ],
)
def test_a_path_that_leads_elsewhere_is_refused_and_the_rest_is_read(
    tmp_path: Path, name: str, reason: str
) -> None:
    found = Unpacked(write_zip(tmp_path / "a.zip", {name: "1", "ada.py": "2"}))
    assert found.copies == {"ada.py": b"2"}
    assert reason in found.refused[name]
    assert sorted(tmp_path.iterdir()) == [tmp_path / "a.zip", found.scratch]
    assert len(list(found.scratch.iterdir())) == 1


def test_a_bomb_costs_itself_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = b" " * 300_000
    monkeypatch.setitem(MAX_BYTES, ".ipynb", 250_000)
    files: dict[str, str | bytes] = {"a.py": bomb, "b.ipynb": bomb, "c.py": "3", "d.pdf": bomb}
    found = Unpacked(write_zip(tmp_path / "a.zip", files))
    assert found.refused == {"a.py": "is larger than 200 kB", "b.ipynb": "is larger than 250 kB"}
    assert found.copies == {"c.py": b"3"}
    assert [one.name for one in found.members] == ["c.py", "d.pdf"]  # and d.pdf was not unpacked


def test_an_entry_that_lies_about_its_size_is_damaged(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a.zip", {"a.py": b" " * 100_000, "b.py": "2"})
    content = path.read_bytes()
    assert content.count(struct.pack("<I", 100_000)) == 2
    path.write_bytes(content.replace(struct.pack("<I", 100_000), struct.pack("<I", 10)))
    found = Unpacked(path)
    assert (found.refused, found.copies) == ({"a.py": "is damaged"}, {"b.py": b"2"})


def test_a_lying_bomb_is_never_unpacked_as_a_whole(tmp_path: Path) -> None:
    size = 8_000_000
    path = write_zip(tmp_path / "a.zip", {"a.py": b" " * size, "b.py": "2"})
    content = path.read_bytes()
    path.write_bytes(content.replace(struct.pack("<I", size), struct.pack("<I", 1000)))
    tracemalloc.start()
    try:
        found = Unpacked(path)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 2_000_000
    assert (found.refused, found.copies) == ({"a.py": "is damaged"}, {"b.py": b"2"})
    assert len(list(found.scratch.iterdir())) == 1


@pytest.mark.parametrize("kind", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_large_entry_that_cannot_be_packed_is_read(
    tmp_path: Path, kind: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "_MOST_DIRECTORY", 100_000)
    content = os.urandom(150_000)
    with zipfile.ZipFile(tmp_path / "a.zip", "w", kind) as opened:
        opened.writestr("a.ipynb", content)
    found = Unpacked(tmp_path / "a.zip")
    assert (found.refused, found.copies) == ({}, {"a.ipynb": content})


def test_the_folder_of_copies_is_not_listed_for_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_zip(tmp_path / "a.zip", {"a.py": "1", "b.py": "2"})
    with monkeypatch.context() as patched:
        for owner, name in ((Path, "iterdir"), (os, "listdir"), (os, "scandir")):
            patched.setattr(owner, name, None)
        found = Unpacked(path)
    assert found.copies == {"a.py": b"1", "b.py": b"2"}


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as opened:
        link = zipfile.ZipInfo("link.py")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        opened.writestr(link, "/etc/passwd")
        opened.writestr("packed.py", "1" * 1000, zipfile.ZIP_LZMA)
        opened.writestr("ada.py", "2")
        opened.writestr("encrypted.py", "3")
        with pytest.warns(UserWarning, match="Duplicate"):
            opened.writestr("ada.py", "3")
    content = bytearray(path.read_bytes())
    content[content.rindex(b"encrypted.py") - 46 + 8] |= 1
    path.write_bytes(content)
    found = Unpacked(path)
    assert found.copies == {"ada.py": b"2"}
    for name, reason in (
        ("link.py", "a link"),
        ("packed.py", "not read"),
        ("ada.py", "twice"),
        ("encrypted.py", "encrypted"),
    ):
        assert reason in found.refused[name]


def test_no_damage_is_more_than_a_sentence(tmp_path: Path) -> None:
    whole = zipped({"ada.py": "x = 1\n" * 20, "bob.ipynb": "{}"})
    path = tmp_path / "a.zip"
    for at in range(0, len(whole), 7):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :])
        scratch = tmp_path / f"{at}"
        scratch.mkdir()
        try:
            members = list(unpacked(path, scratch, Room(OUTER), lambda _: True, lambda *_: None))
        except GradingError:
            continue
        assert len(members) <= 2


def test_a_huge_table_of_contents_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "_MOST_DIRECTORY", 1000)
    path = write_zip(tmp_path / "a.zip", {f"{at}.txt": "" for at in range(50)})
    with pytest.raises(GradingError, match="is no zip file"):
        Unpacked(path)


@pytest.mark.parametrize(
    ("bounds", "said"), [(Bounds(2, 100, 0), "holds more than 2 files"), (INNER, "is no zip file")]
)
def test_too_many_and_what_is_no_zip_file(tmp_path: Path, bounds: Bounds, said: str) -> None:
    path = write_zip(tmp_path / "a.zip", {f"{at}.py": "" for at in range(3)})
    if bounds == INNER:
        path.write_text("PK, but no more")
    with pytest.raises(GradingError, match=said):
        Unpacked(path, bounds)


def test_all_together_have_a_limit(tmp_path: Path) -> None:
    files = {"a.py": "1" * 60, "b.py": "2" * 60, "c.py": "3" * 30}
    found = Unpacked(write_zip(tmp_path / "a.zip", files), Bounds(10, 100, 0))
    assert list(found.copies) == ["a.py", "c.py"]
    assert "unpacks to more than" in found.refused["b.py"]


def test_several_zip_files_may_have_one_limit(tmp_path: Path) -> None:
    room, refused = Room(Bounds(3, 100, 0)), dict[str, str]()

    def names(path: Path) -> list[str]:
        found = unpacked(path, tmp_path, room, lambda _: True, refused.__setitem__)
        return [one.name for one in found]

    one = write_zip(tmp_path / "1.zip", {"a.py": "1" * 60})
    two = write_zip(tmp_path / "2.zip", {"b.py": "2" * 60, "c.py": "3" * 30})
    assert (names(one), names(two), list(refused)) == (["a.py"], ["c.py"], ["b.py"])
    with pytest.raises(GradingError, match="holds more than 3 files, with the zip files before it"):
        names(one)


def test_names_of_a_mac_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(zipped({"Jörg/a.py": "1"}))
    content = bytearray(path.read_bytes())
    for begin, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(begin) + flags + 1] &= 0xF7  # it says nothing of UTF-8
    path.write_bytes(content)
    assert list(Unpacked(path).copies) == ["Jörg/a.py"]
