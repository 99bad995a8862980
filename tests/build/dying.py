"""Work whose process dies the first time: for tests of what spreads work.

In: an item. Out: what comes of it, the second time.
"""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass
from pathlib import Path

from generator.build.fill import Filler
from generator.inference.runner import LocatedEntry


@dataclass(frozen=True)
class DyingFiller(Filler):
    """Prepares entries; the process that has just run one of them is killed, once.

    Attributes:
        fatal: its slug.
        marker: a file that says that it has happened; "" for never.
    """

    fatal: str = ""
    marker: str = ""

    def fill(self, located: LocatedEntry) -> str:
        """As `Filler` has it."""
        if located.entry.slug == self.fatal and not Path(self.marker).exists():
            self._runner().run(located)
            Path(self.marker).touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return super().fill(located)


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
