"""Work whose process dies: for tests of what spreads work. It imports next to nothing.

In: an item. Out: what comes of it, the second time or never.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path


def always_dies(number: int) -> int:
    """The square of a number, but for 3."""
    if number == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return number**2


def dies_once(task: tuple[int, str]) -> int:
    """The square of a number; the process that works on 2 is killed unless a file is there."""
    number, marker = task
    if number == 2 and not Path(marker).exists():
        Path(marker).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number**2
