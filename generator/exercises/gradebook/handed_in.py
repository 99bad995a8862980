"""Files, folders and zip files -> every file that somebody handed in, and whose it is.

In: paths. Out: a `Collection` of files to grade, and one line for each thing that was refused. What
lies in zip files is copied into a folder of this run under names of its own, so that no name in a
zip file decides where anything is written.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from generator.errors import GradingError, sentence_of
from generator.exercises.gradebook.archive import INNER, OUTER, Member, Room, is_zip, unpacked
from generator.exercises.gradebook.names import Sender, Sent, is_named, sent_by
from generator.exercises.grading.submission import MAX_BYTES

MOST_ENTRIES = 20_000
"""In a folder with all that is in it."""
MOST_FILES_OF_A_STUDENT = 20
_NO_ENTRIES = frozenset({"__MACOSX", "__pycache__", "Thumbs.db", "desktop.ini"})


@dataclass(frozen=True)
class HandedIn:
    """A file.

    Attributes:
        label: as it is called in messages, such as "class.zip/Ada_1_assignsubmission_file_/a.py".
        path: where its bytes are.
        sent: whose it is.
        modified: when, in seconds; only to be compared with others of the same student.
    """

    label: str
    path: Path
    sent: Sent
    modified: float = 0.0

    @property
    def suffix(self) -> str:
        """Of its name, in small letters."""
        return PurePosixPath(self.label).suffix.lower()

    @property
    def is_code(self) -> bool:
        """Whether it is of a kind that is graded."""
        return self.suffix in MAX_BYTES


@dataclass
class Collection:
    """What was handed in.

    Attributes:
        files: all of them, code or not, as somebody may have handed in nothing else.
        refused: a line for each thing that was not taken.
    """

    files: list[HandedIn] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    _counts: Counter[Sender] = field(default_factory=Counter)

    def add(self, file: HandedIn) -> None:
        """Takes a file, unless its student handed in too many."""
        sender = file.sent.sender
        self._counts[sender] += file.is_code
        if self._counts[sender] <= MOST_FILES_OF_A_STUDENT:
            self.files.append(file)
        elif file.is_code:
            most = f"{sender.name} handed in more than {MOST_FILES_OF_A_STUDENT}"
            self.refuse(file.label, f"is left out: {most} .py files and notebooks")

    def refuse(self, label: str, reason: str) -> None:
        """Notes what was not taken, and why."""
        self.refused.append(f"{label}: {reason}")


def is_left_out(parts: Sequence[str]) -> bool:
    """Whether a path leads to what systems and editors leave, and no student wrote."""
    return any(part in _NO_ENTRIES or (part.startswith(".") and part != "..") for part in parts)


def collect(paths: Sequence[Path], scratch: Path, without: Path | None = None) -> Collection:
    """Everything that was handed in.

    Args:
        paths: files, folders and zip files.
        scratch: an empty folder of this run, for what lies in zip files.
        without: a folder that is passed over, wherever it lies: that of the results.
    """
    collector = _Collector(scratch, without)
    for path in paths:
        try:
            if path.is_dir():
                collector.folder(path)
            elif is_zip(path.name):
                collector.zip_file(path, str(path))
            elif not path.exists():
                collector.found.refuse(str(path), "there is no such file")
            elif path.suffix.lower() in MAX_BYTES:
                sent = sent_by([path.name], str(path.parent))
                collector.add(str(path), path, [path.name], sent)
            else:
                collector.found.refuse(str(path), "is no .py file, notebook, zip file or folder")
        except (OSError, ValueError) as error:
            said = sentence_of(error) if isinstance(error, OSError) else "there is no such file"
            collector.found.refuse(str(path), said)
    return collector.found


@dataclass(frozen=True)
class Place:
    """Where a student's zip file lies.

    Attributes:
        parts: of its path, below what was named.
        origin: what was named.
        searched: how many of the parts may hold a name of a course system.
    """

    parts: tuple[str, ...]
    origin: str
    searched: int


class _Collector:
    """Walks through what was named."""

    def __init__(self, scratch: Path, without: Path | None) -> None:
        self._scratch = scratch
        self._without = without.resolve() if without else None
        self._rooms: dict[Sender, Room] = {}  # for all zip files of a student together
        self.found = Collection()

    def add(self, label: str, path: Path, parts: Sequence[str], sent: Sent) -> None:
        """Adds a plain file."""
        self._add(HandedIn(label, path, sent, _time_of(path)), parts)

    def _add(self, file: HandedIn, parts: Sequence[str]) -> None:
        """Adds a file, unless it is the instructor's own, such as a list beside the submissions."""
        if file.is_code or len(parts) > 1 or file.sent.sender.system:
            self.found.add(file)

    def folder(self, folder: Path) -> None:
        """Adds all that is below a folder."""
        paths = list(self._below(folder))
        all_parts = [path.relative_to(folder).parts for path in paths]
        top, searched = _common_top(all_parts), _searched(all_parts)
        for path, parts in zip(paths, (one[top:] for one in all_parts), strict=True):
            if is_zip(path.name):
                self.inner_zip(path, str(path), Place(parts, str(folder), searched))
            else:
                self.add(str(path), path, parts, sent_by(parts, str(folder), searched))

    def _below(self, folder: Path) -> Iterator[Path]:
        """The plain files below a folder, sorted; links are not followed."""
        count = 0
        for place, folders, names in os.walk(folder):
            folders[:] = sorted(one for one in folders if not self._is_passed_over(place, one))
            for path in (Path(place, name) for name in sorted(names) if not is_left_out([name])):
                count += 1
                if count > MOST_ENTRIES:
                    left_out = f"holds more than {MOST_ENTRIES} files; the rest is left out"
                    self.found.refuse(str(folder), left_out)
                    return
                if path.is_symlink() or not path.is_file():
                    self.found.refuse(str(path), "is a link, or no plain file")
                else:
                    yield path

    def _is_passed_over(self, place: str, name: str) -> bool:
        return is_left_out([name]) or Path(place, name).resolve() == self._without

    def zip_file(self, path: Path, label: str) -> None:
        """Adds what a zip file of submissions holds."""
        members = self._members(path, label, Room(OUTER))
        all_parts = [one.parts for one in members]
        top, searched = _common_top(all_parts), _searched(all_parts)
        for one in members:
            parts, name = one.parts[top:], f"{label}/{one.name}"
            if one.copy is not None and is_zip(one.name):
                self.inner_zip(one.copy, name, Place(parts, label, searched))
            else:
                self._add(_file(one, name, sent_by(parts, label, searched)), parts)

    def inner_zip(self, path: Path, label: str, place: Place) -> None:
        """Adds what a zip file holds that a student handed in.

        Args:
            path: where its bytes are.
            label: what it is called.
            place: where it lies.
        """
        searched = min(place.searched, len(place.parts))
        sender = sent_by([*place.parts, ""], place.origin, searched).sender
        for one in self._members(path, label, self._rooms.setdefault(sender, Room(INNER))):
            own = [*place.parts, *one.parts]
            sent = sent_by(own, place.origin, searched)
            self._add(_file(one, f"{label}/{one.name}", sent), own)

    def _members(self, path: Path, label: str, room: Room) -> list[Member]:
        def refuse(name: str, reason: str) -> None:
            self.found.refuse(f"{label}/{name}", reason)

        def is_wanted(name: str) -> bool:
            return not is_left_out(PurePosixPath(name).parts)

        members: list[Member] = []
        try:
            members.extend(unpacked(path, self._scratch, room, is_wanted, refuse))
        except GradingError as error:
            self.found.refuse(label, str(error))
        return members


def _file(member: Member, label: str, sent: Sent) -> HandedIn:
    """A file in a zip file; what is not code is never read."""
    return HandedIn(label, member.copy or Path(), sent, member.modified)


def _common_top(paths: Sequence[tuple[str, ...]]) -> int:
    """How many folders at the top say nothing, as all else lies in them, in folders of its own.

    "hw1/ada/detr.py" and "hw1/bob/detr.py" lie in `hw1`, which is no student. A folder that holds
    files is taken for a student's.
    """
    top = 0
    while paths and min(map(len, paths)) > top + 2 and len({one[top] for one in paths}) == 1:
        if sent_by(paths[0][top : top + 1], "").sender.system:
            break
        top += 1
    return top


def _searched(paths: Sequence[tuple[str, ...]]) -> int:
    """How many parts of each path may hold a name of a course system.

    Where such a system named all of them, it may be any. Otherwise the first folder is somebody's,
    and what is below it has a name that its student chose. Lists beside the folders say nothing.
    """
    own = [
        one
        for one in paths
        if len(one) > 1 or is_zip(one[0]) or Path(one[0]).suffix.lower() in MAX_BYTES
    ]
    return max(map(len, paths), default=1) if all(map(is_named, own)) else 1


def _time_of(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except (OSError, ValueError):
        return 0.0
