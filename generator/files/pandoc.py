"""Runs pandoc, which is installed on the system or in the `pypandoc_binary` wheel.

In: a text. Out: what pandoc made of it, in time. It ends with this process.
"""

from __future__ import annotations

import functools
import shutil
import subprocess
import sys
from collections.abc import Sequence
from subprocess import CompletedProcess

import pypandoc

from generator.errors import PageError


@functools.cache
def find_pandoc() -> str:
    """The path of the program.

    Raises:
        PageError: pandoc is not installed.
    """
    try:
        return str(pypandoc.get_pandoc_path())
    except OSError as error:
        raise PageError(
            "formulas need pandoc, which is not here; install it, or `pip install pypandoc_binary`"
        ) from error


@functools.cache
def pandoc_command() -> tuple[str, ...]:
    """The command that runs pandoc; its options follow.

    On Linux the kernel ends it with the thread that started it, if `setpriv` of util-linux is there
    to ask for that. Elsewhere it ends when it next reads or writes.

    Raises:
        PageError: pandoc is not installed.
    """
    pandoc = find_pandoc()
    setpriv = shutil.which("setpriv") if sys.platform == "linux" else None
    if setpriv is None:
        return (pandoc,)
    asking = (setpriv, "--pdeathsig", "KILL")
    knows = subprocess.run([*asking, setpriv, "--version"], capture_output=True, check=False)
    return (pandoc,) if knows.returncode else (*asking, pandoc)


def run_pandoc(options: Sequence[str], text: str, seconds: float) -> CompletedProcess[str]:
    """Runs pandoc on a text.

    Args:
        seconds: after which it is ended.

    Raises:
        PageError: pandoc is not installed.
        TimeoutError: it was not done in time.
    """
    command = [*pandoc_command(), *options]
    try:
        return subprocess.run(
            command, input=text, capture_output=True, encoding="utf-8", timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise TimeoutError from error
