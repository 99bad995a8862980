"""The path of a file that a course system packed -> whose it is.

In: the parts of a path, as Moodle and Canvas make them, or as a student did. Out: a `Sender`.
Moodle writes "Ada Lovelace_1234567_assignsubmission_file_/detr.ipynb", or the same without the
slash, and Canvas "lovelaceada_LATE_12345_678901_detr-1.ipynb". Nothing is compared with a roster
here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal

System = Literal["moodle", "canvas", ""]

_MOODLE = re.compile(
    r"(?P<who>.+?)_(?P<number>\d+)_assignsubmission_(?:file|onlinetext)(?:_(?P<file>.*))?"
)
_CANVAS = re.compile(
    r"(?P<who>[^\W\d_](?:.*?[^_])?)(?P<late>_LATE)?_(?P<number>\d{3,})_(?P<file_number>\d{4,})_(?P<file>.+)"
)
_VERSION = re.compile(r"(?P<stem>.+?)(?:-(?P<canvas>\d{1,3})| ?\((?P<browser>\d{1,3})\))")


@dataclass(frozen=True)
class Sender:
    """Who handed in a file, by its name.

    Attributes:
        name: as the course system has it, or what a student called the file or its folder.
        number: that of the course system: Moodle's of the participation, Canvas's of the user.
        system: which one it is; "" for a name that somebody chose.
        origin: of such a name, the folder or zip it stands in, so that files called `detr.py` in
            two of them are not taken for one student's; else "".
    """

    name: str
    number: str = ""
    system: System = ""
    origin: str = ""


@dataclass(frozen=True)
class Sent:
    """What a path tells.

    Attributes:
        sender: whose it is.
        file: the name that the student gave it, with the folders below the student's own.
        version: which one of several of that name, as Canvas and browsers number them; the first
            is 0.
    """

    sender: Sender
    file: str
    version: int = 0


def sent_by(parts: Sequence[str], origin: str, searched: int | None = None) -> Sent:
    """Who sent a file.

    Args:
        parts: of its path, below what was named on the command line.
        origin: what was named there.
        searched: how many of the parts, from the first on, the course system may have named. The
            others are a student's, who may have written another one's name there.
    """
    *folders, last = parts
    for at, part in enumerate(parts[:searched]):
        if (named := _named(part)) is not None:
            sender, file = named
            rest = "/".join(one for one in (file, *parts[at + 1 :]) if one)
            return _sent(sender, rest or last)
    if folders:
        first = folders[0].removesuffix(".zip")
        return _sent(Sender(first, origin=origin), "/".join(parts[1:]))
    return _sent(Sender(_unnumbered(PurePosixPath(last).stem)[0], origin=origin), last)


def is_named(parts: Sequence[str]) -> bool:
    """Whether a course system has named any part of a path."""
    return any(_named(part) is not None for part in parts)


def _named(part: str) -> tuple[Sender, str] | None:
    """Whom a course system names in a part of a path, and what the student called the file.

    A student chooses the end alone: where both systems' names fit, the one that begins first does.
    """
    systems: tuple[tuple[System, re.Pattern[str]], ...] = (("moodle", _MOODLE), ("canvas", _CANVAS))
    found = [(fits, system) for system, one in systems if (fits := one.fullmatch(part))]
    if not found:
        return None
    fits, system = min(found, key=lambda one: len(one[0]["who"]))
    return Sender(fits["who"].strip(), fits["number"], system), fits["file"] or ""


def _sent(sender: Sender, file: str) -> Sent:
    stem = PurePosixPath(file).stem
    version = _unnumbered(stem)[1] if sender.system != "moodle" else 0
    return Sent(sender, file, version)


def _unnumbered(stem: str) -> tuple[str, int]:
    """A name without the number of its version, and that number."""
    found = _VERSION.fullmatch(stem)
    if found is None:
        return stem, 0
    return found["stem"], int(found["canvas"] or found["browser"])
