"""A module's file -> a digest of its code as Python compiles it, and the names that it imports.

In: the path of a module. Out: both, kept from build to build in the user's cache folder, as long as
the file has the same time and size. Comments, docstrings and layout are not in the digest.
"""

from __future__ import annotations

import hashlib
import json
import marshal
import py_compile
import re
import struct
import sys
import time
import types
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import MAGIC_NUMBER, cache_from_source
from pathlib import Path
from typing import Any

from generator.files.user_cache import user_cache
from generator.files.write import replace_file

_IMPORT = re.compile(
    r"^[ \t]*(?:from[ \t]+(?P<module>[\w.]+)[ \t]+import[ \t]+(?P<names>\([^)]*\)|[\w. ,]+)"
    r"|import[ \t]+(?P<modules>[\w. ,]+))",
    re.MULTILINE,
)
_SETTLED_NS = 2_000_000_000
"""A file that was changed more recently may change again within what its time can tell."""
_MOST = 4000
"""Modules that are remembered; with more, those of other installations go."""


@dataclass(frozen=True)
class Source:
    """What matters of a module.

    Attributes:
        imported: dotted names, also of what functions import; a name too many does no harm.
        digest: of its code, 64 hex digits.
    """

    imported: tuple[str, ...]
    digest: str


class KnownSources:
    """Modules as they were found before."""

    def __init__(self) -> None:
        self._kept: dict[str, list[Any]] | None = None
        self._new: dict[str, list[Any]] = {}

    def of(self, file: Path) -> Source:
        """A module's source, read again if its file has another time or size."""
        if self._kept is None:
            self._kept = _read()
        found = file.stat()
        state = [found.st_mtime_ns, found.st_size]
        kept: Any = self._new.get(str(file), self._kept.get(str(file), ()))
        with suppress(ValueError, TypeError):
            mtime_ns, size, imported, digest = kept
            if [mtime_ns, size] == state:
                return Source(tuple(map(str, imported)), str(digest))
        source = _source_of(file)
        if time.time_ns() - found.st_mtime_ns > _SETTLED_NS:
            self._new[str(file)] = [*state, source.imported, source.digest]
        return source

    def save(self) -> None:
        """Keeps what was new."""
        if not self._new:
            return
        kept = {} if len(self._kept or {}) > _MOST else (self._kept or {})
        self._kept, self._new = {**kept, **self._new}, {}
        with suppress(OSError):  # where nobody may write
            text = json.dumps({"key": _key(), "modules": self._kept}, separators=(",", ":"))
            replace_file(_file(), text.encode())


KNOWN_SOURCES = KnownSources()


def _file() -> Path:
    return user_cache() / "modules.json"


def _key() -> list[object]:
    """Names this Python, and this very module."""
    here = Path(__file__).stat()
    return [MAGIC_NUMBER.hex(), here.st_mtime_ns, here.st_size]


def _read() -> dict[str, list[Any]]:
    try:
        value = json.loads(_file().read_text(encoding="utf-8"))
        return dict(value["modules"]) if value["key"] == _key() else {}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _source_of(file: Path) -> Source:
    text = file.read_text(encoding="utf-8")
    code = repr(_parts(_compiled(file, text)))
    return Source(tuple(sorted(set(_imports(text)))), hashlib.sha256(code.encode()).hexdigest())


def _compiled(file: Path, text: str) -> types.CodeType:
    """The code without its docstrings, from Python's own cache of compiled modules."""
    found = file.stat()
    if time.time_ns() - found.st_mtime_ns < _SETTLED_NS:
        return compile(text, file.name, "exec", dont_inherit=True, optimize=2)
    kept = Path(cache_from_source(file, optimization=2))
    # What Python itself compares, as PEP 552 lays it out.
    fields = (0, int(found.st_mtime) & 0xFFFFFFFF, found.st_size & 0xFFFFFFFF)
    header = MAGIC_NUMBER + struct.pack("<III", *fields)
    with suppress(OSError, EOFError, ValueError, TypeError):  # it is not there, or cut short
        content = kept.read_bytes()
        if content.startswith(header):
            code: types.CodeType = marshal.loads(content[len(header) :])
            return code
    if not sys.dont_write_bytecode:
        with suppress(OSError):  # where nobody may write
            py_compile.compile(str(file), str(kept), doraise=True, optimize=2)
    return compile(text, file.name, "exec", dont_inherit=True, optimize=2)


def _imports(text: str) -> Iterator[str]:
    """Dotted names, also of what functions import; a name too many does no harm."""
    for found in _IMPORT.finditer(text):
        names = re.findall(r"([\w.]+)(?: as \w+)?", found["names"] or found["modules"])
        prefix = f"{found['module']}." if found["module"] else ""
        yield from (f"{prefix}{name}" for name in names)


def _parts(value: Any) -> Any:
    """What counts of compiled code: not its lines, and sets in an order that is always the same."""
    if isinstance(value, types.CodeType):
        names = (value.co_name, value.co_names, value.co_varnames, value.co_freevars)
        arguments = (value.co_argcount, value.co_posonlyargcount, value.co_kwonlyargcount)
        code = (value.co_code, value.co_exceptiontable, value.co_flags)
        return code, names, arguments, _parts(value.co_consts)
    if isinstance(value, tuple):
        return tuple(map(_parts, value))
    if isinstance(value, frozenset):
        return sorted(repr(_parts(one)) for one in value)
    return value
