"""Memory that this process need not search, or ask for, again and again.

In: nothing. Out: the same results in less time. What is imported stays until the end, and no
search for garbage has to pass it each time; large arrays follow each other, and the system would
clear each page anew for every one. Where Python or the C library knows no such thing, nothing is
changed.
"""

from __future__ import annotations

import atexit
import ctypes
import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_M_TRIM_THRESHOLD, _M_MMAP_MAX = -1, -4
_EVERYTHING = 2**31 - 1
_DEFAULTS = {_M_TRIM_THRESHOLD: 128 * 1024, _M_MMAP_MAX: 65_536}
"""Those of glibc's malloc.h."""


def search_seldom() -> None:
    """Searches for garbage seldom, and not at the end, in a process that is a command.

    A build keeps a million small records. To look through them as often as Python does by default,
    and once more when all is done, is a tenth of what a changed caption costs.
    """
    gc.set_threshold(50_000)
    atexit.register(gc.freeze)


@contextmanager
def importing() -> Iterator[None]:
    """While open, large packages are imported: nothing is searched, and what is there stays."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was_enabled:
            gc.enable()


def keep_freed_memory() -> None:
    """What is freed from here on is kept for what comes next."""
    _tell(("mallopt", _M_TRIM_THRESHOLD, _EVERYTHING), ("mallopt", _M_MMAP_MAX, 0))


@contextmanager
def keeping_freed_memory() -> Iterator[None]:
    """The same while it is open; then what is free is given back."""
    keep_freed_memory()
    try:
        yield
    finally:
        _tell(*(("mallopt", *default) for default in _DEFAULTS.items()), ("malloc_trim", 0))


def _tell(*calls: tuple[str | int, ...]) -> None:
    """Calls functions of the C library; on Windows and macOS there is nothing to tell."""
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):  # another C library than GNU's
            library = ctypes.CDLL(None)
            for name, *arguments in calls:
                getattr(library, str(name))(*arguments)
