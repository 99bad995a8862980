"""What a process need not do again and again, and that all is as it was afterwards."""

from __future__ import annotations

import ctypes
import gc
import sys
from collections.abc import Iterator

import pytest

from generator.files.memory import importing, keep_freed_memory, keeping_freed_memory


@pytest.fixture(autouse=True)
def _thawed() -> Iterator[None]:
    was_enabled = gc.isenabled()
    yield
    gc.enable() if was_enabled else gc.disable()


@pytest.mark.parametrize("enabled", [True, False])
def test_what_is_imported_is_never_looked_at_again(enabled: bool) -> None:
    gc.enable() if enabled else gc.disable()
    kept: list[object] = []
    with importing():
        assert not gc.isenabled()
        kept.append([kept])  # something that could be garbage
    assert gc.isenabled() is enabled
    assert all(one is not kept for one in gc.get_objects())
    assert gc.get_freeze_count() > 0


def test_an_import_that_fails_leaves_the_search_as_it_was() -> None:
    gc.enable()
    with pytest.raises(ImportError), importing():
        raise ImportError
    assert gc.isenabled()


def test_options_of_the_c_library_are_put_back(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[tuple[str, tuple[int, ...]]] = []

    class Library:
        def mallopt(self, *arguments: int) -> None:
            said.append(("mallopt", arguments))

        def malloc_trim(self, *arguments: int) -> None:
            said.append(("malloc_trim", arguments))

    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(ctypes, "CDLL", lambda _: Library())
    with keeping_freed_memory():
        assert said == [("mallopt", (-1, 2**31 - 1)), ("mallopt", (-4, 0))]
        del said[:]
    assert said == [
        ("mallopt", (-1, 131_072)), ("mallopt", (-4, 65_536)), ("malloc_trim", (0,)),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("platform", "error"),
    [("linux", OSError), ("linux", AttributeError), ("darwin", OSError), ("win32", TypeError)],
)
def test_another_c_library_is_left_alone(
    platform: str, error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Windows would not even take the question: there a library has to be named."""
    asked: list[object] = []

    def without(library: object) -> object:
        asked.append(library)
        raise error

    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(ctypes, "CDLL", without)
    keep_freed_memory()
    with keeping_freed_memory():
        told = len(asked)
    assert (told, len(asked)) == ((2, 3) if platform == "linux" else (0, 0))
