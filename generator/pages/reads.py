"""What a page reads while it is rendered, so that it is rendered again only if that changed.

In: the values that a page may use. Out: views of them, which look and act like the values, and
a record of every field that was read, with a digest of what it held. An author may therefore
use any value in any page, and nobody declares what a page depends on.

A record is a dataclass, and is followed field by field; its properties and methods run on the
view, so that what they read counts. Whatever holds no record is a leaf, and counts as a whole.
A `Deferred` value is made when it is first used, and counts by its key.
"""

from __future__ import annotations

import functools
import types
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from generator.files.time_limit import not_counted
from generator.pages.deferred import Deferred
from generator.pages.read_checker import HAS, KEYS, LENGTH, MARK, WHOLE, Path, leaf_digest


class Reads:
    """Views of some values, and what was read of them.

    Args:
        roots: the values by name.

    Attributes:
        seen: the digest of what was read, by the way to it.
    """

    def __init__(self, roots: Mapping[str, Any]) -> None:
        self._roots = roots
        self._views: dict[Path, Any] = {}
        self.seen: dict[Path, str] = {}

    def view(self, name: str) -> Any:
        """The view of a root."""
        return self._view(self._roots[name], (name,))

    def views(self) -> dict[str, Any]:
        """The views of all roots but those that a template cannot name."""
        return {name: self.view(name) for name in self._roots if name.isidentifier()}

    def look_up(self, name: str, key: str) -> None:
        """Notes one entry of a root, a mapping of leaves, as read."""
        self.note((name, key), leaf_digest(self._roots[name][key]))

    def note(self, path: Path, digest: str) -> None:
        """Adds something that was read."""
        self.seen[path] = digest

    def _view(self, value: Any, path: Path) -> Any:
        """The view of what lies at the end of a way, one object however often it is asked for."""
        if path not in self._views:
            self._views[path] = self._made(value, path)
        return self._views[path]

    def _made(self, value: Any, path: Path) -> Any:
        if isinstance(value, _View):  # a view that a page was given by another value
            return value
        if isinstance(value, Deferred):
            return _DeferredView(value, path, self)
        if is_record(value):
            return _RecordView(value, path, self)
        if isinstance(value, Mapping) and any(map(_holds_record, value.values())):
            return _MappingView(value, path, self)
        if isinstance(value, tuple | list) and any(map(_holds_record, value)):
            return _SequenceView(value, path, self)
        if not callable(value):  # a function is code, which is not the page's to watch
            self.note(path, leaf_digest(value))
        return value


def is_record(value: object) -> bool:
    """Whether a value is followed field by field."""
    return hasattr(type(value), "__dataclass_fields__") and not isinstance(value, type)


def _holds_record(value: object) -> bool:
    if isinstance(value, Mapping):
        return any(map(_holds_record, value.values()))
    if isinstance(value, tuple | list):
        return any(map(_holds_record, value))
    return is_record(value) or isinstance(value, Deferred | _View)


class _View:
    """Stands for a value, and tells a `Reads` what is read of it."""

    def __init__(self, value: Any, path: Path, reads: Reads) -> None:
        self._value, self._path, self._reads = value, path, reads
        self._noted(MARK, type(value).__name__)

    def _noted(self, part: str, digest: str) -> None:
        self._reads.note((*self._path, part), digest)

    def _whole(self) -> Any:
        """The value itself, which counts as a whole from here on."""
        self._noted(WHOLE, leaf_digest(self._value))
        return self._value

    def _child(self, value: Any, part: str | int) -> Any:
        return self._reads._view(value, (*self._path, part))

    def __eq__(self, other: object) -> bool:
        mine = self._whole()
        return bool(mine == (other._whole() if isinstance(other, _View) else other))

    def __hash__(self) -> int:
        return hash(self._whole())

    def __repr__(self) -> str:
        return repr(self._whole())

    def __str__(self) -> str:
        return str(self._whole())


class _RecordView(_View):
    """A dataclass; its type reads as that of the record."""

    @property  # type: ignore[misc]
    def __class__(self) -> type:
        return type(self._value)

    def __getattr__(self, name: str) -> Any:
        found = getattr(type(self._value), name, None)
        if isinstance(found, property) and found.fget is not None:
            return found.fget(self)
        if isinstance(found, functools.cached_property):
            return self.__dict__.setdefault(name, found.func(self))
        if isinstance(found, types.FunctionType):
            return types.MethodType(found, self)
        return self._child(getattr(self._value, name), name)

    def __len__(self) -> int:
        return int(type(self._value).__len__(self))

    def __bool__(self) -> bool:
        return len(self) > 0 if hasattr(type(self._value), "__len__") else True


class _SequenceView(_View, Sequence[Any]):
    """A tuple or list with records in it."""

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            chosen = (self[i] for i in range(*index.indices(len(self))))
            return type(self._value)(chosen)
        if not -len(self._value) <= index < len(self._value):
            raise IndexError(f"there are {len(self)}, and no number {index}")
        position = index + len(self) if index < 0 else index
        return self._child(self._value[index], position)

    def __iter__(self) -> Iterator[Any]:
        return (self[i] for i in range(len(self)))

    def __len__(self) -> int:
        self._noted(LENGTH, str(len(self._value)))
        return len(self._value)

    def __add__(self, other: Any) -> list[Any]:
        return [*self, *other]

    def __radd__(self, other: Any) -> list[Any]:
        return [*other, *self]

    __hash__ = _View.__hash__


class _MappingView(_View, Mapping[Any, Any]):
    """A mapping with records in it; asking for one key tells nothing of the others."""

    def __getitem__(self, key: Any) -> Any:
        if key in self:
            return self._child(self._value[key], key)
        return self._value[key]  # a KeyError, or what the mapping has for a missing key

    def __contains__(self, key: object) -> bool:
        is_here = key in self._value
        if isinstance(key, str | int):
            self._reads.note((*self._path, HAS, key), str(is_here))
        else:
            self._note_keys()
        return is_here

    def __iter__(self) -> Iterator[Any]:
        self._note_keys()
        return iter(self._value)

    def __len__(self) -> int:
        self._note_keys()
        return len(self._value)

    def _note_keys(self) -> None:
        self._noted(KEYS, leaf_digest(list(self._value)))

    __hash__ = _View.__hash__


class _DeferredView:
    """A value that is not made before it is used; then its key counts, and no more."""

    def __init__(self, deferred: Deferred[Any], path: Path, reads: Reads) -> None:
        self._deferred, self._path, self._reads = deferred, path, reads

    def _value(self) -> Any:
        self._reads.note(self._path, self._deferred.key)
        with not_counted():
            return self._deferred.value

    def __getattr__(self, name: str) -> Any:
        return getattr(self._value(), name)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._value()(*args, **kwargs)

    def __getitem__(self, key: Any) -> Any:
        return self._value()[key]

    def __contains__(self, key: object) -> bool:
        return key in self._value()

    def __iter__(self) -> Iterator[Any]:
        return iter(self._value())

    def __len__(self) -> int:
        return len(self._value())

    def __bool__(self) -> bool:
        return bool(self._value())

    def __eq__(self, other: object) -> bool:
        return bool(self._value() == other)

    def __hash__(self) -> int:
        return hash(self._value())

    def __repr__(self) -> str:
        return repr(self._value())

    def __str__(self) -> str:
        return str(self._value())

    @property  # type: ignore[misc]
    def __class__(self) -> type:
        return type(self._value())


VIEWS = (_View, _DeferredView)
"""What templates are given in place of values."""
