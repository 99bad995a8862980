"""Two folders change places at one stroke, where the system can: nobody sees neither or half.

In: two paths on one disk. Out: each under the other's name; or the news that it cannot be done.
"""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2  # of renameat2, Linux
_RENAME_SWAP = 2  # of renamex_np, macOS


def exchange(one: Path, other: Path) -> bool:
    """Lets two files or folders change places; False if this system or disk cannot do that.

    Raises:
        OSError: it can, and one of them is not there, or may not be moved.
    """
    call = _call(os.fsencode(one), os.fsencode(other))
    if call is None:
        return False
    if call == 0:
        return True
    number = ctypes.get_errno()
    if number in _UNKNOWN:
        return False
    raise OSError(number, os.strerror(number), str(one))


def _call(one: bytes, other: bytes) -> int | None:
    """What the system answered; None if it has no such function."""
    try:
        library = ctypes.CDLL(None, use_errno=True)
        if sys.platform == "linux":
            rename = library.renameat2
            rename.argtypes = (ctypes.c_int, ctypes.c_char_p) * 2 + (ctypes.c_uint,)
            return int(rename(_AT_FDCWD, one, _AT_FDCWD, other, _RENAME_EXCHANGE))
        if sys.platform == "darwin":
            rename = library.renamex_np
            rename.argtypes = (ctypes.c_char_p, ctypes.c_char_p, ctypes.c_uint)
            return int(rename(one, other, _RENAME_SWAP))
    except (OSError, AttributeError, TypeError):  # an old C library, or Windows
        pass
    return None


def _numbers(*names: str) -> frozenset[int]:
    import errno

    return frozenset(getattr(errno, name) for name in names if hasattr(errno, name))


_UNKNOWN = _numbers("ENOSYS", "EINVAL", "ENOTSUP", "EOPNOTSUPP")
"""What a kernel or a disk answers that knows no exchange."""
