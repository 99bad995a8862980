"""A process for what cannot be ended from within: a library that does not listen to Python.

In: functions of modules, and arguments that can be sent. Out: what they return. A call that takes
too long is ended with its process, and so is one that takes its process with it. The process ends
with this one.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any, TypeVar

from generator.files.children import die_with_parent, starting_children

T = TypeVar("T")


class Helper:
    """A process that answers one call after the other; it is started by the first one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: Any = None
        self._pipe: Connection[Any, Any] | None = None

    def call(self, function: Callable[..., T], *arguments: Any, seconds: float) -> T:
        """Calls a function over there.

        Raises:
            TimeoutError: it was not done in time.
            ChildProcessError: its process ended, as one does whose stack is full.
        """
        with self._lock:
            pipe = self._started()
            try:
                pipe.send((function, arguments))
                if not pipe.poll(seconds):
                    raise TimeoutError
                returned, result = pipe.recv()
            except (EOFError, BrokenPipeError, ConnectionResetError) as error:
                self.end()
                raise ChildProcessError("the process ended") from error
            except BaseException:
                self.end()
                raise
        if not returned:
            raise result
        return result  # type: ignore[no-any-return]

    def _started(self) -> Connection[Any, Any]:
        if self._pipe is None or not self._process.is_alive():
            self.end()
            here, there = get_context("spawn").Pipe()
            self._process = get_context("spawn").Process(target=_answer, args=(there,), daemon=True)
            with starting_children():
                self._process.start()
            there.close()
            self._pipe = here
        return self._pipe

    def end(self) -> None:
        """Ends the process; the next call starts another one."""
        if self._pipe is not None:
            self._process.kill()
            self._process.join()
            self._pipe.close()
            self._pipe = None


def _answer(pipe: Connection[Any, Any]) -> None:
    """What the process does until nobody asks any more."""
    die_with_parent()
    with suppress(EOFError, BrokenPipeError, ConnectionResetError):
        while True:
            function, arguments = pipe.recv()
            try:
                answer: tuple[bool, Any] = (True, function(*arguments))
            except Exception as error:
                answer = (False, error)
            pipe.send(answer)
