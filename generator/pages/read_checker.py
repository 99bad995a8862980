"""Whether what a page once read would be the same now.

In: values by name, and the ways to what was read of them, with digests. Out: yes or no. `reads`
writes these ways down.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from enum import Enum
from typing import Any

from generator.files.fingerprint import digest_of
from generator.pages.deferred import Deferred

Path = tuple[str | int, ...]
"""The way to a value: the name of a root, then fields, positions, keys, and last a `MARK`."""
MARK = "#"
LENGTH, KEYS, HAS, WHOLE = "#length", "#keys", "#has", "#whole"
_MISSING = "missing"
_NOT_YET = object()
_HOLDERS: tuple[Any, ...] = (tuple, list, dict, Mapping)
"""What has its parts by position or key, the commonest first; of all else they are attributes."""
_PLAIN = frozenset((str, int, float, bool, type(None)))
_SHORT = 32
"""Characters up to which a plain value is its own digest."""


class Checker:
    """Tells whether what a page once read would be the same now.

    Args:
        roots: the values by name, as they are now.
        shared: knows those of other names, which several pages read.
    """

    def __init__(self, roots: Mapping[str, Any], shared: Checker | None = None) -> None:
        self._roots, self._shared = roots, shared
        self._digests: dict[Path, str] = {}
        self._values: dict[Path, Any] = {(name,): value for name, value in roots.items()}

    def is_same(self, seen: Mapping[Path, str]) -> bool:
        """Whether all of it would be read again."""
        return all(self._digest(path) == digest for path, digest in seen.items())

    def _digest(self, path: Path) -> str:
        if self._shared is not None and path[0] not in self._roots:
            return self._shared._digest(path)
        digest = self._digests.get(path)
        if digest is None:
            try:
                digest = self._digest_at(path)
            except (LookupError, AttributeError, TypeError):
                digest = _MISSING
            self._digests[path] = digest
        return digest

    def _digest_at(self, path: Path) -> str:
        """The digest of what lies at the end of a way.

        Raises:
            LookupError, AttributeError, TypeError: nothing does.
        """
        if len(path) > 2 and path[-2] == HAS:
            return str(path[-1] in self._value_at(path[:-2]))
        last = path[-1]
        if last == LENGTH:
            return str(len(self._value_at(path[:-1])))
        if last == KEYS:
            return leaf_digest(list(self._value_at(path[:-1])))
        if last == WHOLE:
            return leaf_digest(self._value_at(path[:-1]))
        if last == MARK:
            return type(self._value_at(path[:-1])).__name__
        value = self._value_at(path)
        return value.key if isinstance(value, Deferred) else leaf_digest(value)

    def _value_at(self, path: Path) -> Any:
        """What lies at the end of a way without a `MARK`; ways that begin alike are walked once."""
        value = self._values.get(path, _NOT_YET)
        if value is _NOT_YET:
            if len(path) < 2:
                raise KeyError(path)  # a value that a page read, and that is gone
            holder, part = self._value_at(path[:-1]), path[-1]
            is_holder = isinstance(holder, _HOLDERS)
            value = holder[part] if is_holder else getattr(holder, str(part))
            self._values[path] = value
        return value


def leaf_digest(value: object) -> str:
    """The digest of a value that counts as a whole: itself if that is short, else 16 hex digits.

    The order of keys counts.
    """
    if isinstance(value, Enum):
        value = value.value
    if type(value) in _PLAIN or (isinstance(value, tuple) and _PLAIN.issuperset(map(type, value))):
        text = repr(value)
        return text if len(text) <= _SHORT else hashlib.sha256(text.encode()).hexdigest()[:16]
    return digest_of(value, ordered=True)[:16]
