"""Downloads arrive whole or not at all, from a server that can be made to misbehave."""

from __future__ import annotations

import gzip
import socket
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO, cast

import pytest

from generator.errors import DownloadError, UnavailableError
from generator.files import transfer
from tests.files.web import (
    CONTENT,
    LIMIT,
    SHA256,
    Behaviour,
    Handler,
    Web,
    answers,
    fetch,
    part_of,
    sends,
)

pytestmark = pytest.mark.usefixtures("quick_and_direct")


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
        body = gzip.compress(CONTENT, mtime=0)
        request.head(200, Content_Encoding="gzip", Content_Length=str(len(body)))
        request.wfile.write(body)

    fetch(web.behaves(packed), target, sha256=SHA256, max_bytes=LIMIT)
    assert target.read_bytes() == CONTENT


@pytest.mark.slow
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


def test_folder_that_cannot_be_made(web: Web, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DownloadError, match="cannot be saved"):
        fetch(web.behaves(sends()), tmp_path / "file" / "x", max_bytes=LIMIT)
