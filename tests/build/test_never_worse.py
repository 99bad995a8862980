"""A build never makes things worse: what was published stays until there is something better."""

from __future__ import annotations

import errno
import logging
import shutil
from pathlib import Path

import pytest

from generator.build.recipe import build
from generator.errors import (
    ImageError,
    LossError,
    StorageError,
    UnavailableError,
    WebsiteError,
)
from generator.inference.runner import LocatedEntry, Runner
from tests.tiny_project import files_in, options, replace_in

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("quick_figures")]


def published(project: Path) -> dict[str, bytes]:
    """What students get."""
    site = {f"site/{name}": data for name, data in files_in(project / "build/site").items()}
    pdf = project / "build/handout.pdf"
    return site | ({"pdf": pdf.read_bytes()} if pdf.is_file() else {})


def spoil(project: Path, *names: str) -> None:
    for name in names:
        (project / "content/images" / name).write_bytes(b"\x89PNG cut short")


def test_nothing_is_published_if_nothing_could_be_built(small: Path) -> None:
    before = published(small)
    originals = {name: (small / "content/images" / name).read_bytes()
                 for name in ("pets.jpg", "mirrored.png")}  # fmt: skip
    spoil(small, *originals)
    with pytest.raises(LossError, match=r"no image could be built.*\n.*mirrored.*\n.*pets"):
        build(options(small))
    assert published(small) == before
    for name, content in originals.items():
        (small / "content/images" / name).write_bytes(content)
    assert build(options(small)).count("built") == 2
    assert published(small) == before


def test_first_build_of_nothing_publishes_nothing(unbuilt: Path) -> None:
    spoil(unbuilt, "pets.jpg", "mirrored.png")
    with pytest.raises(LossError):
        build(options(unbuilt))
    assert not (unbuilt / "build/site").exists()
    report = build(options(unbuilt, force=True))
    assert report.count("built") == 0
    assert (unbuilt / "build/site/index.html").is_file()


def test_more_lost_than_gained_is_refused_unless_forced(small: Path) -> None:
    before = published(small)
    spoil(small, "pets.jpg")
    with pytest.raises(LossError, match=r"lost \(1\) than gained \(0\).*\n  pets: .*pets\.jpg"):
        build(options(small))
    assert published(small) == before
    assert build(options(small, force=True)).count("built") == 1
    assert not (small / "build/site/gallery/pets.html").exists()


def test_as_much_gained_as_lost_is_published(small: Path) -> None:
    spoil(small, "pets.jpg")
    replace_in(small / "content/gallery.yml", "images:\n", "images:\n  - file: content/images/"
               "beach.png\n")  # fmt: skip
    assert build(options(small)).count("built") == 2
    assert (small / "build/site/gallery/beach.html").is_file()


def test_offline_without_a_cache_keeps_the_site(
    small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = published(small)
    shutil.rmtree(small / ".cache")

    def unavailable(*_: object, **__: object) -> Path:
        raise UnavailableError("not downloaded yet")

    monkeypatch.setattr("generator.inference.runner.locate_image", unavailable)
    with pytest.raises(LossError, match="no image could be built"):
        build(options(small))
    assert published(small) == before


def test_outputs_that_were_not_asked_for_stay(
    small: Path, caplog: pytest.LogCaptureFixture
) -> None:
    replace_in(small / "site_config.yml", "[site]", "[site, pdf]")
    build(options(small))
    before = published(small)
    with caplog.at_level(logging.INFO):
        build(options(small, leave_out={"pdf"}))
    del before["site/downloads/handout.pdf"]  # a site offers what was made with it
    assert published(small) == before
    assert "pdf: not asked for; that of an earlier build stays" in caplog.text
    build(options(small, leave_out={"site"}))
    assert published(small) == before
    build(options(small, edition="instructor", leave_out={"pdf"}))
    assert "pdf" not in published(small)  # it was of the other edition


def test_the_instructors_folder_goes_only_once_something_takes_its_place(small: Path) -> None:
    build(options(small, edition="both"))
    site = small / "build/instructor/site/index.html"
    q1 = small / "content/q1.md"
    good = q1.read_text()
    q1.write_text(f"{good}\nA link that only MkDocs minds: [x](q1.html).\n")
    with pytest.raises(WebsiteError):
        build(options(small))
    assert site.is_file()
    q1.write_text(good)
    build(options(small))
    assert not (small / "build/instructor").exists()


@pytest.mark.parametrize(
    ("number", "suffix"),
    [
        (errno.ENOSPC, ".npz"),
        (errno.EFBIG, ".json.gz"),
        (errno.EROFS, ".webp"),
        (errno.ENOSPC, ".md"),
        (errno.ENOSPC, ".html"),
    ],
)
def test_a_full_disk_is_one_error_that_stops(
    small: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    number: int,
    suffix: str,
) -> None:
    before = published(small)
    if suffix in (".npz", ".json.gz"):  # which lie in the cache
        shutil.rmtree(small / ".cache")
    q1 = small / "content/q1.md"
    q1.write_text(f"{q1.read_text()}\nMore.\n")
    replace_in(small / "site_config.yml", "dpi: 72", "dpi: 80")
    write_bytes, open_file = Path.write_bytes, open

    def full(path: Path, content: bytes) -> int:
        if suffix in path.name:
            raise OSError(number, "No space left on device")
        return write_bytes(path, content)

    def full_too(file: object, mode: str = "r", *rest: object, **more: object) -> object:
        if "w" in mode and str(file).endswith(suffix):
            raise OSError(number, "No space left on device", str(file))
        return open_file(file, mode, *rest, **more)  # type: ignore[call-overload]

    with monkeypatch.context() as patched, caplog.at_level(logging.WARNING):
        patched.setattr(Path, "write_bytes", full)
        patched.setattr("builtins.open", full_too)
        with pytest.raises(StorageError) as caught:
            build(options(small))
    assert "\n" not in str(caught.value)
    assert str(small) in str(caught.value)
    assert caplog.text == ""  # no entry failed by itself
    assert published(small) == before
    assert build(options(small)).count("built") == 2


def test_a_cache_that_cannot_be_written_to_is_one_error(small: Path) -> None:
    before = published(small)
    shutil.rmtree(small / ".cache")
    (small / ".cache").write_text("in the way")
    replace_in(small / "site_config.yml", "dpi: 72", "dpi: 80")
    with pytest.raises(StorageError, match=r"\.cache.*see to it that it may be written to"):
        build(options(small))
    assert published(small) == before


def test_an_image_that_may_not_be_read_fails_alone(
    unbuilt: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Runner.run

    def refuse(runner: Runner, located: LocatedEntry) -> None:
        if located.entry.slug == "pets":
            raise ImageError("pets.jpg: cannot be opened") from PermissionError(
                errno.EACCES, "Permission denied", str(located.image)
            )
        run(runner, located)

    monkeypatch.setattr(Runner, "run", refuse)
    report = build(options(unbuilt))
    assert (report.count("built"), report.count("failed")) == (1, 1)
