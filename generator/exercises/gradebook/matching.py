"""Who sent a file + the list of the class -> the student, or a suggestion for the instructor.

In: `Sender`s and `Student`s. Out: `Match`es. Numbers of a course system are compared with its own
alone: a participation of Moodle may have the number of another student's card. Names are the same
if they are of the same words, in any order that turns them round.
"""

from __future__ import annotations

import difflib
import functools
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from anyascii import anyascii

from generator.exercises.gradebook.names import Sender
from generator.exercises.gradebook.roster import Student

_NEAR = 0.75
_MOST_SUGGESTED = 2
_SHORTEST_ID = 4
"""A shorter id in the middle of a name may be anything."""


@dataclass(frozen=True)
class Match:
    """What became of a sender.

    Attributes:
        student: who it is, or None.
        why: if it is none, what there is to say, such as who is meant perhaps; or "".
    """

    student: Student | None
    why: str = ""


class Matcher:
    """Finds students of one list."""

    def __init__(self, students: Sequence[Student]) -> None:
        self._students = students

    def match(self, sender: Sender) -> Match:
        """Who a sender is."""
        told = [one for one in self._students if one.submission and one.submission == sender.name]
        if told:
            return Match(told[0]) if len(told) == 1 else _unclear(told, "the list gives it to both")
        numbered, named = self._by_number(sender), self._by_name(sender)
        if len(numbered) == 1 and (not named or numbered[0] in named):
            return Match(numbered[0])
        if numbered:
            return _unclear(
                [*numbered, *named], "its number and its name are of different students"
            )
        if len(named) == 1:
            return Match(named[0])
        if named:
            return _unclear(named, "more than one student has this name")
        near = self._near(sender)
        return _unclear(near, "is it") if near else Match(None)

    def _by_number(self, sender: Sender) -> list[Student]:
        if sender.system == "canvas":
            return [one for one in self._students if one.canvas == sender.number]
        if sender.system == "moodle":
            return [one for one in self._students if one.moodle == sender.number]
        name = sender.name.casefold()
        words = {name, *(one for one in re.split(r"[\W_]+", name) if len(one) >= _SHORTEST_ID)}
        found = [one for one in self._students if one.id and one.id.casefold() in words]
        if found:
            return found
        mails = ((one, {one.login.casefold(), one.email.casefold()}) for one in self._students)
        return [one for one, names in mails if name in {*names, *(n.split("@")[0] for n in names)}]

    def _by_name(self, sender: Sender) -> list[Student]:
        is_canvas = sender.system == "canvas"
        for name in _readings(sender):
            wanted = _keys(name)
            found = [
                one
                for one in self._students
                if wanted & _keys(one.name) or (is_canvas and wanted & _as_canvas_writes(one.name))
            ]
            if found:
                return found
        return []

    def _near(self, sender: Sender) -> list[Student]:
        scores = [
            (max(_likeness(name, one.name) for name in _readings(sender)), one)
            for one in self._students
        ]
        near = sorted((one for one in scores if one[0] >= _NEAR), key=lambda one: -one[0])
        return [student for _, student in near[:_MOST_SUGGESTED]]


def _unclear(students: Iterable[Student], reason: str) -> Match:
    names = " or ".join(
        f"{one.name} ({one.id})" if one.id else one.name for one in dict.fromkeys(students)
    )
    return Match(None, f"{reason}: {names}?" if reason == "is it" else f"{reason}: {names}")


def _readings(sender: Sender) -> list[str]:
    """The name, and what follows a group's that Moodle put before it."""
    parts = sender.name.split("-") if sender.system == "moodle" else []
    return [sender.name, *("-".join(parts[at:]) for at in range(1, len(parts)))]


@functools.lru_cache(maxsize=10_000)
def _words(name: str) -> tuple[str, ...]:
    """The words of a name in small ASCII letters, others spelt out."""
    text = anyascii(unicodedata.normalize("NFC", name)).casefold().replace("'", "")
    return tuple(re.findall(r"[a-z0-9]+", text))


@functools.lru_cache(maxsize=10_000)
def _keys(name: str) -> frozenset[str]:
    """The words of a name run together, from each word on."""
    return _turned(_words(name))


@functools.lru_cache(maxsize=10_000)
def _as_canvas_writes(name: str) -> frozenset[str]:
    """The same without the letters that are not ASCII, if enough is left."""
    bare = unicodedata.normalize("NFC", name).encode("ascii", "ignore").decode().casefold()
    keys = _turned(tuple(re.findall(r"[a-z0-9]+", bare.replace("'", ""))))
    return frozenset(key for key in keys if len(key) >= _SHORTEST_ID)


def _turned(words: Sequence[str]) -> frozenset[str]:
    return frozenset("".join([*words[at:], *words[:at]]) for at in range(len(words)))


def _likeness(one: str, other: str) -> float:
    """How alike two names are, from 0 to 1, their words in the order that suits best."""
    mine, theirs = _words(one), _words(other)
    if len(theirs) > 1 and (
        set(theirs) <= set(mine) or (len(mine) > 1 and set(mine) <= set(theirs))
    ):
        return 1.0
    pairs = [(a, b) for a in _keys(one) for b in ("".join(theirs), "".join(reversed(theirs)))]
    return max((difflib.SequenceMatcher(None, a, b).ratio() for a, b in pairs), default=0.0)
