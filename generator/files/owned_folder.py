"""The folders that commands write to; they protect the user's own files.

In: a folder that the command line names, or its default. Out: that folder, made, marked with a
file and locked, or removed. A folder that holds a project is never touched, nor is a folder that
holds files but no mark.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from generator.errors import GeneratorError, UsageError, sentence_of
from generator.files.folders import CACHE, CacheFolder
from generator.files.lock import LOCK, locked
from generator.files.write import write_if_different

MARKER = ".detr-handout"
_MARKER_TEXT = (
    "Written by `python -m generator`; its `clean` removes this folder with all that is in it.\n"
)
_ANOTHER = "name another folder with --output"
_PROJECT_FILE = "site_config.yml"
_OF_THE_PROJECT = (_PROJECT_FILE, "content", "templates", CACHE)
# What file managers leave in folders that somebody only opened.
_LEFT_BY_VIEWERS = {".DS_Store", "Thumbs.db", "desktop.ini"}


def claim_output(folder: Path, project_root: Path | None) -> None:
    """Makes a folder, and marks it as one that may be written to and removed.

    Args:
        folder: need not exist; links are followed.
        project_root: the folder of site_config.yml; None if there is no project.

    Raises:
        UsageError: it is a file, is or holds the project, belongs to the project's sources,
            or holds files and no mark. Nothing was changed.
        GeneratorError: it cannot be made or written to.
    """
    place = _real(folder)
    _refuse_sources(folder, place, project_root)
    try:
        place.mkdir(parents=True, exist_ok=True)
        held = _held(place)
        if held and not _is_owned(place):
            raise UsageError(
                f"{folder}: holds `{held[0].name}`, and no {MARKER}, the mark of a folder that may "
                f"be overwritten; {_ANOTHER} or, if nothing in it is needed, remove it first"
            )
        write_if_different(place / MARKER, _MARKER_TEXT.encode())
    except OSError as error:
        raise GeneratorError(f"{sentence_of(error)}; {_ANOTHER}") from error
    if not os.access(place, os.W_OK):  # marked before, and made read-only since
        raise GeneratorError(f"{folder}: permission denied; {_ANOTHER}")


@contextmanager
def held_output(
    folder: Path, project_root: Path | None, doing: str, *, wait: bool = False
) -> Iterator[None]:
    """Claims a folder, and lets no other command write to it meanwhile.

    Args:
        folder, project_root: as `claim_output` has them.
        doing: what other commands are told, such as "a build".
        wait: whether to wait for a command that writes to it.

    Raises:
        UsageError, GeneratorError: as `claim_output` does.
        BusyError: another command writes to it.
    """
    with ExitStack() as stack:
        while True:
            claim_output(folder, project_root)
            with suppress(FileNotFoundError):  # while this waited, `clean` removed it
                stack.enter_context(locked(_real(folder), doing, wait=wait))
                break
        claim_output(folder, project_root)
        yield


def remove_output(folder: Path, project_root: Path | None, *, wait: bool = False) -> bool:
    """Removes a folder that was claimed, or one that holds claimed folders alone.

    Args:
        wait: whether to wait for a command that writes to it.

    Returns:
        False if there was nothing to remove.

    Raises:
        BusyError: another command writes to it.
        UsageError: it is a file or has no mark, or a project or the working folder is in it;
            it is left alone.
    """
    place = _real(folder)
    if not place.exists():
        return False
    _refuse_sources(folder, place, project_root)
    if _real(Path.cwd()).is_relative_to(place):
        raise UsageError(f"{folder}: is where you are; go to another folder first")
    if not _is_owned(place):
        raise UsageError(
            f"{folder}: has no {MARKER}, the mark of a folder that may be removed; it is left "
            "alone. If nothing in it is needed, remove it yourself"
        )
    with ExitStack() as stack, suppress(FileNotFoundError):  # another `clean` was faster
        for one in (place, *sorted(file.parent for file in place.glob(f"*/{LOCK}"))):
            stack.enter_context(locked(one, "`clean`", wait=wait))
        _remove(place)
    with suppress(OSError):  # who waited for it may be using it again
        place.rmdir()
    return True


def remove_cache(project_root: Path) -> bool:
    """Removes `.cache` of a project.

    Returns:
        False if there was nothing to remove.

    Raises:
        UsageError: it is a link or a file, or holds what no build put there.
    """
    kept = CacheFolder.of(project_root)
    cache = kept.path
    if cache.is_symlink() or cache.is_file():
        raise UsageError(f"{cache}: is no folder of its own; it is left alone")
    if not cache.exists():
        return False
    foreign = [path.name for path in _held(cache) if path not in kept.own]
    if foreign:
        raise UsageError(f"{cache}: holds `{foreign[0]}`, which no build wrote; it is left alone")
    _remove(cache)
    cache.rmdir()
    return True


def _refuse_sources(folder: Path, place: Path, project_root: Path | None) -> None:
    """Refuses folders that must never be written to, whatever is in them."""
    if place.exists() and not place.is_dir():
        raise UsageError(f"{folder}: is not a folder; {_ANOTHER}")
    root = None if project_root is None else _real(project_root)
    if (place / _PROJECT_FILE).exists() or (root and root.is_relative_to(place)):
        raise UsageError(f"{folder}: holds the project itself; {_ANOTHER}")
    for name in _OF_THE_PROJECT if root else ():
        if root and place.is_relative_to(_real(root / name)):
            raise UsageError(f"{folder}: belongs to `{name}` of the project; {_ANOTHER}")


def _is_owned(place: Path) -> bool:
    """Whether commands made a folder: it is marked, or holds only marked folders."""
    if (place / MARKER).is_file():
        return True
    held = _held(place)
    return bool(held) and all((path / MARKER).is_file() for path in held)


def _held(place: Path) -> list[Path]:
    """The content of a folder, sorted by name."""
    return sorted(
        path
        for path in place.iterdir()
        if path.name not in _LEFT_BY_VIEWERS and not path.name.startswith(LOCK)
    )


def _remove(place: Path) -> None:
    """Empties a folder, the mark last: after an interruption `clean` still knows it.

    The lock stays, for the one who holds it to remove.
    """
    for path in sorted(place.iterdir(), key=lambda path: path.name == MARKER):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        elif path.name != LOCK:
            path.unlink()


def _real(path: Path) -> Path:
    """The path with links followed; unlike `resolve`, it does not fail on a circle of links."""
    return Path(os.path.realpath(path))
