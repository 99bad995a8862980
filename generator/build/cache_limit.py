"""Keeps `.cache/` from growing for ever: what was not used for longest goes first.

In: the folder, how many bytes it may take, and what this build used. Out: that folder, smaller if
need be. What the build used is never removed, and counts as used now.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from generator.build.causal import causal_file
from generator.build.entry import BuiltEntry
from generator.files.folders import CacheFolder
from generator.project.config import SiteConfig

logger = logging.getLogger("generator")


def files_in_use(
    config: SiteConfig, cache: CacheFolder, built: Sequence[BuiltEntry]
) -> Iterator[Path]:
    """The files of the cache that these entries were made from."""
    for one in built:
        yield from (one.located.forward_pass, one.record.measures.path, one.located.image)
        tests = causal_file(config, cache, one.located)
        if tests is not None:
            yield tests


def trim_cache(cache: CacheFolder, most_bytes: int, in_use: Iterable[Path]) -> None:
    """Removes the files that were not used for longest, until the others take no more than that."""
    folders, kept = cache.by_key, set(in_use)
    for path in kept:
        if path.parent in folders:
            with suppress(OSError):  # a cache that may not be written to does not grow either
                os.utime(path)
    found = [(path.stat(), path) for folder in folders for path in folder.glob("*")]
    total = sum(stat.st_size for stat, _ in found)
    removed = 0
    for stat, path in sorted(found, key=lambda one: (one[0].st_mtime_ns, one[1])):
        if total <= most_bytes:
            break
        if path not in kept:
            with suppress(OSError):
                path.unlink()
                total, removed = total - stat.st_size, removed + 1
    if removed:
        logger.info("%d old files were removed from %s", removed, cache.path)
