"""Processes that this program starts: none outlives it, and Ctrl-C is their parent's business.

In: nothing. Out: what children call when they begin, and what their parent calls to end them.
"""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing import resource_tracker

_PR_SET_PDEATHSIG = 1


def die_with_parent() -> None:
    """Ends this process, a child of `multiprocessing`, as soon as its parent is gone.

    Ctrl-C, which a terminal sends to parent and children alike, is left to the parent.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def wait() -> None:
        parent.join()
        os._exit(1)

    # On every system; a library that does not let other threads run would delay it.
    threading.Thread(target=wait, daemon=True).start()
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):  # the kernel does it at once
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if not parent.is_alive():  # it went before the kernel was asked
            os._exit(1)


@contextmanager
def starting_children() -> Iterator[None]:
    """While open, children are started that no Ctrl-C reaches before they can say so themselves.

    An interrupt of this process is only put off until the end of the block.
    """
    if sys.platform == "win32" or threading.current_thread() is not threading.main_thread():
        yield
        return
    resource_tracker.ensure_running()  # it would let interrupts through again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def kill_children() -> None:
    """Ends all children of `multiprocessing` at once."""
    for child in multiprocessing.active_children():
        child.kill()
