"""Connections end at their deadline, and hosts that misbehave are told apart."""

from __future__ import annotations

import socket
import time
from pathlib import Path

import pytest

from generator.errors import DownloadError, UnavailableError
from generator.files import transfer
from tests.files.web import (
    CONTENT,
    LIMIT,
    SHA256,
    Behaviour,
    Clock,
    Handler,
    Web,
    answers,
    fetch,
    part_of,
    sends,
)

pytestmark = pytest.mark.usefixtures("quick_and_direct")


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


@pytest.mark.slow
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


@pytest.mark.slow
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


@pytest.mark.slow
@pytest.mark.usefixtures("impatient")
def test_silent_host_is_not_asked_again_when_the_time_is_up(web: Web, target: Path) -> None:
    with pytest.raises(UnavailableError, match="silent or too slow"):
        fetch(web.behaves(is_silent), target, max_bytes=LIMIT, max_seconds=0.1)
    assert len(web.requests) < 1 + transfer._RETRIES


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


@pytest.mark.slow
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
