"""The files below a folder, quickly: a site of some hundred images has many thousands.

In: a folder. Out: names in it, with slashes, in order. Links to folders are not followed, and links
that lead nowhere or in a circle are no files.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path


def names_below(folder: Path) -> list[str]:
    """The names of all files, such as "assets/handout.css"; none if that is no folder."""
    return sorted(name for name, _ in _entries(str(folder), ""))


def sizes_and_times_below(folder: Path) -> list[tuple[str, int, int]]:
    """Name, bytes and time of the last change, in nanoseconds, of all files."""
    found = []
    for name, entry in _entries(str(folder), ""):
        with suppress(FileNotFoundError):  # another process has just removed it
            one = entry.stat()
            found.append((name, one.st_size, one.st_mtime_ns))
    return sorted(found)


def _entries(folder: str, prefix: str) -> Iterator[tuple[str, os.DirEntry[str]]]:
    waiting = [(folder, prefix)]
    while waiting:
        folder, prefix = waiting.pop()
        try:
            entries = os.scandir(folder)
        except (FileNotFoundError, NotADirectoryError):
            continue
        with entries:
            for entry in entries:
                name = prefix + entry.name
                if entry.is_dir(follow_symlinks=False):
                    waiting.append((entry.path, f"{name}/"))
                elif Path(entry.path).is_file() if entry.is_symlink() else entry.is_file():
                    yield name, entry
