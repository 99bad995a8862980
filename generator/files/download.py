"""Downloads one file from the web, or raises an error that explains why it cannot.

In: an address and a destination. Out: the complete file, checked and renamed into place. What
has arrived is kept next to it as `NAME.part`; a later call continues it if a hash can prove the
result right. `transfer` talks to the server. It knows nothing of images and weights.
"""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from generator.files.addresses import check_address
from generator.files.fingerprint import is_here
from generator.files.lock import is_of
from generator.files.transfer import Job, restart, size_of, transfer

if sys.platform != "win32":
    import fcntl


def fetch(
    url: str,
    destination: Path,
    *,
    sha256: str | None = None,
    max_bytes: int,
    max_seconds: float = 3600,
    offline: bool = False,
    progress: bool = False,
    private: bool = False,
) -> Path:
    """Returns `destination`, downloaded from `url` unless it is there already.

    A file that is there is taken without any request if `sha256` is None or matches; `sha256` is
    the hash's hex digits, or at least the first 8 of them. `url` and all addresses that it
    redirects to must be http or https and, unless `private`, of public hosts. `max_seconds` limits
    the time from the first request to the last byte, whatever the host sends meanwhile. `progress`
    announces the download in a line, and draws a bar if standard error is a terminal.

    Raises:
        UnavailableError: `offline`, or the host cannot be reached or falls silent.
        DownloadError: the answer is an error, too large, broken off again and again, not
            complete in time or not of this hash; or the file cannot be written.
    """
    job = Job(url, destination.name, sha256, max_bytes, max_seconds, progress, private)
    if sha256 is not None and not re.fullmatch(r"[0-9a-fA-F]{8,64}", sha256):
        raise job.refused(f"expected 8 to 64 hex digits as sha256, got {sha256}")
    try:
        if is_here(destination, sha256):
            return destination
        if offline:
            raise job.unavailable("not downloaded yet; run once with a network, not offline")
        check_address(url, private=private)
        destination.parent.mkdir(parents=True, exist_ok=True)
        _download(job, destination)
    except OSError as error:
        raise job.refused(f"cannot be saved: {error.strerror or error} ({destination})") from error
    return destination


def _download(job: Job, destination: Path) -> None:
    """Fills a part file, checks it and renames it to `destination`."""
    with _own_part(destination, keep=job.sha256 is not None) as (part, stream):
        # Counted from here: waiting for another process does not count.
        job.deadline = time.monotonic() + job.max_seconds
        if is_here(destination, job.sha256):  # another process was faster
            restart(job, stream)
            return
        if job.sha256 is None:  # nothing could prove that an old part belongs to this file
            restart(job, stream)
        if job.sha256 is None or not is_here(part, job.sha256):
            transfer(job, stream)
        if job.resumed and not is_here(part, job.sha256):  # the old part was stale
            restart(job, stream)
            transfer(job, stream)
        if not is_here(part, job.sha256):
            restart(job, stream)
            raise job.refused(f"its SHA-256 is not {job.sha256}...; check the address and the hash")
        if sys.platform == "win32":
            stream.close()  # an open file cannot be renamed there
        part.replace(destination)


@contextmanager
def _own_part(destination: Path, *, keep: bool) -> Iterator[tuple[Path, BinaryIO]]:
    """Opens `NAME.part`, waiting while another process is writing it.

    Afterwards it leaves a part only if `keep` and a later call can continue it.
    """
    part = destination.with_name(f"{destination.name}.part")
    while True:
        stream = part.open("a+b")
        if sys.platform != "win32":
            with suppress(OSError):  # a network disk may have no locks
                fcntl.flock(stream, fcntl.LOCK_EX)  # until closed, which being killed does too
        if is_of(stream, part):
            break
        stream.close()  # while this waited, the other process renamed it
    with stream:
        try:
            yield part, stream
        finally:
            if not stream.closed and is_of(stream, part) and not (keep and size_of(stream)):
                _remove(part, stream)


def _remove(part: Path, stream: BinaryIO) -> None:
    """Removes a useless part. A failure is ignored, so that it does not hide another error."""
    with suppress(OSError):
        try:
            part.unlink()  # while it is locked; once it is not, another process may have it
        except PermissionError:  # Windows has no such locks, and removes no open file
            stream.close()
            part.unlink()
