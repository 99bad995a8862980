"""Files that a search found clean: a later build does not search the same bytes again.

In: a stamp, and a key of whatever the search depends on. Out: which contents are known.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from generator.outputs.output import read_stamp, write_stamp


class KnownClean:
    """The digests of what one search has found clean.

    Args:
        stamp: the file that keeps them; None keeps nothing.
        key: names how the search is done, and what for; another one makes all unknown.
    """

    def __init__(self, stamp: Path | None, key: str) -> None:
        self._stamp, self._key = stamp, key
        before = read_stamp(stamp) if stamp else {}
        self._before = set(before.get("clean", ())) if before.get("key") == key else set[str]()
        self._now: set[str] = set()

    def holds(self, content: bytes, kind: str = "") -> bool:
        """Whether these bytes were clean the last time, or before now; from now on they are.

        Whoever finds something in them says so (`forget`), or stops.

        Args:
            kind: how they are read, where the same bytes may be read in several ways.
        """
        digest = _digest(content, kind)
        is_known = digest in self._before or digest in self._now
        self._now.add(digest)
        return is_known

    def forget(self, content: bytes, kind: str = "") -> None:
        """Says that these bytes are not clean."""
        self._now.discard(_digest(content, kind))

    def save(self) -> None:
        """Writes down what was clean now; to be called if nothing was found."""
        if self._stamp:
            write_stamp(self._stamp, {"key": self._key, "clean": sorted(self._now)})


def _digest(content: bytes, kind: str) -> str:
    return hashlib.sha256(kind.encode() + b"\0" + content).hexdigest()
