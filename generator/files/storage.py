"""Tells a full disk, or a folder that may not be written to, from an error of one file.

In: an error, and the folders that the program writes to. Out: one sentence for the whole build,
which no other entry could escape either.
"""

from __future__ import annotations

import errno
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from generator.errors import StorageError, sentence_of

_FULL = {
    errno.ENOSPC: "the disk is full; free some space",
    errno.EFBIG: "the disk or a limit of this account takes no file of that size; free some space",
    errno.EROFS: "the disk may only be read; choose another place",
}
if hasattr(errno, "EDQUOT"):
    _FULL[errno.EDQUOT] = "the space of this account is used up; free some"
_PRINTED = re.compile(r"\b(?:os error|Errno) (\d+)\b")
"""The number of an error, as programs in Rust and in Python print it."""
_REFUSED = (errno.EACCES, errno.EPERM, errno.ENOTDIR, errno.EEXIST, errno.EISDIR)


def storage_error(error: BaseException, own: Sequence[Path]) -> StorageError | None:
    """The one sentence that stops a build; None if the error is of another kind.

    Args:
        own: the folders that the program writes to.
    """
    for one in _chain(error):
        if isinstance(one, StorageError):
            return one
        if not isinstance(one, OSError):
            continue
        place = None if one.filename is None else Path(str(one.filename))
        if one.errno in _FULL:
            return StorageError(f"{place or own[0]}: {_FULL[one.errno]}, and build again")
        is_own = place is not None and any(place.is_relative_to(folder) for folder in own)
        if one.errno in _REFUSED and is_own:
            return StorageError(f"{sentence_of(one)}; see to it that it may be written to")
    return None


def storage_error_in(text: str, place: Path) -> StorageError | None:
    """The same from what another program printed before it ended.

    Args:
        place: the folder that it wrote to.
    """
    numbers = (int(one) for one in _PRINTED.findall(text))
    found = next((_FULL[one] for one in numbers if one in _FULL), None)
    return None if found is None else StorageError(f"{place}: {found}, and build again")


def _chain(error: BaseException) -> Iterator[BaseException]:
    """An error, and the errors that it came of."""
    seen: set[int] = set()
    one: BaseException | None = error
    while one is not None and id(one) not in seen:
        seen.add(id(one))
        yield one
        one = one.__cause__ or one.__context__
