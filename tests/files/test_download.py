"""Downloads from a server on this machine that can be made to misbehave."""

from __future__ import annotations

import gzip
import hashlib
import io
import logging
import re
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, BinaryIO, cast

import pytest

from generator.errors import DownloadError, UnavailableError
from generator.files import download, transfer
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


@pytest.fixture
def web() -> Iterator[Web]:
    with Web() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def _quick_and_direct(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transfer, "_BACK_OFF_S", 0.001)
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """For hosts that are silent; a busy machine makes any host silent for so long."""
    monkeypatch.setattr(transfer, "_TIMEOUTS_S", (30.0, 0.15))


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


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Lets the time that a download takes not depend on the machine."""
    clock = Clock()
    for module in (download, transfer):
        monkeypatch.setattr(module, "time", clock)
    return clock


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "file.bin"


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


def test_file_arrives_whole_and_alone(web: Web, target: Path) -> None:
    assert fetch(web.behaves(sends()), target, sha256=SHA256, max_bytes=LIMIT) == target
    assert target.read_bytes() == CONTENT
    assert list(target.parent.iterdir()) == [target]


@pytest.mark.parametrize("sha256", [None, SHA256, SHA256[:8], SHA256[:10].upper()])
@pytest.mark.parametrize("offline", [True, False])
def test_file_that_is_there_needs_no_request(
    web: Web, tmp_path: Path, sha256: str | None, offline: bool
) -> None:
    (tmp_path / "file").write_bytes(CONTENT)
    fetch(web.url, tmp_path / "file", sha256=sha256, max_bytes=LIMIT, offline=offline)
    assert web.requests == []


def test_file_with_another_hash_is_fetched_again(web: Web, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"something else")
    fetch(web.behaves(sends()), tmp_path / "file", sha256=SHA256[:8], max_bytes=LIMIT)
    assert (tmp_path / "file").read_bytes() == CONTENT


def test_offline_sends_no_request(web: Web, target: Path) -> None:
    with pytest.raises(UnavailableError, match="offline"):
        fetch(web.url, target, max_bytes=LIMIT, offline=True)
    assert web.requests == []


def test_wrong_content_is_removed(web: Web, target: Path) -> None:
    with pytest.raises(DownloadError, match="SHA-256"):
        fetch(web.behaves(sends(b"other")), target, sha256=SHA256, max_bytes=LIMIT)
    assert list(target.parent.iterdir()) == []


@pytest.mark.parametrize("sha256", ["1234567", "x" * 64, "0" * 65, ""])
def test_invalid_hash_is_refused(target: Path, sha256: str) -> None:
    with pytest.raises(DownloadError, match="8 to 64 hex digits"):
        fetch("http://localhost/", target, sha256=sha256, max_bytes=LIMIT)


def test_broken_connection_is_resumed(web: Web, target: Path) -> None:
    fetch(web.behaves(sends(stop=100), sends(stop=3000), sends()), target, max_bytes=LIMIT)
    assert target.read_bytes() == CONTENT
    assert web.ranges() == [None, "bytes=100-", "bytes=3000-"]
    assert web.requests[1].headers["If-Range"] == '"one"'


BACKWARDS = CONTENT[::-1]


@pytest.mark.parametrize(
    ("later", "content"),
    [
        (sends(BACKWARDS, tag='"two"'), BACKWARDS),
        (sends(BACKWARDS, tag='"two"', minds_tag=False), BACKWARDS),
        (sends(BACKWARDS + b"more", minds_tag=False), BACKWARDS + b"more"),
        (sends(BACKWARDS, ranges=False), BACKWARDS),
        (sends(CONTENT[:50]), CONTENT[:50]),
        (sends(BACKWARDS, shift=7), BACKWARDS),
    ],
    ids=["changed", "changed, If-Range ignored", "longer", "no ranges", "shorter", "other range"],
)
def test_versions_are_never_mixed(web: Web, target: Path, later: Behaviour, content: bytes) -> None:
    fetch(web.behaves(sends(stop=100), later), target, max_bytes=LIMIT)
    assert web.ranges()[:2] == [None, "bytes=100-"]
    assert target.read_bytes() == content


def test_length_is_enough_to_resume(web: Web, target: Path) -> None:
    def in_pieces(request: Handler) -> None:
        rest = CONTENT[request.offset :][:4000]
        span = f"bytes {request.offset}-{request.offset + len(rest) - 1}/{len(CONTENT)}"
        request.head(206, Content_Length=str(len(rest)), Content_Range=span)
        request.wfile.write(rest)

    fetch(web.behaves(sends(stop=100, tag=""), in_pieces), target, max_bytes=LIMIT)
    assert target.read_bytes() == CONTENT
    assert web.ranges() == [None, "bytes=100-", "bytes=4100-", "bytes=8100-"]


def test_part_of_an_earlier_call_is_used(web: Web, target: Path) -> None:
    part_of(target, CONTENT[:777])
    fetch(web.behaves(sends()), target, sha256=SHA256[:8], max_bytes=LIMIT)
    assert target.read_bytes() == CONTENT
    assert web.ranges() == ["bytes=777-"]
    assert not part_of(target).exists()


@pytest.mark.parametrize("stale", [b"stale" * 9, CONTENT + b"and more", CONTENT[::-1]])
def test_stale_part_is_replaced(web: Web, target: Path, stale: bytes) -> None:
    part_of(target, stale)
    fetch(web.behaves(sends()), target, sha256=SHA256, max_bytes=LIMIT)
    assert target.read_bytes() == CONTENT


def test_part_that_nothing_can_prove_is_not_used(web: Web, target: Path) -> None:
    part_of(target, CONTENT[:777])
    fetch(web.behaves(sends()), target, max_bytes=LIMIT)
    assert web.ranges() == [None]


def test_complete_part_needs_no_request(web: Web, target: Path) -> None:
    part_of(target, CONTENT)
    fetch(web.url, target, sha256=SHA256, max_bytes=LIMIT)
    assert (target.read_bytes(), web.requests) == (CONTENT, [])


@pytest.mark.parametrize("sha256", [None, SHA256])
def test_a_connection_that_always_breaks(web: Web, target: Path, sha256: str | None) -> None:
    with pytest.raises(DownloadError, match="breaks off"):
        fetch(web.behaves(sends(stop=100)), target, sha256=sha256, max_bytes=LIMIT)
    assert len(web.requests) == 1 + transfer._RETRIES
    assert part_of(target).exists() == (
        sha256 is not None
    )  # otherwise nothing could prove it right


def test_progress_does_not_use_up_retries(
    web: Web, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transfer, "_HEADWAY_BYTES", 1000)
    fetch(web.behaves(*(sends(stop=n) for n in range(1000, 20_000, 1000))), target, max_bytes=LIMIT)
    assert len(web.requests) > 1 + transfer._RETRIES
    assert target.read_bytes() == CONTENT


def test_wrong_length(web: Web, target: Path) -> None:
    with pytest.raises(DownloadError):
        fetch(web.behaves(sends(length=len(CONTENT) + 5)), target, max_bytes=LIMIT)
    assert not target.exists()


def test_size_limit_by_the_header_and_by_the_stream(web: Web, target: Path) -> None:
    def endless(request: Handler) -> None:
        request.head(200)
        while True:
            request.wfile.write(CONTENT)

    for behaviour in (sends(length=10**12), endless):
        web.requests.clear()
        with pytest.raises(DownloadError, match="limit of 50,000 bytes"):
            fetch(web.behaves(behaviour), target, sha256=SHA256, max_bytes=50_000)
        assert len(web.requests) == 1
        assert list(target.parent.iterdir()) == []


def test_compressed_answer_is_unpacked(web: Web, target: Path) -> None:
    def packed(request: Handler) -> None:
        body = gzip.compress(CONTENT)
        request.head(200, Content_Encoding="gzip", Content_Length=str(len(body)))
        request.wfile.write(body)

    fetch(web.behaves(packed), target, sha256=SHA256, max_bytes=LIMIT)
    assert target.read_bytes() == CONTENT


def test_redirects_are_followed_to_a_limit(web: Web, target: Path) -> None:
    fetch(web.behaves(answers(302, Location="/b"), sends()), target, max_bytes=LIMIT)
    assert [request.path for request in web.requests] == ["/picture", "/b"]
    web.requests.clear()
    with pytest.raises(DownloadError, match="redirects more than 5 times"):
        fetch(web.behaves(answers(301, Location="/c")), target.with_name("c"), max_bytes=LIMIT)
    assert len(web.requests) == 6


@pytest.mark.parametrize("place", ["file:///etc/hostname", "ftp://127.0.0.1/", "https://"])
def test_redirects_stay_on_the_web(web: Web, target: Path, place: str) -> None:
    with pytest.raises(DownloadError, match="http or https"):
        fetch(web.behaves(answers(302, Location=place)), target, max_bytes=LIMIT)
    assert len(web.requests) == 1
    assert not target.exists()


@pytest.mark.parametrize(
    "url",
    ["file:///etc/hostname", "ftp://host/x", "picture.jpg", "http://", "http://[", "", "http:x"],
)
def test_other_addresses_are_refused(target: Path, url: str) -> None:
    with pytest.raises(DownloadError, match="http or https"):
        fetch(url, target, max_bytes=LIMIT)


@pytest.mark.parametrize("host", ["ex ample", "...", "x\n", "a" * 300, "%00"])
def test_invalid_hosts(target: Path, monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    monkeypatch.setattr(transfer, "_BACK_OFF_S", None)  # a second try would raise
    with pytest.raises(DownloadError, match="check the address"):
        fetch(f"http://{host}/", target, max_bytes=LIMIT)


@pytest.mark.parametrize(
    ("status", "requests"), [(404, 1), (403, 1), (204, 1), (206, 1), (304, 1), (500, 5), (429, 5)]
)
def test_status_that_is_an_error(web: Web, target: Path, status: int, requests: int) -> None:
    with pytest.raises(DownloadError, match=f"status {status}"):
        fetch(web.behaves(answers(status)), target, max_bytes=LIMIT)
    assert len(web.requests) == requests
    assert list(target.parent.iterdir()) == []


def test_busy_server_is_asked_again(web: Web, target: Path) -> None:
    elsewhere = answers(302, Location="http://127.0.0.1:9/")  # where no server listens
    behaviours = (answers(503), lambda _: None, elsewhere, sends())
    fetch(web.behaves(*behaviours), target, max_bytes=LIMIT)
    assert target.read_bytes() == CONTENT


def test_host_that_is_not_there(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transfer, "_BACK_OFF_S", None)  # a second try would raise
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}/"
        with pytest.raises(UnavailableError, match="cannot be reached"):
            fetch(url, target, max_bytes=LIMIT)
        monkeypatch.setenv("http_proxy", url)
        with pytest.raises(UnavailableError, match="cannot be reached"):
            fetch("http://host.example/", target, max_bytes=LIMIT)
        monkeypatch.delenv("http_proxy")

    def no_name(*_: object) -> None:
        raise socket.gaierror("no such name")

    monkeypatch.setattr(socket, "getaddrinfo", no_name)
    with pytest.raises(UnavailableError, match="cannot be reached"):
        fetch("https://host.example/", target, max_bytes=LIMIT)


def is_silent(_: Handler) -> None:
    time.sleep(2)


@pytest.mark.usefixtures("impatient")
def test_host_that_falls_silent(web: Web, target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transfer, "_RETRIES", 1)
    with pytest.raises(UnavailableError, match="silent or too slow"):
        fetch(web.behaves(is_silent), target, max_bytes=LIMIT)
    web.wait_for_requests(2)


def test_host_that_only_trickles(
    web: Web, target: Path, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    def trickles(request: Handler) -> None:
        sends(stop=request.offset + 30)(request)

    clock.tick = 20.0  # seconds between two pieces
    monkeypatch.setattr(transfer, "_RETRIES", 1)
    with pytest.raises(UnavailableError, match="silent or too slow"):
        fetch(web.behaves(trickles), target, max_bytes=LIMIT)
    assert web.ranges() == [None, "bytes=30-"]


def test_host_that_is_slow_but_no_slower_than_allowed(
    web: Web, target: Path, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    clock.tick = 20.0
    monkeypatch.setattr(transfer, "_SLOWEST_BYTES_PER_S", 0.01)
    fetch(web.behaves(sends()), target, max_bytes=LIMIT)
    assert target.read_bytes() == CONTENT
    assert len(web.requests) == 1


def test_proxy_that_refuses_means_no_network(
    web: Web, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", web.behaves(answers(403)))
    with pytest.raises(UnavailableError, match="proxy"):
        fetch("http://host.example/", target, max_bytes=LIMIT)
    assert [request.path for request in web.requests] == ["http://host.example/"]


@pytest.mark.parametrize("behaviour", [answers(404), answers(302, Location="http://[secret")])
def test_messages_hold_no_secrets(web: Web, target: Path, behaviour: Behaviour) -> None:
    url = web.behaves(behaviour).replace("//", "//me:secret@") + "?token=secret#secret"
    with pytest.raises(DownloadError) as caught:
        fetch(url, target, max_bytes=LIMIT)
    assert "secret" not in str(caught.value)
    assert web.url in str(caught.value)
    assert web.requests[0].headers["Authorization"].startswith("Basic ")


@pytest.mark.skipif(sys.platform == "win32", reason="no file locks there")
def test_two_at_once_download_once(web: Web, target: Path) -> None:
    def slowly(request: Handler) -> None:
        time.sleep(0.1)
        sends()(request)

    url = web.behaves(slowly)
    calls = [
        threading.Thread(target=fetch, args=(url, target), kwargs={"max_bytes": LIMIT})
        for _ in range(3)
    ]
    for call in calls:
        call.start()
    for call in calls:
        call.join()
    assert len(web.requests) == 1
    assert target.read_bytes() == CONTENT
    assert list(target.parent.iterdir()) == [target]


def patch_unlink(monkeypatch: pytest.MonkeyPatch, check: Callable[[Path, BinaryIO], None]) -> None:
    """Calls `check` with a part and the stream that writes it, before the part is removed."""
    streams: dict[Path, BinaryIO] = {}
    open_path, unlink = Path.open, Path.unlink

    def remember(path: Path, mode: str = "r", **options: Any) -> Any:
        stream = open_path(path, mode, **options)
        if mode == "a+b":
            streams[path] = cast("BinaryIO", stream)
        return stream

    def check_first(path: Path, missing_ok: bool = False) -> None:
        check(path, streams[path])
        unlink(path, missing_ok)

    monkeypatch.setattr(Path, "open", remember)
    monkeypatch.setattr(Path, "unlink", check_first)


@pytest.mark.parametrize("stays", [False, True])
def test_part_that_cannot_be_removed_while_it_is_open(
    target: Path, monkeypatch: pytest.MonkeyPatch, stays: bool
) -> None:
    def refuse(part: Path, stream: BinaryIO) -> None:
        if stays or not stream.closed:  # as on Windows; for longer if a virus scanner reads it
            raise PermissionError(f"{part} is in use")

    patch_unlink(monkeypatch, refuse)
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        with pytest.raises(UnavailableError, match="cannot be reached"):
            fetch(f"http://127.0.0.1:{closed.getsockname()[1]}/", target, max_bytes=LIMIT)
    assert part_of(target).exists() == stays


@pytest.mark.skipif(sys.platform == "win32", reason="no file locks there")
def test_part_is_removed_before_another_process_may_write_it(
    web: Web, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import fcntl

    removed = []

    def check_lock(part: Path, _: BinaryIO) -> None:
        with part.open("rb") as other, pytest.raises(BlockingIOError):
            fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
        removed.append(part)

    patch_unlink(monkeypatch, check_lock)
    with pytest.raises(DownloadError, match="status 404"):
        fetch(web.behaves(answers(404)), target, max_bytes=LIMIT)
    assert removed == [part_of(target)]


@pytest.mark.parametrize("sha256", [None, SHA256])
def test_host_that_takes_too_long(web: Web, target: Path, sha256: str | None) -> None:
    def leisurely(request: Handler) -> None:  # 100 kB/s, which is fast enough
        request.head(200)
        while True:
            request.wfile.write(CONTENT[:1000])
            time.sleep(0.01)

    url = web.behaves(leisurely, sends())
    with pytest.raises(DownloadError, match=r"not complete after 0\.2 seconds"):
        fetch(url, target, sha256=sha256, max_bytes=LIMIT, max_seconds=0.2)
    assert part_of(target).exists() == (sha256 is not None)
    fetch(url, target, sha256=sha256, max_bytes=LIMIT, max_seconds=60)
    assert target.read_bytes() == CONTENT


@pytest.mark.usefixtures("clock")
def test_progress_does_not_extend_the_time_limit(
    web: Web, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transfer, "_HEADWAY_BYTES", 10)

    def in_pieces(request: Handler) -> None:
        sends(CONTENT * 10, stop=request.offset + 10)(request)

    with pytest.raises(DownloadError, match=r"not complete|breaks off"):
        fetch(web.behaves(in_pieces), target, max_bytes=LIMIT, max_seconds=1)
    assert 1 + transfer._RETRIES < len(web.requests) < len(CONTENT)


@pytest.mark.usefixtures("impatient")
def test_silent_host_is_not_asked_again_when_the_time_is_up(web: Web, target: Path) -> None:
    with pytest.raises(UnavailableError, match="silent or too slow"):
        fetch(web.behaves(is_silent), target, max_bytes=LIMIT, max_seconds=0.1)
    assert len(web.requests) < 1 + transfer._RETRIES


@pytest.mark.parametrize(("wanted", "terminal"), [(True, True), (True, False), (False, True)])
def test_progress_bar(
    web: Web, target: Path, monkeypatch: pytest.MonkeyPatch, wanted: bool, terminal: bool
) -> None:
    stream = io.StringIO()
    monkeypatch.setattr(stream, "isatty", lambda: terminal)
    monkeypatch.setattr(sys, "stderr", stream)
    fetch(web.behaves(sends()), target, max_bytes=LIMIT, progress=wanted)
    assert (target.name in stream.getvalue()) == (wanted and terminal)


@pytest.mark.parametrize("terminal", [True, False])
def test_line_that_says_what_is_coming(
    web: Web,
    target: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    terminal: bool,
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: terminal)
    content = CONTENT * 50

    def without_length(request: Handler) -> None:
        request.head(200)
        request.wfile.write(content)

    once = (sends(content, stop=100), sends(content))
    caplog.set_level(logging.INFO, "generator")
    for wanted, behaviours in ((True, once), (True, (without_length,)), (False, once)):
        web.requests.clear()
        url = web.behaves(*behaviours).replace("//", "//me:secret@")
        fetch(url, target, max_bytes=LIMIT, progress=wanted)
        target.unlink()
    assert caplog.messages == [
        "downloading file.bin from 127.0.0.1, 0.5 MB",
        "downloading file.bin from 127.0.0.1",
    ]


def test_folder_that_cannot_be_made(web: Web, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DownloadError, match="cannot be saved"):
        fetch(web.behaves(sends()), tmp_path / "file" / "x", max_bytes=LIMIT)


def drip(request: Handler, text: bytes) -> None:
    """Sends a byte now and then, for ever."""
    while True:
        for byte in text:
            request.connection.send(bytes([byte]))
            time.sleep(0.02)


def drips_a_status_line(request: Handler) -> None:
    drip(request, b"HTTP/1.1 200 " + b"O" * 60_000)


def drips_headers(request: Handler) -> None:
    request.connection.send(b"HTTP/1.1 200 OK\r\n")
    drip(request, b"X: y\r\n")


def continues(request: Handler) -> None:
    while True:
        request.connection.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        time.sleep(0.005)


def drips_a_body_without_a_length(request: Handler) -> None:
    request.connection.send(b"HTTP/1.1 200 OK\r\n\r\n")
    drip(request, b"x")


def sends_nothing(request: Handler) -> None:
    time.sleep(20)


@pytest.mark.parametrize(
    "behaviour",
    [
        drips_a_status_line,
        drips_headers,
        continues,
        drips_a_body_without_a_length,
        sends_nothing,
    ],
)
def test_nothing_stretches_the_deadline(web: Web, target: Path, behaviour: Behaviour) -> None:
    began = time.monotonic()
    sentences = r"not complete after 0\.5 seconds|the host is silent or too slow"
    with pytest.raises((DownloadError, UnavailableError), match=sentences):
        fetch(web.behaves(behaviour), target, max_bytes=LIMIT, max_seconds=0.5)
    assert time.monotonic() - began < 15  # the host would go on for ever
    assert not target.exists()


PRIVATE = [
    "http://127.0.0.1/x",
    "http://127.1/x",
    "http://2130706433/x",
    "http://0x7f.1/x",
    "http://0/x",
    "http://[::1]/x",
    "http://[::ffff:10.0.0.1]/x",
    "http://[fe80::1]/x",
    "http://[fd00::1]/x",
    "http://[64:ff9b::7f00:1]/x",
    "http://[2002:7f00:1::]/x",
    "http://10.1.2.3/x",
    "http://172.16.0.1/x",
    "http://192.168.1.1/x",
    "http://169.254.169.254/latest/meta-data",
    "http://100.64.0.1/x",
    "http://224.0.0.1/x",
    "http://localhost/x",
    "http://printer.local/x",
    "http://metadata.google.internal/x",
]


@pytest.mark.parametrize("url", PRIVATE)
@pytest.mark.parametrize("proxy", ["", "http://127.0.0.1:9"])
def test_private_addresses_are_refused(
    target: Path, monkeypatch: pytest.MonkeyPatch, url: str, proxy: str
) -> None:
    monkeypatch.setattr(socket.socket, "connect", refuse_to_connect)
    monkeypatch.setenv("http_proxy", proxy)
    with pytest.raises(DownloadError, match=r"leads to .*private_addresses: on"):
        fetch_from_public_hosts(url, target, max_bytes=LIMIT)


def refuse_to_connect(*_: object) -> None:
    raise AssertionError("nothing may be sent there")


def resolves_to(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    real = socket.getaddrinfo

    def resolve(host: str, *rest: Any, **more: Any) -> list[Any]:
        if host != "pictures.example":
            return real(host, *rest, **more)
        port = rest[0] if rest else more["port"]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)


def test_a_name_that_resolves_to_a_private_address_is_refused(
    target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolves_to(monkeypatch, "192.168.0.7")
    monkeypatch.setattr(socket.socket, "connect", refuse_to_connect)
    with pytest.raises(DownloadError, match=r"pictures\.example/x: leads to 192\.168\.0\.7"):
        fetch_from_public_hosts("http://pictures.example/x", target, max_bytes=LIMIT)


def test_a_redirect_into_a_private_network_is_refused(
    web: Web, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("generator.files.connections.is_private", lambda one: one != "127.0.0.1")
    monkeypatch.setattr("generator.files.addresses._is_called_private", lambda _: False)
    resolves_to(monkeypatch, "10.0.0.5")
    elsewhere = answers(302, Location="http://pictures.example/x")
    with pytest.raises(DownloadError, match=r"leads to 10\.0\.0\.5"):
        fetch_from_public_hosts(web.behaves(elsewhere, sends()), target, max_bytes=LIMIT)
    assert len(web.requests) == 1
    assert not target.exists()


def test_a_resolver_that_hangs_is_not_waited_for(
    target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hang(*_: object, **__: object) -> None:
        time.sleep(5)

    monkeypatch.setattr("generator.files.connections._RESOLVE_S", 0.05)
    monkeypatch.setattr(socket, "getaddrinfo", hang)
    began = time.monotonic()
    with pytest.raises(UnavailableError, match="cannot be reached"):
        fetch("http://host.example/", target, max_bytes=LIMIT)
    assert time.monotonic() - began < 4
