"""What a build that was killed has left: removed before the next one begins.

In: the folder of a build, and the cache. Out: both without half-written files, and the first
without a site that was not published. Some of it may be of another edition, and hold answers.
"""

from __future__ import annotations

import os
import re
import shutil
import time
from contextlib import suppress
from pathlib import Path

from generator.files.folders import NO_PART_OF_A_BUILD, BuildFolder, CacheFolder
from generator.files.walk import names_below

_PART = re.compile(r"^\..+\.(\d+)\.part$")
"""As `files.write` names a file that is not finished."""
_OLD_PART = re.compile(r"\.npz\.(\d+)\.part$")
"""As forward passes were once named that were not finished."""
_DAY_S = 86_400


def remove_leftovers(folder: BuildFolder, cache: CacheFolder) -> None:
    """Removes them; an earlier site that had just lost its place gets it back.

    The folder is this build's alone, so nothing in it is being written. The cache may be another
    build's, too.
    """
    for one in (folder, folder.instructor):
        if one.earlier_site.is_dir() and not one.site.exists():
            one.earlier_site.rename(one.site)
        for staged in (one.staged_site, one.earlier_site, one.zensical):
            shutil.rmtree(staged, ignore_errors=True)
    for name in names_below(folder.path):
        place, own = name.partition("/")[0], name.rpartition("/")[2]
        if _PART.match(own) and place not in NO_PART_OF_A_BUILD:
            (folder.path / name).unlink()
    for file in (file for place in cache.own for file in place.rglob("*.part")):
        found = _PART.match(file.name) or _OLD_PART.search(file.name)
        if found and _is_left(file, int(found[1])):
            with suppress(OSError):  # another build may have been faster
                file.unlink()


def _is_left(part: Path, process: int) -> bool:
    """Whether the process that wrote a file is gone, or did not touch it for a day."""
    try:
        if process == os.getpid() or time.time() - part.stat().st_mtime > _DAY_S:
            return True
    except OSError:
        return False
    import psutil  # only here: it takes a while to import

    return not psutil.pid_exists(process)
