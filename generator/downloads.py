"""Fetches one file from the web, or says plainly why it cannot be had.

In: an address and where the file shall lie. Out: the complete file, checked and renamed
into place. What has arrived lies beside it as `NAME.part`; a later call goes on from there
where a hash can prove the result right. It knows nothing of images or weights.
"""

from __future__ import annotations

import hashlib
import os
import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urljoin, urlsplit

import requests
import urllib3
from tqdm import tqdm

from generator.errors import DownloadError, GeneratorError, UnavailableError

if sys.platform != "win32":
    import fcntl

_TIMEOUTS_S = (10.0, 30.0)  # to connect; between two pieces of an answer
_SLOWEST_BYTES_PER_S = 1000.0  # over the latter time: a trickle must not hold a build up
_RETRIES = 4
_HEADWAY_BYTES = 1 << 20  # a try that brought this much more does not count as a failure
_BACK_OFF_S = 0.5  # doubled with each failure
_MAX_REDIRECTS = 5
_HEADERS = {"User-Agent": "detr-attention-handout", "Accept-Encoding": "identity"}
_TOO_SLOW = "the host is silent or too slow; try again later"
_BREAKS_OFF = "the download breaks off every time; try again later"
# What a proxy says itself, of plain http, when it cannot or may not reach the host.
_PROXY_REFUSALS = (403, 407, 502, 503, 504)


@dataclass(eq=False)
class _BreakError(Exception):
    """One try failed; `final` is what to raise when no other is left."""

    final: GeneratorError


@dataclass
class _Job:
    """A file on its way: what is wanted, and what the answers so far have told."""

    url: str
    name: str
    sha256: str | None
    max_bytes: int
    progress: bool
    answered: bool = False
    resumed: bool = False  # the part holds bytes of more than one answer
    validator: str | None = None  # the version that the part is of, for If-Range
    total: int | None = None

    def unavailable(self, text: str) -> UnavailableError:
        return UnavailableError(f"{without_secrets(self.url)}: {text}")

    def refused(self, text: str) -> DownloadError:
        return DownloadError(f"{without_secrets(self.url)}: {text}")


def fetch(
    url: str,
    destination: Path,
    *,
    sha256: str | None = None,
    max_bytes: int,
    offline: bool = False,
    progress: bool = False,
) -> Path:
    """Returns `destination`, downloaded from `url` unless it is there already.

    A file that is there is taken when `sha256` (the hash's hex digits, or at least the first
    8 of them) is None or matches, without any request. `url` and all addresses it redirects to
    must be http or https. `progress` draws a bar if standard error is a terminal.

    Raises:
        UnavailableError: `offline`, or the host cannot be reached or falls silent.
        DownloadError: the answer is no success, too large, broken off again and again or not
            of this hash; or the file cannot be written.
    """
    job = _Job(url, destination.name, sha256, max_bytes, progress)
    if sha256 is not None and not re.fullmatch(r"[0-9a-fA-F]{8,64}", sha256):
        raise job.refused(f"expected 8 to 64 hex digits as sha256, got {sha256}")
    try:
        if is_here(destination, sha256):
            return destination
        if offline:
            raise job.unavailable("not downloaded yet; run once with a network, not offline")
        _check_address(url)
        destination.parent.mkdir(parents=True, exist_ok=True)
        _download(job, destination)
    except OSError as error:
        raise job.refused(f"cannot be saved: {error.strerror or error} ({destination})") from error
    return destination


def is_here(path: Path, sha256: str | None) -> bool:
    """Tells whether `path` is a file, and its SHA-256 begins with the hex digits, if any."""
    if sha256 is None or not path.is_file():
        return path.is_file()
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest().startswith(sha256.lower())


def without_secrets(url: str) -> str:
    """The address as it may be shown: no user, no password, no query."""
    return re.sub(r"(?s)(?<=//)[^/?#]*@|[?#].*", "", url)


def _check_address(url: str) -> None:
    with suppress(ValueError):
        parts = urlsplit(url)
        if parts.scheme in ("http", "https") and parts.hostname and parts.port != 0:
            return
    raise DownloadError(f"{without_secrets(url)}: expected an http or https address")


def _download(job: _Job, destination: Path) -> None:
    """Fills a part file, checks it and renames it to `destination`."""
    with _own_part(destination, keep=job.sha256 is not None) as (part, stream):
        if is_here(destination, job.sha256):  # another process was faster
            _restart(job, stream)
            return
        if job.sha256 is None:  # nothing could prove that an old part is of this file
            _restart(job, stream)
        if job.sha256 is None or not is_here(part, job.sha256):
            _transfer(job, stream)
        if job.resumed and not is_here(part, job.sha256):  # the old part was stale
            _restart(job, stream)
            _transfer(job, stream)
        if not is_here(part, job.sha256):
            _restart(job, stream)
            raise job.refused(f"its SHA-256 is not {job.sha256}...; check the address and the hash")
        if sys.platform == "win32":
            stream.close()  # an open file cannot be renamed there
        part.replace(destination)


@contextmanager
def _own_part(destination: Path, *, keep: bool) -> Iterator[tuple[Path, BinaryIO]]:
    """Opens `NAME.part`, waiting while another process is writing it.

    Afterwards it leaves a part only if `keep` and a later call can go on from it.
    """
    part = destination.with_name(f"{destination.name}.part")
    while True:
        stream = part.open("a+b")
        if sys.platform != "win32":
            with suppress(OSError):  # a network disk may know no locks
                fcntl.flock(stream, fcntl.LOCK_EX)  # until closed; also by being killed
        if _is_of(stream, part):
            break
        stream.close()  # while this waited, the other process renamed it
    with stream:
        try:
            yield part, stream
        finally:
            if not stream.closed and _is_of(stream, part) and not (keep and _size(stream)):
                part.unlink()


def _is_of(stream: BinaryIO, part: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(stream.fileno()), part.stat())
    except FileNotFoundError:
        return False


def _size(stream: BinaryIO) -> int:
    return stream.seek(0, os.SEEK_END)


def _restart(job: _Job, stream: BinaryIO) -> None:
    stream.seek(0)
    stream.truncate()
    job.resumed, job.validator, job.total = False, None, None


def _transfer(job: _Job, stream: BinaryIO) -> None:
    """Asks until the part is complete, going on where a connection broke."""
    failures, furthest = 0, _size(stream)
    with requests.Session() as session:
        session.headers.update(_HEADERS)
        while True:
            try:
                with _network_errors(job), _answer(session, job, _size(stream)) as response:
                    _prepare(job, response, stream)
                    _receive(job, response, stream)
                stream.flush()
                return
            except _BreakError as broken:
                size = _size(stream)
                failures = 0 if size >= furthest + _HEADWAY_BYTES else failures + 1
                furthest = max(furthest, size)
                if failures > _RETRIES:
                    raise broken.final from None
                if not (job.sha256 or job.validator or job.total):
                    _restart(job, stream)  # nothing would tell whether the rest fits
                time.sleep(_BACK_OFF_S * 2 ** max(failures - 1, 0))


@contextmanager
def _network_errors(job: _Job) -> Iterator[None]:
    """Says what went wrong in our words: the libraries' hold the whole address."""
    try:
        yield
    except (requests.ReadTimeout, urllib3.exceptions.ReadTimeoutError):
        raise _BreakError(job.unavailable(_TOO_SLOW)) from None
    except requests.ConnectionError as error:
        final = job.unavailable("the host cannot be reached; check network, proxy and clock")
        # A host that never answered is not there; one that hung up deserves another try.
        missing = isinstance(next(iter(error.args), None), urllib3.exceptions.MaxRetryError)
        raise (final if missing and not job.answered else _BreakError(final)) from None
    except (requests.RequestException, ValueError):
        raise job.refused("no usable address or answer; check the address") from None
    except urllib3.exceptions.HTTPError:
        raise _BreakError(job.refused(_BREAKS_OFF)) from None


@contextmanager
def _answer(session: requests.Session, job: _Job, offset: int) -> Iterator[requests.Response]:
    """Asks for what is missing, following redirects from http(s) to http(s) only."""
    headers = {"Range": f"bytes={offset}-", "If-Range": job.validator} if offset else {}
    url = job.url
    for _ in range(_MAX_REDIRECTS + 1):
        _check_address(url)
        with session.get(
            url, headers=headers, stream=True, timeout=_TIMEOUTS_S, allow_redirects=False
        ) as response:
            job.answered = True
            target = session.get_redirect_target(response)
            if target is None:
                yield response
                return
        url = urljoin(url, target)
    raise job.refused(f"redirects more than {_MAX_REDIRECTS} times")


def _prepare(job: _Job, response: requests.Response, stream: BinaryIO) -> None:
    """Checks the head of an answer and makes the part ready for its body."""
    offset, status, headers = _size(stream), response.status_code, response.headers
    validator = headers.get("ETag") or headers.get("Last-Modified")
    if status == 200:
        _restart(job, stream)
        job.validator = None if (validator or "").startswith("W/") else validator
        encoded = "Content-Encoding" in headers or "Transfer-Encoding" in headers
        length = "" if encoded else headers.get("Content-Length", "")
        job.total = int(length) if length.isdecimal() else None
    elif offset and status in (206, 416):  # 416: the part is as long as the file, or longer
        span = re.fullmatch(r"bytes (\d+)-\d+/(\d+)", headers.get("Content-Range", ""))
        same = job.validator is None or validator in (None, job.validator)
        if not span or int(span[1]) != offset or job.total not in (None, int(span[2])) or not same:
            _restart(job, stream)
            raise _BreakError(job.refused(_BREAKS_OFF))
        job.resumed, job.total = True, int(span[2])
    else:
        raise _refusal(job, response)


def _refusal(job: _Job, response: requests.Response) -> Exception:
    status, url = response.status_code, response.url
    proxied = url.startswith("http:") and "http" in requests.utils.get_environ_proxies(url)
    if proxied and status in _PROXY_REFUSALS:
        return job.unavailable(f"the proxy answered with status {status}; check the network")
    final = job.refused(f"the server answered with status {status}; check the address")
    return _BreakError(final) if status in (408, 429) or status >= 500 else final


def _receive(job: _Job, response: requests.Response, stream: BinaryIO) -> None:
    """Appends the body to the part as it arrives, within the limits of size and time."""
    began, received, size = time.monotonic(), 0, _size(stream)
    disable = None if job.progress else True  # None: where standard error is no terminal
    with tqdm(
        desc=job.name, total=job.total, initial=size, unit="B", unit_scale=True, disable=disable
    ) as bar:
        # read1 hands over what has arrived; read would wait for a whole chunk, for hours maybe.
        while chunk := response.raw.read1(1 << 16, decode_content=True):
            size += stream.write(chunk)
            received += len(chunk)
            bar.update(len(chunk))
            if max(size, job.total or 0) > job.max_bytes:
                _restart(job, stream)
                raise job.refused(f"larger than the limit of {job.max_bytes:,} bytes")
            if (waited_s := time.monotonic() - began) > _TIMEOUTS_S[1]:
                if received < waited_s * _SLOWEST_BYTES_PER_S:
                    raise _BreakError(job.unavailable(_TOO_SLOW))
                began, received = time.monotonic(), 0
    if job.total is not None and size != job.total:
        raise _BreakError(job.refused(_BREAKS_OFF))
