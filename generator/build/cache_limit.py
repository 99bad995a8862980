"""Keeps `.cache/` from growing for ever: what was not used for longest goes first.

In: the folder, how many bytes it may take, and what this build used. Out: that folder, smaller if
need be. What the build used is never removed, and counts as used now. Nor is what another build,
which may share the folder, is writing.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from generator.build.causal import causal_file
from generator.build.entry import BuiltEntry
from generator.files.folders import CacheFolder
from generator.project.config import SiteConfig

logger = logging.getLogger("generator")

_DAY_S = 86_400
"""A file that is not finished and was not touched for so long has been given up."""


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
    found = list(_sizes(path for folder in folders for path in folder.glob("*")))
    total = sum(stat.st_size for stat, _ in found)
    removed = 0
    for stat, path in sorted(found, key=lambda one: (one[0].st_mtime_ns, one[1])):
        if total <= most_bytes:
            break
        if path not in kept and not _is_being_written(stat, path):
            with suppress(OSError):
                path.unlink()
                total, removed = total - stat.st_size, removed + 1
    if removed:
        logger.info("%d old files were removed from %s", removed, cache.path)


def _sizes(paths: Iterable[Path]) -> Iterator[tuple[os.stat_result, Path]]:
    """How large and how old files are; one that another build removes or renames is passed over."""
    for path in paths:
        with suppress(FileNotFoundError):
            yield path.stat(), path


def _is_being_written(stat: os.stat_result, path: Path) -> bool:
    """Whether a file is one that another build or download may not have finished."""
    return path.suffix == ".part" and time.time() - stat.st_mtime < _DAY_S
