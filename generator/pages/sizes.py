"""How large a text, a list or a number would be, before a template makes it.

In: values, and what is to be done with them. Out: nothing, or `TooLargeError`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Set
from types import GeneratorType
from typing import Any

from jinja2.exceptions import SecurityError

from generator.files.time_limit import TimeIsUp

MOST_TEXT, MOST_ITEMS = 5_000_000, 200_000
"""Characters of a text; items of a list, with the lists in it."""
MOST_NUMBER, MOST_BITS = 10_000, 100_000
"""The largest width or count, and the size of a whole number."""

# A width or a precision in "%5.1f"; `*` takes it from the values.
_PRINTF = re.compile(r"%(?:\([^()]*\))?[-#0 +]*(\*|\d*)(?:\.(\*|\d*))?")
_NESTED_KEY = re.compile(r"%\([^()]*\(")
_WIDE = re.compile(r"\d{5,}")


class TooLargeError(SecurityError):
    """A template makes a text, a list or a number that no page can need."""

    def __init__(self) -> None:
        super().__init__("this makes a text, a list or a number that is too large for a page")


def weighed(value: Any) -> Any:
    """The value itself.

    Raises:
        TooLargeError: it is a text or a list, and with all that is in it too large.
    """
    if isinstance(value, str | bytes | list | tuple | dict | Set):
        refuse(weight_of(value))
    return value


def joined(pieces: Iterable[str]) -> str:
    """The pieces as one text, which is never longer than `MOST_TEXT`."""
    written, length = [], 0
    try:
        for piece in pieces:
            length += len(piece)
            refuse(length)
            written.append(piece)
    except (TooLargeError, TimeIsUp) as error:
        if isinstance(pieces, GeneratorType) and pieces.gi_frame is not None:
            pieces.throw(error)  # so that the traceback knows the line of the template
        raise
    return "".join(written)


class Buffer(list[str]):
    """What a macro has written so far, which is never longer than `MOST_TEXT` in all."""

    length = 0

    def append(self, piece: str) -> None:
        """As in a list."""
        self.length += len(piece)
        refuse(self.length)
        super().append(piece)

    def extend(self, pieces: Iterable[str]) -> None:
        """As in a list."""
        for piece in pieces:
            self.append(piece)


def weight_of(value: Any) -> int:
    """The characters of a value with all that is in it, or some number that is too large."""
    total = items = 0
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str | bytes):
            total += len(one)
        elif isinstance(one, dict):
            waiting += [*one.keys(), *one.values()]
        elif isinstance(one, list | tuple | Set):
            waiting += one
        items += 1
        if items + len(waiting) > MOST_ITEMS or total > MOST_TEXT:
            return MOST_TEXT + 1
    return total


def refuse(characters: int) -> None:
    """Refuses a text of so many characters, if they are too many."""
    if characters > MOST_TEXT:
        raise TooLargeError


def refuse_operation(operator: str, left: Any, right: Any) -> None:
    """Refuses what `+`, `*`, `**` or `%` would make too large."""
    if isinstance(left, int) and isinstance(right, int):
        bits = left.bit_length() + right.bit_length()
        if operator == "**":
            bits = left.bit_length() * abs(right)
        if bits > MOST_BITS:
            raise TooLargeError
    elif operator == "%" and isinstance(left, str | bytes):
        refuse_printf(left, right)
    elif operator == "*":
        for one, times in ((left, right), (right, left)):
            if isinstance(times, int) and isinstance(one, str | bytes | list | tuple):
                refuse((weight_of(one) + len(one)) * times)


def refuse_printf(text: str | bytes, values: Any) -> None:
    """Refuses "%99999d" and its like; a text of values stands in a text once for each mark."""
    form = text if isinstance(text, str) else text.decode("latin-1")
    for found in _PRINTF.finditer(form):
        for size in filter(None, found.groups()):
            if size == "*" or int(size) > MOST_NUMBER:
                raise TooLargeError
    if _NESTED_KEY.search(form):
        raise TooLargeError
    refuse(len(form) + weight_of(values) * (1 + form.count("%")))


def refuse_format(text: str, values: Any) -> None:
    """Refuses what `str.format` would make too large, but for widths."""
    refuse(len(text) + weight_of(values) * (1 + text.count("{")))


def refuse_width(specification: str) -> None:
    """Refuses "{:>99999}" and its like."""
    if _WIDE.search(specification):
        raise TooLargeError


def refuse_arguments(values: Iterable[Any]) -> None:
    """Refuses numbers that are no width and no count of anything on a page."""
    if any(isinstance(one, int | float) and abs(one) > MOST_NUMBER for one in values):
        raise TooLargeError


def refuse_repeated(subject: Any, values: Iterable[Any]) -> None:
    """Refuses texts that would stand in another one for each of its characters or items."""
    length = len(subject) if hasattr(subject, "__len__") else 1
    each = sum(one if isinstance(one, int) else weight_of(one) for one in values)
    refuse(weight_of(subject) + length * (each + 1))
