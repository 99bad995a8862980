from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from generator.errors import DownloadError
from generator.files import download
from generator.files.named_pictures import NamedPicture, NamedPictures, named_pictures


def find(folder: Path, *names: object, private: bool = False) -> NamedPictures:
    words = [str(name) for name in names]
    return named_pictures(words, folder / "downloads", max_bytes=1000, private=private)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "more").mkdir()
    for name in ("10.JPG", "9.jpg", "notes.txt", ".hidden.jpg", "a.heic", "more/b.png"):
        (tmp_path / name).touch()
    return tmp_path


def test_pictures_of_a_folder_come_in_natural_order(folder: Path) -> None:
    found = find(folder, folder)
    assert [one.path.name for one in found.pictures] == ["9.jpg", "10.JPG", "a.heic"]
    assert [one.name for one in found.pictures] == ["9", "10", "a"]
    assert found.passed_over == [f"{folder}: left out, as they are no pictures: notes.txt"]
    assert not found.problems


def test_a_folder_without_pictures_is_a_problem(folder: Path) -> None:
    (folder / "empty").mkdir()
    found = find(folder, folder / "empty", folder / "9.jpg")
    assert found.problems == [
        f"{folder / 'empty'}: no pictures are in it; folders in it are not searched"
    ]
    assert [one.path.name for one in found.pictures] == ["9.jpg"]


def test_home_is_found(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("USERPROFILE", str(folder))
    assert find(folder, "~/9.jpg").pictures == [NamedPicture(folder / "9.jpg", "9")]


@pytest.fixture
def fetched(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, object]]:
    """The calls of `fetch`, which downloads nothing."""
    calls: list[dict[str, object]] = []
    fake: Callable[..., None] = lambda url, file, **rest: calls.append({"url": url, **rest})  # noqa: E731
    monkeypatch.setattr(download, "fetch", fake)
    return calls


@pytest.mark.parametrize(
    ("url", "name", "shown"),
    [
        ("https://me:pw@x.org/Two%20Cats.jpg?k=1", "Two Cats", "https://x.org/Two%20Cats.jpg"),
        ("https://x.org/%E7%8C%AB.png", "猫", "https://x.org/%E7%8C%AB.png"),
        ("https://x.org/?id=3", "x.org", "https://x.org/"),
    ],
)
def test_an_address_gives_the_name_and_keeps_its_secrets(
    tmp_path: Path, fetched: list[dict[str, object]], url: str, name: str, shown: str
) -> None:
    (one,) = find(tmp_path, url).pictures
    assert (one.name, one.url, str(one)) == (name, shown, shown)
    (call,) = fetched
    assert (call["url"], call["max_bytes"], call["private"]) == (url, 1000, False)
    assert isinstance(call["max_seconds"], int)


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/a.jpg", "http://localhost/a.jpg"])
def test_an_address_of_this_machine_is_refused(tmp_path: Path, url: str) -> None:
    (problem,) = find(tmp_path, url).problems
    assert "write `private_addresses: on` into site_config.yml" in problem


def test_what_cannot_be_fetched_is_a_problem_of_its_own(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise DownloadError("the server answered with status 404; check the address")

    monkeypatch.setattr(download, "fetch", refuse)
    found = find(folder, "https://example.org/a.jpg", folder / "9.jpg")
    assert (len(found.problems), len(found.pictures)) == (1, 1)
