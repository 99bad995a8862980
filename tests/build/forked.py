"""Commands that start at once: forked from a process that has imported what they need.

In: a module that serves (`tests.build.command`), and what to run. Out: what a `subprocess.Popen`
tells of it. To start Python and to import torch, matplotlib and MkDocs costs three times what a
small build does, and says nothing about it. The process that forks has run nothing and has no
threads, so one command leaves nothing for the next (`test_forked.py`).

A fork differs from a fresh process in three things: sets have the same order in all of them, since
they share one seed of hashes; what a module takes from the environment when it is imported is that
of the first test; an import that a module forgot may be there. `start(afresh=True)` has none of it.
"""

from __future__ import annotations

import atexit
import functools
import os
import pickle
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

FORKS = sys.platform == "linux"
SERVE = "serve-forks"
MOST = 1 << 17
"""Bytes of a message, at most."""


@dataclass(frozen=True)
class Request:
    """A command: where, with which arguments and environment, what first, and whether alone."""

    folder: Path
    arguments: tuple[str, ...]
    environment: Mapping[str, str]
    before: Callable[[], object] | None
    is_alone: bool

    def take_over(self, output: int) -> None:
        """Makes the process that this is called in the one that was asked for."""
        for stream in (1, 2):
            os.dup2(output, stream)
        os.close(output)
        # Those of the process that forks know that they write to a file, and so could seek.
        sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
        sys.stderr = open(  # noqa: SIM115
            2, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False
        )
        if self.is_alone:
            os.setsid()
        if self.before:
            self.before()
        os.chdir(self.folder)
        os.environ.clear()
        os.environ.update(self.environment)
        sys.argv[1:] = self.arguments


class Command:
    """A command at work: the part of `subprocess.Popen` that tests use."""

    def __init__(self, module: str, request: Request) -> None:
        output, end = os.pipe()
        self._server = _server(module)
        self._server.send(pickle.dumps(request))
        socket.send_fds(self._server, [b"0"], [end])
        os.close(end)
        self.pid: int = pickle.loads(self._server.recv(MOST))
        self.returncode: int | None = None
        self.stdout: TextIO = os.fdopen(output, "r", encoding="utf-8")

    def communicate(self) -> tuple[str, None]:
        """All that it says until its end; errors are among it."""
        with self.stdout:
            text = self.stdout.read()
        self._ask(0)
        return text, None

    def poll(self) -> int | None:
        """The exit code, or nothing as long as it is at work."""
        return self._ask(os.WNOHANG)

    def _ask(self, options: int) -> int | None:
        if self.returncode is None:
            self._server.send(pickle.dumps((self.pid, options)))
            found, status = pickle.loads(self._server.recv(MOST))
            if found:
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Sends a signal to it alone."""
        os.kill(self.pid, number)


Running = Command | subprocess.Popen[str]


@functools.cache
def _server(module: str) -> socket.socket:
    """A connection to the process that forks; it ends with this one, whose end it notices."""
    ours, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    command = [sys.executable, "-m", module, SERVE, str(its.fileno())]
    folder = str(Path(__file__).parents[2])
    # Threads of a library that multiplies would not survive a fork.
    environment = {**os.environ, "PYTHONPATH": folder, "OPENBLAS_NUM_THREADS": "1"}
    process = subprocess.Popen(command, pass_fds=(its.fileno(),), env=environment)
    its.close()

    def end() -> None:
        ours.close()
        process.wait()

    atexit.register(end)
    return ours
