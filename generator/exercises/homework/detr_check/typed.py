"""The text of a class -> what stands in its blanks, and what the page says of these answers.

In: source, the exercise's student edition, and the page's own tables, which hold hashes of right
answers and usual mistakes. Out: answers and verdicts. It holds no readable answer, as the page
does not.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from typing import Any

from generator.exercises.blanks import BLANK, Place, found_in
from generator.exercises.meaning.form import Surroundings, form_of

_HASH_DIGITS = 32


def answers_in(
    text: str, places: Sequence[Mapping[str, Any]], student: str
) -> dict[str, list[str]]:
    """What stands in each blank: one answer for each of its places that is found.

    Args:
        text: the class.
        places: the fields of each `Place`.
        student: the exercise with its blanks.
    """
    lines, given = text.splitlines(), student.splitlines()
    found: dict[str, list[str]] = {}
    for fields in places:
        place = Place(**fields)
        answer = found_in(lines, place, given)
        if answer is not None:
            found.setdefault(place.name, []).append(answer)
    return found


def is_empty(answers: Sequence[str]) -> bool:
    """Whether a blank is still there, or a part of an answer."""
    return any(BLANK in answer for answer in answers)


def judged(table: Mapping[str, Any], typed: str) -> tuple[bool | None, str]:
    """Whether an answer is right, None if the table does not know it; and what is said of it."""
    frames = tuple((before, after) for before, after in table["frames"])
    before, after = table["around"]
    around = Surroundings(frames, (before, after), table["isBlock"], table["scope"])
    for key in form_of(around, typed).keys:
        known = table["says"].get(_digest(f"{table['salt']}\n{key}")[:_HASH_DIGITS])
        if known is not None:
            stream = _stream(table["salt"], key)
            text = bytes(one ^ next(stream) for one in base64.b64decode(known)).decode("utf-8")
            return text[:1] == "+", text[1:]
    return None, ""


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _stream(salt: str, form: str) -> Iterator[int]:
    for number in count():
        yield from hashlib.sha256(f"{salt}\n{number}\n{form}".encode()).digest()
