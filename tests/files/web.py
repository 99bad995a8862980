"""A web server on this machine that can be made to misbehave, and a clock that tests turn."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Callable
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from generator.files.download import fetch as fetch_from_public_hosts

fetch = partial(fetch_from_public_hosts, private=True)
"""The servers of these tests are on this machine."""
CONTENT = bytes(range(256)) * 40
SHA256 = hashlib.sha256(CONTENT).hexdigest()
LIMIT = 1_000_000

Behaviour = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    """Records each request and answers with the next behaviour; the last one stays."""

    server: Web

    def do_GET(self) -> None:
        web = self.server
        web.requests.append(self)
        behaviour = web.behaviours[min(len(web.requests), len(web.behaviours)) - 1]
        behaviour(self)
        self.close_connection = True

    def head(self, status: int, **headers: str) -> None:
        self.send_response_only(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    @property
    def offset(self) -> int:
        found = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        return int(found[1]) if found else 0


class Web(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.requests: list[Handler] = []
        self.behaviours: tuple[Behaviour, ...] = ()
        self.url = f"http://127.0.0.1:{self.server_port}/picture"

    def behaves(self, *behaviours: Behaviour) -> str:
        self.behaviours = behaviours
        return self.url

    def wait_for_requests(self, count: int) -> None:
        """Waits until as many were noticed; a client that gives up may be faster than that."""
        until = time.monotonic() + 20
        while len(self.requests) < count and time.monotonic() < until:
            time.sleep(0.01)
        assert len(self.requests) == count

    def ranges(self) -> list[str | None]:
        return [request.headers.get("Range") for request in self.requests]

    def handle_error(self, *_: object) -> None:
        """Ignores that the client may hang up."""


class Clock:
    """Stands in for `time`: some time passes whenever somebody looks at it, and no other."""

    def __init__(self) -> None:
        self.tick = 0.01
        self._now = 0.0

    def monotonic(self) -> float:
        self._now += self.tick
        return self._now

    def sleep(self, seconds: float) -> None:
        self._now += seconds


def part_of(target: Path, content: bytes = b"") -> Path:
    part = target.with_name(f"{target.name}.part")
    if content:
        part.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(content)
    return part


def sends(
    content: bytes = CONTENT,
    *,
    stop: int | None = None,
    length: int | None = None,
    ranges: bool = True,
    tag: str = '"one"',
    minds_tag: bool = True,
    shift: int = 0,
) -> Behaviour:
    """A file server: hangs up at byte `stop`, sends a wrong length or another range."""

    def behaviour(request: Handler) -> None:
        offset = request.offset if ranges else 0
        if minds_tag and request.headers.get("If-Range", tag) != tag:
            offset = 0
        if offset >= len(content):
            request.head(416, Content_Range=f"bytes */{len(content)}", Content_Length="0")
            return
        said = str((length or len(content)) - offset)
        if offset:
            span = f"bytes {shift or offset}-{len(content) - 1}/{len(content)}"
            request.head(206, ETag=tag, Content_Length=said, Content_Range=span)
        else:
            request.head(200, ETag=tag, Content_Length=said)
        request.wfile.write(content[offset:stop])

    return behaviour


def answers(status: int, **headers: str) -> Behaviour:
    return lambda request: request.head(status, Content_Length="0", **headers)
