"""Ctrl-C ends a command within two seconds and with one line, whatever it is doing.

In: nothing. Out: a process that keeps that promise. Once this module is imported, an interrupt
while the slow ones are being imported is one line; `end_soon` sees to all others.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import socket
import sys
import threading
import time
from types import TracebackType

STOPPED = "Stopped. What was published before is as it was."
INTERRUPTED = 130
"""The exit code of a command that Ctrl-C ended, as shells have it."""
_GRACE_S = 1.2


def end_soon() -> None:
    """From now on an interrupt ends this process, even while a library does not listen to Python.

    Python raises KeyboardInterrupt between two steps of its own. A library that typesets or
    multiplies for seconds knows no such steps; a thread then ends the process in its stead.
    """
    heard, woken = socket.socketpair()
    woken.setblocking(False)
    signal.set_wakeup_fd(woken.fileno(), warn_on_full_buffer=False)
    threading.Thread(target=_end, args=(heard, woken), daemon=True).start()


def _end(heard: socket.socket, _woken: socket.socket) -> None:
    """Waits for the interrupt, and ends the process if nobody else does."""
    while signal.SIGINT not in heard.recv(64):
        pass
    time.sleep(_GRACE_S)
    for child in multiprocessing.active_children():
        child.kill()
    if not _told.is_set():
        os.write(2, f"\n{STOPPED}\n".encode())
    os._exit(INTERRUPTED)


_told = threading.Event()


def tell() -> None:
    """Says once that the command was stopped."""
    if not _told.is_set():
        _told.set()
        sys.stderr.write(f"\n{STOPPED}\n")


def _hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        tell()
    else:
        _before(kind, error, trace)


def _hook_of_callbacks(unraisable: sys.UnraisableHookArgs) -> None:
    """An interrupt inside a callback of the garbage collector goes nowhere: `_end` sees to it."""
    if not issubclass(unraisable.exc_type, KeyboardInterrupt):
        _before_in_callbacks(unraisable)


_before, _before_in_callbacks = sys.excepthook, sys.unraisablehook
sys.excepthook, sys.unraisablehook = _hook, _hook_of_callbacks
