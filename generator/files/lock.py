"""One command at a time writes to a folder: the others are told who does, and since when.

In: a folder. Out: a lock on it while a block runs, or a `BusyError`. The system drops the lock of a
process that is gone. Where a disk has no locks, and for processes on other hosts, the file says who
holds it, and is touched every few seconds: one that was not is taken over.
"""

from __future__ import annotations

import json
import logging
import os
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO

from generator.errors import BusyError

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

LOCK = ".detr-handout.lock"
_POLL_S = 0.2
_BEAT_S = 5.0
_SILENT_S = 30.0
"""A holder on another host that did not touch the file for so long is gone."""
_FAR = 1 << 30
"""The byte that is locked on Windows, where a locked byte cannot be read."""

logger = logging.getLogger("generator")


@dataclass(frozen=True)
class Holder:
    """Who holds a lock.

    Attributes:
        doing: what it does, such as "a build".
        since: when it began, in seconds since 1970.
    """

    process: int
    host: str
    doing: str
    since: float

    def __str__(self) -> str:
        if not self.process:
            return "another command is writing here"
        began = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(self.since))
        where = f"process {self.process} on {self.host}"
        return f"{self.doing} ({where}) has been writing here since {began}"


_UNKNOWN = Holder(0, "", "", 0.0)


@contextmanager
def locked(folder: Path, doing: str, *, wait: bool = False) -> Iterator[None]:
    """Holds the lock of a folder that is there.

    Args:
        doing: what others are told, such as "a build".
        wait: whether to wait for another holder.

    Raises:
        BusyError: another command holds it.
        FileNotFoundError: the folder is not there, or was removed while this waited.
    """
    path, is_told = folder / LOCK, False
    while isinstance(held := _take(path, doing), Holder):
        if not wait:
            raise BusyError(f"{folder}: {held}; wait until it is done, or let --wait do that")
        if not is_told:
            logger.info("%s: %s; waiting until it is done", folder, held)
            is_told = True
        time.sleep(_POLL_S)
    stop = threading.Event()
    beat = threading.Thread(target=_beat, args=(path, stop), daemon=True)
    beat.start()
    try:
        yield
    finally:
        stop.set()
        beat.join()
        _give_back(path, held)


def _take(path: Path, doing: str) -> BinaryIO | Holder:
    """The open file whose lock is now this process's, or who has it."""
    while True:
        stream = path.open("a+b")
        got = _lock(stream)
        if got is False:
            holder = _read(stream)
            stream.close()
            return holder
        if not is_of(stream, path):  # while this waited, the one before removed it
            stream.close()
            continue
        before = _read(stream)
        if before.process and _is_at_work(before, path, is_locked=got is True):
            stream.close()
            return before
        if before.process:
            logger.info("%s was left by process %d, which is gone", path, before.process)
        holder = Holder(os.getpid(), socket.gethostname(), doing, time.time())
        with suppress(OSError):  # on a full disk the lock holds without a name
            stream.truncate(0)
            stream.write(json.dumps(asdict(holder)).encode())
            stream.flush()
        return stream


def _lock(stream: BinaryIO) -> bool | None:
    """Whether the system gives its lock on the file; None if the disk has no locks."""
    try:
        if sys.platform == "win32":
            stream.seek(_FAR)
            msvcrt.locking(stream.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    except OSError:
        return None
    return True


def _is_at_work(holder: Holder, path: Path, *, is_locked: bool) -> bool:
    """Whether the one whose name stands in the file is still there."""
    if holder.host != socket.gethostname():
        return _clock_of(path.parent) - path.stat().st_mtime < _SILENT_S
    if is_locked or holder.process == os.getpid():
        return False  # it would still have the system's lock
    import psutil  # only here: it takes a while to import

    with suppress(psutil.Error):
        return bool(psutil.Process(holder.process).create_time() <= holder.since + 1)
    return False


def _clock_of(folder: Path) -> float:
    """The time by the clock of the disk, which may be another than this machine's."""
    probe = folder / f"{LOCK}.{os.getpid()}"
    try:
        probe.touch()
        return probe.stat().st_mtime
    finally:
        probe.unlink(missing_ok=True)


def _read(stream: BinaryIO) -> Holder:
    """Who wrote the file; nobody known if it is empty or something else."""
    try:
        stream.seek(0)
        value = json.loads(stream.read(10_000))
        return Holder(
            int(value["process"]), str(value["host"]), str(value["doing"]), float(value["since"])
        )
    except (OSError, ValueError, KeyError, TypeError, OverflowError):
        return _UNKNOWN


def _beat(path: Path, stop: threading.Event) -> None:
    while not stop.wait(_BEAT_S):
        with suppress(OSError):
            os.utime(path)


def _give_back(path: Path, stream: BinaryIO) -> None:
    """Removes the file while it is locked: once it is not, another process may have it."""
    try:
        with suppress(OSError):
            path.unlink(missing_ok=True)
    finally:
        stream.close()
    if sys.platform == "win32":  # which removes no open file
        with suppress(OSError):
            path.unlink(missing_ok=True)


def is_of(stream: BinaryIO, path: Path) -> bool:
    """Whether an open file is still the one of that name: it may have been removed or renamed."""
    try:
        return os.path.samestat(os.fstat(stream.fileno()), path.stat())
    except FileNotFoundError:
        return False
