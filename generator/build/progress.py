"""Tells people how far long work is: a bar on a terminal, plain lines elsewhere.

In: a name for each thing that is done. Out: words on standard error. It knows nothing of
the work.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tqdm import tqdm

logger = logging.getLogger("generator")


@dataclass
class Progress:
    """One stretch of work of known length."""

    label: str
    total: int
    bar: tqdm | None  # type: ignore[type-arg]
    done: int = 0

    @contextmanager
    def item(self, name: str) -> Iterator[None]:
        """Says what is being worked on, and when it is done."""
        if self.bar is not None:
            self.bar.set_postfix_str(name)
        yield
        self.done += 1
        if self.bar is not None:
            self.bar.update()
        else:
            logger.info("%s %d/%d: %s", self.label, self.done, self.total, name)


@contextmanager
def progress(label: str, total: int) -> Iterator[Progress]:
    """Opens a stretch of work: a bar where standard error is a terminal, else lines."""
    quiet = not logger.isEnabledFor(logging.INFO)
    if quiet or not sys.stderr.isatty() or not total:
        yield Progress(label, total, None)
        return
    from tqdm import tqdm
    from tqdm.contrib.logging import logging_redirect_tqdm

    with logging_redirect_tqdm(), tqdm(total=total, desc=label, unit="image") as bar:
        yield Progress(label, total, bar)
