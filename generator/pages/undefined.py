"""A name that a template has wrong: what it says, and which name was probably meant.

In: what Jinja could not find, and where. Out: a value that fails as soon as it is used, and a
sentence with the nearest name. Only names that templates may use are offered.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import jinja2
from jinja2.utils import missing

from generator.pages.reads import VIEWS, is_record
from generator.project.suggest import did_you_mean

_NAME = re.compile(r"'(\w+)' is undefined$")
_UNKNOWN = re.compile(r"No (?:filter|test) named '(\w+)'")


class Undefined(jinja2.StrictUndefined):
    """As Jinja's, with the nearest name of what a value does have."""

    __slots__ = ()

    @property
    def _undefined_message(self) -> str:
        message = super()._undefined_message
        if self._undefined_hint or self._undefined_obj is missing:
            return message
        return message + did_you_mean(str(self._undefined_name), _names_of(self._undefined_obj))


def with_nearest(message: str, names: Iterable[str], filters: Iterable[str] = ()) -> str:
    """A message of Jinja's, with the nearest of the names that the page has."""
    if found := _NAME.search(message):
        return message + did_you_mean(found[1], names)
    if found := _UNKNOWN.search(message):
        return f"{message.rstrip('.')}{did_you_mean(found[1], filters)}"
    return message


def _names_of(value: Any) -> Iterator[str]:
    """The keys of a mapping, and the fields and properties of a record."""
    if isinstance(value, Mapping):
        yield from (key for key in value if isinstance(key, str))
    elif is_record(value) or isinstance(value, VIEWS):
        # A view's class is that of what it stands for.
        kind = value.__class__
        yield from getattr(kind, "__dataclass_fields__", ())
        yield from (name for name in vars(kind) if not name.startswith("_"))
