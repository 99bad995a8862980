"""Transfers the missing bytes of one file from the web, and retries when a connection breaks.

In: a job, and the open file to append to. Out: the complete file, as long as its host announced,
or an error. `download` chooses the file's place and checks its hash.
"""

from __future__ import annotations

import logging
import math
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO
from urllib.parse import urljoin, urlsplit

import requests
import urllib3
from tqdm import tqdm

from generator.errors import DownloadError, GeneratorError, UnavailableError
from generator.files.addresses import check_address, refused_private, without_secrets
from generator.files.connections import Watch, watched_session

logger = logging.getLogger("generator")

_TIMEOUTS_S = (10.0, 30.0)  # to connect; between two pieces of a response
_SLOWEST_BYTES_PER_S = 1000.0  # on average over the latter time, so that a build need not wait
_RETRIES = 4
_HEADWAY_BYTES = 1 << 20  # an attempt that brought this much does not count as a failure
_BACK_OFF_S = 0.5  # doubled with each failure
_MAX_REDIRECTS = 5
_HEADERS = {"User-Agent": "detr-attention-handout", "Accept-Encoding": "identity"}
_TOO_SLOW = "the host is silent or too slow; try again later"
_BREAKS_OFF = "the download breaks off every time; try again later"
# A proxy's own status codes, for plain http, when it cannot or may not reach the host.
_PROXY_REFUSALS = (403, 407, 502, 503, 504)


@dataclass
class Job:
    """A file on its way: what is wanted, and what the responses so far have shown."""

    url: str
    name: str
    sha256: str | None
    max_bytes: int
    max_seconds: float
    progress: bool
    private: bool = False  # whether hosts of this machine's own network are allowed
    deadline: float = math.inf  # by time.monotonic()
    answered: bool = False
    announced: bool = False
    resumed: bool = False  # the part holds bytes of more than one response
    validator: str | None = None  # the version that the part is of, for If-Range
    total: int | None = None

    def unavailable(self, text: str) -> UnavailableError:
        """The error that no server answers; `text` gives the reason and what to do."""
        return UnavailableError(f"{without_secrets(self.url)}: {text}")

    def refused(self, text: str) -> DownloadError:
        """The error of a wrong response; `text` gives the reason and what to do."""
        return DownloadError(f"{without_secrets(self.url)}: {text}")

    def late(self) -> GeneratorError:
        """The error of a file that is not complete in time, or of a host that never answered."""
        if not self.answered:
            return self.unavailable(_TOO_SLOW)
        advice = "run again to go on from there" if self.sha256 else "try again later"
        return self.refused(f"not complete after {self.max_seconds:,g} seconds; {advice}")


@dataclass(eq=False)
class _BreakError(Exception):
    """One attempt failed; `final` is the error to raise if it was the last."""

    final: GeneratorError


def transfer(job: Job, stream: BinaryIO) -> None:
    """Sends requests until the part is complete; each continues where the last one broke.

    `stream` holds what has arrived so far, of any version of the file, and is appended to.

    Raises:
        UnavailableError: the host cannot be reached or falls silent.
        DownloadError: the response is an error, too large, broken off again and again or not
            complete in time.
        OSError: `stream` cannot be written.
    """
    failures, furthest = 0, size_of(stream)
    watch = Watch(private=job.private, refuse=lambda host: refused_private(job.url, host))
    with watched_session(watch, job.deadline - time.monotonic()) as session:
        session.headers.update(_HEADERS)
        while True:
            try:
                _attempt(job, stream, session, watch)
                return
            except _BreakError as broken:
                size = size_of(stream)
                failures = 0 if size >= furthest + _HEADWAY_BYTES else failures + 1
                furthest = max(furthest, size)
                pause_s = _BACK_OFF_S * 2 ** max(failures - 1, 0)
                if failures > _RETRIES or time.monotonic() + pause_s > job.deadline:
                    raise broken.final from None
                if not (job.sha256 or job.validator or job.total):
                    restart(job, stream)  # nothing could prove that the rest fits
                time.sleep(pause_s)


def _attempt(job: Job, stream: BinaryIO, session: requests.Session, watch: Watch) -> None:
    """One request, and its answer appended to the part."""
    try:
        with _network_errors(job), _answer(session, job, size_of(stream)) as response:
            _prepare(job, response, stream)
            _announce(job)
            _receive(job, response, stream)
    except (_BreakError, GeneratorError) as error:
        if watch.over.is_set():  # whatever a connection that was cut looked like
            raise job.late() from error
        raise
    if watch.over.is_set():
        raise job.late()
    stream.flush()


def size_of(stream: BinaryIO) -> int:
    """How many bytes have arrived; leaves the stream at its end."""
    return stream.seek(0, os.SEEK_END)


def restart(job: Job, stream: BinaryIO) -> None:
    """Discards what has arrived."""
    stream.seek(0)
    stream.truncate()
    job.resumed, job.validator, job.total = False, None, None


@contextmanager
def _network_errors(job: Job) -> Iterator[None]:
    """Turns the libraries' errors into our own, because theirs show the whole address."""
    try:
        yield
    except (requests.ReadTimeout, urllib3.exceptions.ReadTimeoutError):
        raise _BreakError(job.unavailable(_TOO_SLOW)) from None
    except requests.ConnectionError as error:
        final = job.unavailable("the host cannot be reached; check network, proxy and clock")
        # A host that never answered is not there; one that hung up may answer the next time.
        missing = isinstance(next(iter(error.args), None), urllib3.exceptions.MaxRetryError)
        raise (final if missing and not job.answered else _BreakError(final)) from None
    except (requests.RequestException, ValueError):
        raise job.refused("no usable address or answer; check the address") from None
    except urllib3.exceptions.HTTPError:
        raise _BreakError(job.refused(_BREAKS_OFF)) from None


@contextmanager
def _answer(session: requests.Session, job: Job, offset: int) -> Iterator[requests.Response]:
    """Requests what is missing, and follows redirects from http(s) to http(s) only."""
    headers = {"Range": f"bytes={offset}-", "If-Range": job.validator} if offset else {}
    url = job.url
    for _ in range(_MAX_REDIRECTS + 1):
        check_address(url, private=job.private)
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


def _prepare(job: Job, response: requests.Response, stream: BinaryIO) -> None:
    """Checks the head of a response and prepares the part for its body."""
    offset, status, headers = size_of(stream), response.status_code, response.headers
    validator = headers.get("ETag") or headers.get("Last-Modified")
    if status == 200:
        restart(job, stream)
        job.validator = None if (validator or "").startswith("W/") else validator
        encoded = "Content-Encoding" in headers or "Transfer-Encoding" in headers
        length = "" if encoded else headers.get("Content-Length", "")
        job.total = int(length) if length.isdecimal() else None
    elif offset and status in (206, 416):  # 416: the part is as long as the file, or longer
        span = re.fullmatch(r"bytes (\d+)-\d+/(\d+)", headers.get("Content-Range", ""))
        same = job.validator is None or validator in (None, job.validator)
        if not span or int(span[1]) != offset or job.total not in (None, int(span[2])) or not same:
            restart(job, stream)
            raise _BreakError(job.refused(_BREAKS_OFF))
        job.resumed, job.total = True, int(span[2])
    else:
        raise _refusal(job, response)


def _refusal(job: Job, response: requests.Response) -> Exception:
    status, url = response.status_code, response.url
    proxied = url.startswith("http:") and "http" in requests.utils.get_environ_proxies(url)
    if proxied and status in _PROXY_REFUSALS:
        return job.unavailable(f"the proxy answered with status {status}; check the network")
    final = job.refused(f"the server answered with status {status}; check the address")
    return _BreakError(final) if status in (408, 429) or status >= 500 else final


def _announce(job: Job) -> None:
    """Logs once what is coming, for those who see no bar."""
    if job.progress and not job.announced:
        size = "" if job.total is None else f", {job.total / 1e6:.1f} MB"
        logger.info("downloading %s from %s%s", job.name, urlsplit(job.url).hostname, size)
        job.announced = True


def _receive(job: Job, response: requests.Response, stream: BinaryIO) -> None:
    """Appends the body to the part as it arrives, within the limits of size and time."""
    began, received, size = time.monotonic(), 0, size_of(stream)
    disable = None if job.progress else True  # None: where standard error is no terminal
    with tqdm(
        desc=job.name, total=job.total, initial=size, unit="B", unit_scale=True, disable=disable
    ) as bar:
        # read1 returns what has arrived; read would wait for a whole chunk, perhaps for hours.
        while chunk := response.raw.read1(1 << 16, decode_content=True):
            size += stream.write(chunk)
            received += len(chunk)
            bar.update(len(chunk))
            if max(size, job.total or 0) > job.max_bytes:
                restart(job, stream)
                raise job.refused(f"larger than the limit of {job.max_bytes:,} bytes")
            if time.monotonic() > job.deadline:
                raise job.late()
            if (waited_s := time.monotonic() - began) > _TIMEOUTS_S[1]:
                if received < waited_s * _SLOWEST_BYTES_PER_S:
                    raise _BreakError(job.unavailable(_TOO_SLOW))
                began, received = time.monotonic(), 0
    if job.total is not None and size != job.total:
        raise _BreakError(job.refused(_BREAKS_OFF))
