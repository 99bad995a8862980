"""Accepted answers and usual mistakes -> what a page needs to judge the answers typed into it.

In: a `Worksheet`. Out: for each blank a salt, the code around it, and a table from hashes of
what answers come to (`meaning.form`) to comments on them, each enciphered with its answer. So a
page can tell right from wrong, and explain why, but holds no readable answer. It is not a lock:
anybody can check a guess, which is the purpose.

`templates/assets/exercise/check.js` reads the table; `judge` here does the same in Python.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Literal

from generator.exercises.meaning.form import form_of
from generator.exercises.notes import Worksheet

Verdict = Literal["right", "mistake", "unknown"]
_HASH_DIGITS = 32
_SALT_DIGITS = 16


@dataclass(frozen=True)
class Judgement:
    """The verdict on an answer.

    Attributes:
        verdict: on the answer.
        says: the comment; "" for an unknown answer.
        kind: how far the answer was worked out, as `Form.kind` has it.
        missing: the name that is not there, if the answer stops for that.
    """

    verdict: Verdict
    says: str
    kind: str = "spelling"
    missing: str = ""


def judge(worksheet: Worksheet, name: str, typed: str) -> Judgement:
    """Judges an answer by what it comes to: as an accepted form, as a usual mistake, or neither.

    Args:
        worksheet: the exercise.
        name: of the blank.
        typed: the answer, or the whole line with the answer.
    """
    form = form_of(worksheet.surroundings[name], typed)
    table = _said(worksheet, name)
    said = next((table[key] for key in form.keys if key in table), "")
    verdicts: dict[str, Verdict] = {"+": "right", "-": "mistake", "": "unknown"}
    return Judgement(verdicts[said[:1]], said[1:], form.kind, form.missing)


def check_of(worksheet: Worksheet, name: str) -> str:
    """What the page needs to judge one blank, as JSON.

    `says` maps the first half of a SHA-256 of salt and form to a text that begins with `+`
    for a right answer and with `-` for a mistake.
    """
    salt = hashlib.sha256(f"{worksheet.exercise.name}/{name}".encode()).hexdigest()[:_SALT_DIGITS]
    said = _said(worksheet, name)
    table = {_hash(salt, key): _enciphered(salt, key, text) for key, text in said.items()}
    around = worksheet.surroundings[name]
    value = {
        "salt": salt,
        "frames": around.frames,
        "around": around.around,
        "isBlock": around.is_block,
        "scope": around.scope,
        "says": dict(sorted(table.items())),  # sorted by hash, which gives nothing away
    }
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _said(worksheet: Worksheet, name: str) -> dict[str, str]:
    """What is said of each form, by its key.

    Mistakes that come to the same, but are spoken of in other words, are told apart by spelling.
    """
    notes, around = worksheet.notes[name], worksheet.surroundings[name]
    said = {form_of(around, form).keys[1]: "+" + notes.why for form in notes.accepted}
    for mistake in notes.mistakes:
        for form in mistake.answers:
            spelling, meaning = form_of(around, form).keys
            if said.setdefault(meaning, "-" + mistake.says) != "-" + mistake.says:
                said[spelling] = "-" + mistake.says
    return said


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
