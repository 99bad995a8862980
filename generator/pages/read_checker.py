"""Whether what a page once read would be the same now.

In: values by name, and the ways to what was read of them, with digests. Out: yes or no. `reads`
writes these ways down.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any, cast

from generator.files.fingerprint import digest_of
from generator.pages.deferred import Deferred

Path = tuple[str | int, ...]
"""The way to a value: the name of a root, then fields, positions, keys, and last a `MARK`."""
MARK = "#"
LENGTH, KEYS, HAS, WHOLE = "#length", "#keys", "#has", "#whole"
_MISSING = "missing"


class Checker:
    """Tells whether what a page once read would be the same now.

    Args:
        roots: the values by name, as they are now.
        shared: knows those of other names, which several pages read.
    """

    def __init__(self, roots: Mapping[str, Any], shared: Checker | None = None) -> None:
        self._roots, self._shared = roots, shared
        self._digests: dict[Path, str] = {}

    def is_same(self, seen: Mapping[Path, str]) -> bool:
        """Whether all of it would be read again."""
        return all(self._digest(path) == digest for path, digest in seen.items())

    def _digest(self, path: Path) -> str:
        if self._shared is not None and path[0] not in self._roots:
            return self._shared._digest(path)
        if path not in self._digests:
            try:
                self._digests[path] = _digest_at(self._roots, path)
            except (LookupError, AttributeError, TypeError):
                self._digests[path] = _MISSING
        return self._digests[path]


def leaf_digest(value: object) -> str:
    """The digest of a value that counts as a whole, 16 hex digits; the order of keys counts."""
    return digest_of(value.value if isinstance(value, Enum) else value, ordered=True)[:16]


def _digest_at(roots: Mapping[str, Any], path: Path) -> str:
    """The digest of what lies at the end of a way.

    Raises:
        LookupError, AttributeError, TypeError: nothing does.
    """
    value: Any = roots[cast(str, path[0])]
    for position, part in enumerate(path[1:], start=1):
        if part == LENGTH:
            return str(len(value))
        if part == KEYS:
            return leaf_digest(list(value))
        if part == HAS:
            return str(path[position + 1] in value)
        if part == WHOLE:
            return leaf_digest(value)
        if part == MARK:
            return type(value).__name__
        if isinstance(value, Mapping | tuple | list):
            value = value[part]  # type: ignore[index]
        else:
            value = getattr(value, str(part))
    return value.key if isinstance(value, Deferred) else leaf_digest(value)
