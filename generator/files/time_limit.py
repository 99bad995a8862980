"""A limit of time and memory for what may go on for ever: templates, parsers, patterns.

In: a number of seconds of this process's own work, so that a busy machine changes nothing. Out:
`TimeIsUp`, raised in the middle of whatever goes on for longer, and MemoryError, where the system
can tell. Programs of others have limits of their own, in `helper` and `pandoc`.
"""

from __future__ import annotations

import ctypes
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Protocol

MOST_MEMORY = 2 * 2**30
"""What may be asked for while a limit holds, in bytes; only Linux can tell."""
_AGAIN_S = 1.0
"""Whoever swallowed the exception gets it again after this time."""


class TimeIsUp(BaseException):
    """A limit of time was reached. Parsers catch `Exception` and go on, but not this."""


class _Clock(Protocol):
    def start(self) -> None:
        """Goes on with what is left."""

    def stop(self) -> None:
        """Keeps what is left."""


_running: _Clock | None = None


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Raises `TimeIsUp` in what is done here after so many seconds of a processor.

    Within another limit it changes nothing.
    """
    global _running
    if _running is not None:
        yield
        return
    is_main = threading.current_thread() is threading.main_thread()
    has_timer = hasattr(signal, "setitimer")
    clock = _running = _Timer(seconds) if is_main and has_timer else _Watcher(seconds)
    clock.start()
    try:
        yield
    finally:
        _running = None
        while True:
            try:
                clock.stop()
                break
            except TimeIsUp:  # at this very moment: what had a limit is done
                continue


@contextmanager
def not_counted() -> Iterator[None]:
    """While open, a limit that holds stands still: for work that is the program's own."""
    global _running
    clock, _running = _running, None
    if clock is None:
        yield
        return
    clock.stop()
    try:
        yield
    finally:
        _running = clock
        clock.start()


class _Memory:
    """The limit of memory; on Linux alone, as others do not hold it or cannot tell what is used."""

    def __init__(self) -> None:
        self._before: tuple[int, int] | None = None

    def start(self) -> None:
        """Allows so much more than is used now."""
        if sys.platform != "linux":
            return
        import resource

        with suppress(OSError, ValueError):
            pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
            most = pages * resource.getpagesize() + MOST_MEMORY
            soft, hard = resource.getrlimit(resource.RLIMIT_AS)
            if all(limit in (-1, resource.RLIM_INFINITY) or limit > most for limit in (soft, hard)):
                resource.setrlimit(resource.RLIMIT_AS, (most, hard))
                self._before = soft, hard

    def stop(self) -> None:
        """Allows what was allowed before."""
        if sys.platform == "linux" and self._before is not None:
            import resource

            resource.setrlimit(resource.RLIMIT_AS, self._before)
            self._before = None


class _Timer:
    """The kernel's own timer: it interrupts even the search for a pattern."""

    def __init__(self, seconds: float) -> None:
        self._left, self._memory = seconds, _Memory()

    def start(self) -> None:
        """Sets the timer."""
        self._before = signal.signal(signal.SIGPROF, _raise)
        signal.setitimer(signal.ITIMER_PROF, max(self._left, 0.001), _AGAIN_S)
        self._memory.start()

    def stop(self) -> None:
        """Stops the timer."""
        self._left = signal.setitimer(signal.ITIMER_PROF, 0)[0]
        signal.signal(signal.SIGPROF, self._before)
        self._memory.stop()


def _raise(_number: int, _frame: FrameType | None) -> None:
    raise TimeIsUp


class _Watcher:
    """A thread that looks on: for systems and threads without a timer; slower to notice."""

    def __init__(self, seconds: float) -> None:
        self._left, self._memory = seconds, _Memory()
        self._target = ctypes.c_ulong(threading.get_ident())
        self._lock = threading.Lock()
        self._done: threading.Event | None = None
        self._was_sent = False

    def start(self) -> None:
        """Starts the thread."""
        self._done, self._began = threading.Event(), time.process_time()
        self._memory.start()
        watch = threading.Thread(target=self._watch, args=(self._done,), daemon=True)
        watch.start()

    def stop(self) -> None:
        """Ends the thread.

        Raises:
            TimeIsUp: once, if that was said before: it may still be on its way.
        """
        with self._lock:
            if self._done is not None:
                self._done.set()
        if self._was_sent:
            self._was_sent = False
            self._send()
            while True:
                pass
        self._left -= time.process_time() - self._began
        self._memory.stop()

    def _watch(self, done: threading.Event) -> None:
        while not done.wait(0.05):
            if time.process_time() - self._began < self._left:
                continue
            with self._lock:
                if not done.is_set():
                    self._was_sent = True
                    self._send()
            done.wait(_AGAIN_S)

    def _send(self) -> None:
        """Has the exception raised in the thread that works.

        To take it back would leave Python 3.11 looking for it for ever in a process that is
        traced, by a debugger or for coverage.
        """
        ctypes.pythonapi.PyThreadState_SetAsyncExc(self._target, ctypes.py_object(TimeIsUp))
