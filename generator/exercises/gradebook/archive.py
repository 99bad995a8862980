"""A zip file that strangers made -> the files in it, as far as they can do no harm.

In: a path, and a folder for copies. Out: `Member`s; those that are to be read are copied under
names of our own, up to limits. Whatever else is in it is refused with a reason, and the rest is
still taken: nobody's bomb or odd name costs another student's points.
"""

from __future__ import annotations

import stat
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from io import FileIO
from pathlib import Path, PurePosixPath
from tempfile import NamedTemporaryFile

from generator.errors import GradingError, StorageError, sentence_of
from generator.exercises.grading.submission import MAX_BYTES

_MOST_DIRECTORY = 16_000_000
"""Bytes of the table of contents, which is read as a whole; an entry takes at least 46."""
_PIECE = 65_536
_ENCRYPTED, _SAYS_UTF8 = 0x1, 0x800
_PLAIN = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""What is unpacked: these never make much out of the little that is read at a time."""

Refuse = Callable[[str, str], None]
"""Takes the name of an entry and why it is not read."""


@dataclass(frozen=True)
class Bounds:
    """The most that is taken out of a zip file.

    Attributes:
        entries: of any kind.
        total: bytes of all copies together.
        inner: bytes of a zip file in it; 0 if none is opened.
    """

    entries: int
    total: int
    inner: int


OUTER = Bounds(entries=20_000, total=4_000_000_000, inner=50_000_000)
"""Of a zip file with a class's submissions."""
INNER = Bounds(entries=1_000, total=200_000_000, inner=0)
"""Of one in it, which a student made."""


class Room:
    """What of the bounds is left; it may be for several zip files together."""

    def __init__(self, bounds: Bounds) -> None:
        """Nothing is taken yet."""
        self.bounds = bounds
        self.entries, self.bytes = bounds.entries, bounds.total


@dataclass(frozen=True)
class Member:
    """A file in a zip file.

    Attributes:
        name: as it stands there.
        copy: where its bytes are; None if they are of no kind that is read.
        modified: when, in seconds, by the clock of the computer that packed it.
    """

    name: str
    copy: Path | None
    modified: float

    @property
    def parts(self) -> tuple[str, ...]:
        """Of its path."""
        return PurePosixPath(self.name).parts


class _Bounded(FileIO):
    """A file of which nobody reads much at once; that would be the table of contents."""

    def read(self, size: int | None = -1, /) -> bytes:
        """As `FileIO.read`."""
        if size is not None and size > _MOST_DIRECTORY:
            raise zipfile.BadZipFile
        return super().read(-1 if size is None else size)


def unpacked(
    path: Path, scratch: Path, room: Room, is_wanted: Callable[[str], bool], refuse: Refuse
) -> Iterator[Member]:
    """The files in a zip file, in the order of their names.

    Args:
        path: of the zip file.
        scratch: a folder for copies.
        room: the most that is taken; it is less afterwards.
        is_wanted: whether an entry of such a name is looked at; of others nothing is said.
        refuse: is called for each entry that is not taken.

    Raises:
        GradingError: a predicate of the file: it is not a zip file, or holds too much.
        StorageError: a copy cannot be written.
    """
    with ExitStack() as stack:
        try:
            opened = stack.enter_context(zipfile.ZipFile(stack.enter_context(_Bounded(path))))
            entries = [one for one in opened.infolist() if not one.is_dir()]
        except OSError as error:
            raise GradingError(f"cannot be read: {sentence_of(error)}") from error
        except Exception as error:  # it is damaged in one of very many ways
            raise GradingError("is no zip file, or a damaged one") from error
        bounds = room.bounds
        if len(entries) > room.entries:
            before = ", with the zip files before it" if room.entries < bounds.entries else ""
            raise GradingError(
                f"holds more than {bounds.entries} files{before}; none of it is read"
            )
        room.entries -= len(entries)
        seen = set[str]()
        for entry in sorted(entries, key=lambda one: one.filename):
            name = _name_of(entry)
            if not is_wanted(name):
                continue
            reason = "stands there twice; the first is read" if name in seen else _fault(entry)
            seen.add(name)
            limit = _limit(name, bounds)
            if not reason and limit is None:
                yield Member(name, None, _time_of(entry))
                continue
            if not reason and entry.file_size > (limit or 0):
                reason = f"is larger than {(limit or 0) // 1000} kB"
            if not reason and entry.file_size > room.bytes:
                most = bounds.total // 1_000_000
                reason = f"is left out: with what was before, it unpacks to more than {most} MB"
            if reason:
                refuse(name, reason)
                continue
            room.bytes -= entry.file_size
            try:
                copy = _copied(opened, entry, scratch)
            except GradingError as error:
                refuse(name, str(error))
            else:
                yield Member(name, copy, _time_of(entry))


def _name_of(entry: zipfile.ZipInfo) -> str:
    """Its name; a Mac writes UTF-8 and does not say so."""
    if entry.flag_bits & _SAYS_UTF8:
        return entry.filename
    try:
        return entry.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return entry.filename


def is_zip(name: str) -> bool:
    """Whether a name is that of a zip file."""
    return name.lower().endswith(".zip")


def _limit(name: str, bounds: Bounds) -> int | None:
    """The most bytes of an entry; None if entries of such a name are not read."""
    if is_zip(name) and bounds.inner:
        return bounds.inner
    return MAX_BYTES.get(PurePosixPath(name).suffix.lower())


def _fault(entry: zipfile.ZipInfo) -> str:
    """Why an entry is not read, whatever is in it; "" if there is no reason."""
    name, path = _name_of(entry), PurePosixPath(_name_of(entry))
    if path.is_absolute() or "\\" in name or ":" in name[:2] or "\0" in entry.orig_filename:
        return "has an absolute path, or one of another system"
    if ".." in path.parts:
        return "leads out of the zip file"
    if stat.S_ISLNK(entry.external_attr >> 16):
        return "is a link"
    if entry.flag_bits & _ENCRYPTED:
        return "is encrypted"
    if entry.compress_type not in _PLAIN:
        return "is packed in a way that is not read; pack it as an ordinary zip file"
    return ""


def _copied(opened: zipfile.ZipFile, entry: zipfile.ZipInfo, scratch: Path) -> Path:
    """The copy of an entry, of whose name it has no more than the suffix.

    Raises:
        GradingError: a predicate of the entry: it is damaged.
        StorageError: the copy cannot be written.
    """
    suffix = PurePosixPath(_name_of(entry)).suffix.lower()
    try:
        with NamedTemporaryFile(dir=scratch, suffix=suffix, delete=False) as copy:
            path = Path(copy.name)
            copy.writelines(_pieces(opened, entry))
    except GradingError:
        path.unlink()
        raise
    except OSError as error:
        raise StorageError(sentence_of(error)) from error
    return path


def _pieces(opened: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """The bytes of an entry, few at a time: unpacked at once, it may be any size."""
    try:
        with opened.open(entry) as source:  # it ends where the entry says it ends
            while piece := source.read(_PIECE):
                yield piece
    except Exception as error:  # it is damaged in one of very many ways
        raise GradingError("is damaged") from error


def _time_of(entry: zipfile.ZipInfo) -> float:
    try:
        return datetime(*entry.date_time).timestamp()
    except (ValueError, OverflowError, OSError):
        return 0.0
