"""Preparing images, of which one ends its process the first time.

In: an entry. Out: what `Filler` makes of it, the second time.
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
