"""Writes a build's files only when their bytes differ, and removes those it no longer makes.

In: the files that a folder is to hold. Out: that folder on disk. Other files in it are left
alone: a list of what was written, kept next to the folder, tells them apart. A preview that
watches the folder therefore rebuilds once per change, not for ever.
"""

from __future__ import annotations

import contextlib
import filecmp
import json
import os
import shutil
import stat
from collections.abc import Iterator, Mapping, Set
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO


def write_if_different(path: Path, content: bytes) -> bool:
    """Writes a file under a temporary name and renames it, unless it is there already.

    Returns:
        Whether anything was written.
    """
    try:
        if path.read_bytes() == content:
            return False
    except FileNotFoundError:
        pass
    replace_file(path, content)
    return True


def replace_file(path: Path, content: bytes) -> None:
    """Writes a file under a temporary name and renames it; a failure leaves nothing behind."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with _named(path):
            partial.write_bytes(content)
            partial.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)
        raise


@contextlib.contextmanager
def replaced_if_different(path: Path) -> Iterator[BinaryIO]:
    """A stream whose content becomes the file's, unless that is the same; for what is large."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with _named(path):
            with partial.open("wb") as stream:
                yield stream
            if not (path.is_file() and filecmp.cmp(path, partial, shallow=False)):
                partial.replace(path)
    finally:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)


@contextlib.contextmanager
def _named(path: Path) -> Iterator[None]:
    """Lets an error that names no file, such as that of a full disk, name this one."""
    try:
        yield
    except OSError as error:
        if error.filename is None and error.errno is not None:
            raise OSError(error.errno, error.strerror, str(path)) from error
        raise


def size_of(path: Path) -> int:
    """The size of a file in bytes; -1 if it is not there."""
    try:
        found = path.stat()  # once: a build asks for thousands
    except (FileNotFoundError, NotADirectoryError):
        return -1
    return found.st_size if stat.S_ISREG(found.st_mode) else -1


def write_json(path: Path, value: Any) -> None:
    """Writes JSON that people can read, the same bytes for the same value."""
    text = json.dumps(value, indent=1, ensure_ascii=False) + "\n"
    write_if_different(path, text.encode())


def copy_if_different(source: Path, target: Path) -> None:
    """Shares or copies a file unless what is there has the same size and time; it has its time."""
    here = source.stat()
    if target.is_file():
        there = target.stat()
        if (here.st_size, here.st_mtime_ns) == (there.st_size, there.st_mtime_ns):
            return
    link_or_copy(source, target)


def link_or_copy(source: Path, target: Path) -> None:
    """The same file under a second name where the disk can do that, else a copy with its time.

    Only for files that are replaced, never changed in place: both names show such a change.
    """
    if _linked(source, target):
        return
    target.parent.mkdir(parents=True, exist_ok=True)  # asked for only now: there are thousands
    if _linked(source, target):
        return
    partial = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        if not _linked(source, partial):
            shutil.copy2(source, partial)
        partial.replace(target)
    finally:
        with contextlib.suppress(OSError):  # two names of one file are not replaced
            partial.unlink(missing_ok=True)


def _linked(source: Path, target: Path) -> bool:
    """Whether a file could be given a second name: not if that is taken, or the first is a link."""
    if source.is_symlink():
        return False
    try:
        os.link(source, target)
    except OSError:
        return False
    return True


def write_folder(folder: Path, files: Mapping[str, bytes], listing: Path) -> None:
    """Writes files into a folder and removes those of an earlier call that are not among them.

    Args:
        folder: made if it is missing.
        files: content by path in the folder, with forward slashes.
        listing: the JSON file that remembers the paths from call to call.
    """
    before = _listed(listing)
    if new := files.keys() - before:
        # Before the files: if this build is killed midway, the next one knows what it left.
        write_json(listing, sorted(before | new))
    for name, content in files.items():
        write_if_different(folder / name, content)
    _remove_unfinished(folder, before | files.keys())
    for name in sorted(before - files.keys()):
        (folder / name).unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # not empty: something of the user's is in it
            (folder / name).parent.rmdir()
    write_json(listing, sorted(files))


def _remove_unfinished(folder: Path, names: Set[str]) -> None:
    """Removes the temporary files of builds that were killed while writing these files."""
    targets = {folder / name for name in names}
    for place in sorted({path.parent for path in targets}):
        for path in place.glob(".*.part"):
            name, _, process = path.name.removesuffix(".part")[1:].rpartition(".")
            if process.isdigit() and place / name in targets:
                path.unlink()


def _listed(listing: Path) -> set[str]:
    """What an earlier call wrote; paths that lead out of the folder are ignored."""
    try:
        names = json.loads(listing.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return set()
    if not isinstance(names, list):
        return set()
    return {name for name in names if isinstance(name, str) and _stays_inside(name)}


def _stays_inside(name: str) -> bool:
    path = PurePosixPath(name)
    return bool(path.parts) and not path.is_absolute() and ".." not in path.parts
