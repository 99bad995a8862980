"""`.cache/` stays below its limit, and never loses what the build at hand uses."""

from __future__ import annotations

import os
from pathlib import Path

from generator.build.cache_limit import trim_cache
from generator.files.folders import CacheFolder


def kept(folder: Path, name: str, age_s: int, size: int = 100) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x" * size)
    now = path.stat().st_mtime
    os.utime(path, (now - age_s, now - age_s))
    return path


def test_the_oldest_go_first_and_what_is_used_stays(tmp_path: Path) -> None:
    cache = CacheFolder(tmp_path)
    oldest = kept(cache.forward_passes, "a.npz", 4000)
    used = kept(cache.measures, "b.json.gz", 9000)
    older = kept(cache.causal_tests, "c.npz", 3000)
    young = kept(cache.downloads, "d.jpg", 10)
    foreign = kept(tmp_path, "mine.txt", 9000)
    trim_cache(cache, 1000, [used])
    assert oldest.exists()
    trim_cache(cache, 200, [used])
    left = {path for path in (oldest, used, older, young, foreign) if path.exists()}
    assert left == {used, young, foreign}
    trim_cache(cache, 1, [used])
    assert used.exists()
    assert not young.exists()


def test_what_is_used_counts_as_used_now(tmp_path: Path) -> None:
    cache = CacheFolder(tmp_path)
    used = kept(cache.forward_passes, "a.npz", 9000)
    other = kept(cache.forward_passes, "b.npz", 10)
    trim_cache(cache, 1000, [used])
    trim_cache(cache, 150, [])
    assert used.exists()
    assert not other.exists()


def test_a_file_that_another_build_removes_meanwhile_is_passed_over(tmp_path: Path) -> None:
    cache = CacheFolder(tmp_path)
    old = kept(cache.forward_passes, "a.npz", 10)
    (cache.forward_passes / ".b.npz.1.part").symlink_to("gone")  # listed, and not there
    trim_cache(cache, 1, [])
    assert not old.exists()


def test_a_file_that_another_build_is_writing_stays(tmp_path: Path) -> None:
    cache = CacheFolder(tmp_path)
    writing = kept(cache.forward_passes, ".a.npz.1.part", 3000)
    given_up = kept(cache.downloads, "b.jpg.part", 90_000)
    trim_cache(cache, 1, [])
    assert writing.exists()
    assert not given_up.exists()
