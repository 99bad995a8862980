"""One command at a time writes to a folder; who is gone holds nothing."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from generator.errors import BusyError
from generator.files import lock
from generator.files.lock import LOCK, locked
from generator.files.owned_folder import MARKER, claim_output, held_output, remove_output

HOLD = (
    "import sys, time; from pathlib import Path; from generator.files.lock import locked\n"
    "with locked(Path(sys.argv[1]), 'a build'):\n"
    "    print('held', flush=True); time.sleep(600)\n"
)


def holder(folder: Path) -> subprocess.Popen[str]:
    """Another process that holds the lock of a folder."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def written_by(folder: Path, process: int, host: str, since: float) -> None:
    value = {"process": process, "host": host, "doing": "a build", "since": since}
    (folder / LOCK).write_text(json.dumps(value))


def test_the_second_is_told_who_and_since_when(tmp_path: Path) -> None:
    with holder(tmp_path) as other:
        try:
            with pytest.raises(BusyError) as caught, locked(tmp_path, "`clean`"):
                pass
        finally:
            other.kill()
    text = str(caught.value)
    year = time.strftime("%Y-")
    where = f"a build (process {other.pid} on {socket.gethostname()})"
    assert f"{where} has been writing here since {year}" in text
    assert text.endswith("or let --wait do that")


def test_a_lock_is_gone_with_its_block(tmp_path: Path) -> None:
    with locked(tmp_path, "one"):
        assert (tmp_path / LOCK).exists()
    assert list(tmp_path.iterdir()) == []
    with locked(tmp_path, "another"):
        pass


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL there")
def test_a_lock_of_a_process_that_was_killed_is_taken_over(tmp_path: Path) -> None:
    other = holder(tmp_path)
    other.send_signal(signal.SIGKILL)
    other.communicate()
    assert (tmp_path / LOCK).exists()
    with locked(tmp_path, "a build"):
        assert json.loads((tmp_path / LOCK).read_text())["process"] == os.getpid()


@pytest.mark.slow
def test_who_waits_goes_on_when_the_other_is_done(tmp_path: Path) -> None:
    order = []
    inside = threading.Event()

    def first() -> None:
        with locked(tmp_path, "first"):
            inside.set()
            time.sleep(0.5)
            order.append("first")

    thread = threading.Thread(target=first)
    thread.start()
    inside.wait()
    with locked(tmp_path, "second", wait=True):
        order.append("second")
    thread.join()
    assert order == ["first", "second"]


def test_another_host_holds_it_as_long_as_it_touches_it(tmp_path: Path) -> None:
    written_by(tmp_path, 1, "elsewhere", time.time())
    with pytest.raises(BusyError, match="process 1 on elsewhere"), locked(tmp_path, "a build"):
        pass
    silent = time.time() - lock._SILENT_S - 1
    os.utime(tmp_path / LOCK, (silent, silent))
    with locked(tmp_path, "a build"):
        pass


def test_a_holder_touches_its_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "_BEAT_S", 0.01)
    with locked(tmp_path, "a build"):
        os.utime(tmp_path / LOCK, (0, 0))
        until = time.monotonic() + 20
        while (tmp_path / LOCK).stat().st_mtime < 1 and time.monotonic() < until:
            time.sleep(0.01)
        assert (tmp_path / LOCK).stat().st_mtime > 1


def test_on_a_disk_without_locks_the_process_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock, "_lock", lambda _: None)
    host = socket.gethostname()
    written_by(tmp_path, os.getppid(), host, time.time())
    with pytest.raises(BusyError), locked(tmp_path, "a build"):
        pass
    written_by(tmp_path, os.getppid(), host, 1.0)  # before that process was there
    with locked(tmp_path, "a build"):
        pass
    gone = subprocess.run(
        [sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True
    )
    written_by(tmp_path, int(gone.stdout), host, time.time())
    with locked(tmp_path, "a build"):
        pass


@pytest.mark.parametrize("text", ["", "{", "[]", '{"process": "x"}', '{"process": 1e400}'])
def test_a_spoilt_lock_is_taken_over(tmp_path: Path, text: str) -> None:
    (tmp_path / LOCK).write_text(text)
    with locked(tmp_path, "a build"):
        assert json.loads((tmp_path / LOCK).read_text())["process"] == os.getpid()
        with pytest.raises(BusyError), locked(tmp_path, "`clean`"):
            pass


@pytest.mark.slow
def test_clean_leaves_a_folder_that_is_written_to(tmp_path: Path) -> None:
    folder = tmp_path / "build"
    claim_output(folder, None)
    (folder / "site").mkdir()
    with holder(folder) as other:
        try:
            with pytest.raises(BusyError, match="a build"):
                remove_output(folder, None)
        finally:
            other.kill()
    assert (folder / MARKER).exists()
    assert (folder / "site").exists()
    assert remove_output(folder, None)
    assert not folder.exists()


def test_clean_leaves_a_folder_in_which_detect_draws(tmp_path: Path) -> None:
    claim_output(tmp_path / "build", None)
    claim_output(tmp_path / "build/detect", None)
    with holder(tmp_path / "build/detect") as other:
        try:
            with pytest.raises(BusyError):
                remove_output(tmp_path / "build", None)
        finally:
            other.kill()
    assert (tmp_path / "build/detect" / MARKER).exists()


@pytest.mark.slow
def test_a_build_that_waited_for_clean_has_its_folder_again(tmp_path: Path) -> None:
    folder = tmp_path / "build"
    inside = threading.Event()
    claim_output(folder, None)

    def clean() -> None:
        with locked(folder, "`clean`"):
            inside.set()
            time.sleep(0.5)
            (folder / MARKER).unlink()
            (folder / LOCK).unlink()
            folder.rmdir()

    thread = threading.Thread(target=clean)
    thread.start()
    inside.wait()
    with held_output(folder, None, "a build", wait=True):
        assert (folder / MARKER).exists()
    thread.join()


def test_a_lock_alone_does_not_make_a_folder_somebodys(tmp_path: Path) -> None:
    (tmp_path / LOCK).touch()
    claim_output(tmp_path, None)
    assert (tmp_path / MARKER).exists()
