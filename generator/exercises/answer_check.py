"""Accepted answers and usual mistakes -> what a page needs to judge the answers typed into it.

In: a `Worksheet`. Out: for each blank a salt, the code around it, and a table from hashes of
answers to comments on them, each enciphered with its answer. So a page can tell right from
wrong, and explain why, but holds no readable answer. It is not a lock: anybody can check a
guess, which is the purpose.

`templates/assets/exercise.js` reads the table; `judge` here does the same in Python.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Literal

from generator.exercises.normal_form import normal_form
from generator.exercises.notes import Worksheet

Verdict = Literal["right", "mistake", "unknown"]
Frame = tuple[str, str]
_HASH_DIGITS = 32
_SALT_DIGITS = 16


@dataclass(frozen=True)
class Judgement:
    """The verdict on an answer, and its comment; "" for an unknown answer."""

    verdict: Verdict
    says: str


def judge(worksheet: Worksheet, name: str, typed: str) -> Judgement:
    """Judges an answer by the lists of accepted forms and usual mistakes alone.

    Args:
        worksheet: the exercise.
        name: of the blank.
        typed: the answer, or the whole line with the answer.
    """
    notes = worksheet.notes[name]
    form = without_frame(normal_form(typed), frames_of(worksheet, name))
    if form in map(normal_form, notes.accepted):
        return Judgement("right", notes.why)
    for mistake in notes.mistakes:
        if form in map(normal_form, mistake.answers):
            return Judgement("mistake", mistake.says)
    return Judgement("unknown", "")


def check_of(worksheet: Worksheet, name: str) -> str:
    """What the page needs to judge one blank, as JSON.

    `says` maps the first half of a SHA-256 of salt and answer to a text that begins with `+`
    for a right answer and with `-` for a mistake.
    """
    notes = worksheet.notes[name]
    salt = hashlib.sha256(f"{worksheet.exercise.name}/{name}".encode()).hexdigest()[:_SALT_DIGITS]
    said = {normal_form(form): "+" + notes.why for form in notes.accepted}
    for mistake in notes.mistakes:
        said |= {normal_form(form): "-" + mistake.says for form in mistake.answers}
    table = {_hash(salt, form): _enciphered(salt, form, text) for form, text in said.items()}
    value = {
        "salt": salt,
        "frames": frames_of(worksheet, name),
        "says": dict(sorted(table.items())),  # sorted by hash, which gives nothing away
    }
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def frames_of(worksheet: Worksheet, name: str) -> list[Frame]:
    """The code around a blank that students may type along with the answer, in normal form."""
    frames: list[Frame] = []
    for place in worksheet.exercise.places:
        if place.name != name:
            continue
        before, after = normal_form(place.before), normal_form(place.after)
        value = before.partition("=")[2]  # `nn.Parameter(` of `self.query_pos = nn.Parameter(`
        frames += [(before, after), (value, after)]
        if after == ",":
            frames += [(before, "")]
    return [frame for frame in dict.fromkeys(frames) if any(frame)]


def without_frame(form: str, frames: list[Frame]) -> str:
    """An answer in normal form, without the code around the blank if that was typed too."""
    for before, after in frames:
        inner = form[len(before) : len(form) - len(after)]
        if inner and form == before + inner + after and _brackets_match(inner):
            return inner
    return form


def _brackets_match(form: str) -> bool:
    depth = 0
    for character in form:
        depth += (character in "([{") - (character in ")]}")
        if depth < 0:
            return False
    return depth == 0


def _hash(salt: str, form: str) -> str:
    return hashlib.sha256(f"{salt}\n{form}".encode()).hexdigest()[:_HASH_DIGITS]


def _enciphered(salt: str, form: str, text: str) -> str:
    """The text in base 64, each byte combined with a byte that only the answer yields."""
    key = _key(salt, form)
    return base64.b64encode(bytes(byte ^ next(key) for byte in text.encode("utf-8"))).decode(
        "ascii"
    )


def _key(salt: str, form: str) -> Iterator[int]:
    for number in count():
        yield from hashlib.sha256(f"{salt}\n{number}\n{form}".encode()).digest()
