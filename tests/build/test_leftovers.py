"""What a build that was killed has left."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from generator.build.leftovers import remove_leftovers
from generator.files.folders import BuildFolder, CacheFolder


@pytest.fixture
def folder(tmp_path: Path) -> BuildFolder:
    return BuildFolder(tmp_path)


def written(path: Path, text: str = "An answer") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_half_written_files_and_sites_go(folder: BuildFolder) -> None:
    for one in (folder, folder.instructor):
        left = [
            written(one.staged_site / "index.html"),
            written(one.earlier_site / "index.html"),
            written(one.stamps / ".pages-instructor-site.json.123.part"),
            written(one.docs / ".q1.md.4.part"),
        ]
        site = written(one.site / "index.html", "A site")
        remove_leftovers(folder, CacheFolder(folder.path / "none"))
        assert [path for path in left if path.exists()] == []
        assert site.read_text() == "A site"


def test_site_that_just_lost_its_place_gets_it_back(folder: BuildFolder) -> None:
    written(folder.earlier_site / "index.html", "A site")
    remove_leftovers(folder, CacheFolder(folder.path / "none"))
    assert (folder.site / "index.html").read_text() == "A site"
    assert not folder.earlier_site.exists()


def test_own_files_that_look_alike_stay(folder: BuildFolder) -> None:
    own = [written(folder.path / name) for name in (".notes.part", "a.12.part", "site/x.part")]
    remove_leftovers(folder, CacheFolder(folder.path / "none"))
    assert all(path.exists() for path in own)


@pytest.mark.slow
def test_half_written_files_of_the_cache_go_unless_they_are_being_written(
    folder: BuildFolder,
) -> None:
    cache = CacheFolder(folder.path.with_name("cache"))
    gone = subprocess.run(
        [sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True
    )
    dead, alive = int(gone.stdout), os.getppid()
    left = [
        written(cache.forward_passes / f".key.npz.{dead}.part"),
        written(cache.forward_passes / f"key.npz.{dead}.part"),
        written(cache.measures / f".key.json.gz.{os.getpid()}.part"),
    ]
    old = written(cache.measures / f".old.json.gz.{alive}.part")
    os.utime(old, (0, 0))
    kept = [
        written(cache.causal_tests / f".key.npz.{alive}.part"),
        written(cache.downloads / "picture.jpg.part"),  # goes on where it broke off
        written(folder.path / f"detect/cats/.decoder.png.{dead}.part"),
        written(folder.path / f"export/cats/.decoder_cross.npy.{dead}.part"),
        written(folder.path / f"kit/.detr-homework.zip.{alive}.part"),
    ]
    remove_leftovers(folder, cache)
    assert [path for path in (*left, old) if path.exists()] == []
    assert all(path.exists() for path in kept)
