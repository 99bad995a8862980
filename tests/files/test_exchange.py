"""Two folders change places at one stroke."""

from __future__ import annotations

import ctypes
import errno
import sys
import threading
from pathlib import Path

import pytest

from generator.files import exchange as exchanging
from generator.files.exchange import exchange


def folders(tmp_path: Path) -> tuple[Path, Path]:
    one, other = tmp_path / "one", tmp_path / "other"
    for folder in (one, other):
        folder.mkdir()
        (folder / "name.txt").write_text(folder.name)
    return one, other


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="knows no exchange")
def test_both_are_there_all_the_time(tmp_path: Path) -> None:
    one, other = folders(tmp_path)
    missing, stop = [], threading.Event()

    def watch() -> None:
        while not stop.is_set():
            if not (one / "name.txt").exists():
                missing.append(1)

    thread = threading.Thread(target=watch)
    thread.start()
    done = [exchange(one, other) for _ in range(1001)]
    stop.set()
    thread.join()
    if not any(done):
        pytest.skip("this disk knows no exchange")
    assert missing == []
    assert (one / "name.txt").read_text() == "other"
    assert (other / "name.txt").read_text() == "one"


@pytest.mark.parametrize("number", [errno.ENOSYS, errno.EINVAL, errno.EOPNOTSUPP])
def test_a_disk_that_knows_no_exchange(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    one, other = folders(tmp_path)
    monkeypatch.setattr(exchanging, "_call", lambda *_: ctypes.set_errno(number) or -1)
    assert not exchange(one, other)
    monkeypatch.setattr(exchanging, "_call", lambda *_: None)
    assert not exchange(one, other)
    assert (one / "name.txt").read_text() == "one"


def test_an_error_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchanging, "_call", lambda *_: ctypes.set_errno(errno.EACCES) or -1)
    with pytest.raises(PermissionError):
        exchange(*folders(tmp_path))
