"""What tests of downloads begin with."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from generator.files import download, transfer
from tests.files.web import Clock, Web


@pytest.fixture
def web() -> Iterator[Web]:
    with Web() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def quick_and_direct(monkeypatch: pytest.MonkeyPatch) -> None:
    """No waiting between two tries, and no proxy."""
    monkeypatch.setattr(transfer, "_BACK_OFF_S", 0.001)
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """For hosts that are silent; a busy machine makes any host silent for so long."""
    monkeypatch.setattr(transfer, "_TIMEOUTS_S", (30.0, 0.15))


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
