"""A value that takes time to make: made when it is first used, and known by a key before that."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Deferred(Generic[T]):
    """A value that takes time to make, and what names it."""

    def __init__(self, key: str, make: Callable[[], T]) -> None:
        self.key, self._make = key, make

    @functools.cached_property
    def value(self) -> T:
        """The value, made once."""
        return self._make()

    @classmethod
    def of(cls, value: T, key: str = "") -> Deferred[T]:
        """A value that is there already."""
        return cls(key, lambda: value)
