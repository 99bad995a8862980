"""A cache in object storage, which machines without a folder in common share.

In: an address that fsspec knows, such as "s3://bucket/course", and the local cache. Out: files
copied from there and to there under the same names. What is copied proves by its seal that it is
whole; else it counts as missing, is made again and replaced. A file of the same size is never
replaced, as its name says what is in it.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from generator.errors import UsageError
from generator.files.sealed import is_whole
from generator.files.write import replace_file

logger = logging.getLogger("generator")


@dataclass(frozen=True)
class Store:
    """Object storage, or none.

    Attributes:
        system: of fsspec; None if there is no storage, and nothing is ever copied.
        root: the path in it.
        cache: the local folder that it mirrors.
    """

    system: Any
    root: str
    cache: Path

    @classmethod
    def of(cls, address: str, cache: Path) -> Store:
        """That of an address; "" means none.

        Raises:
            UsageError: fsspec is not installed, or does not know such addresses.
        """
        system, root = _opened(address) if address else (None, "")
        return cls(system, root, cache)

    def fetch(self, file: Path) -> None:
        """Copies a file of the cache from the storage, if it is there, whole, and not here.

        Raises:
            UsageError: the storage cannot be read.
        """
        if self.system is None or file.is_file():
            return
        try:
            with self._errors():
                content = self.system.cat_file(self._name(file))
        except FileNotFoundError:
            return
        if not is_whole(file, content):
            logger.warning("--store: %s is damaged there; it is made again", file.name)
            return
        file.parent.mkdir(parents=True, exist_ok=True)
        replace_file(file, content)

    def put(self, file: Path) -> None:
        """Copies a file of the cache to the storage, if it is here and not there, or cut short.

        Raises:
            UsageError: the storage cannot be written to.
        """
        if self.system is None or not file.is_file():
            return
        name = self._name(file)
        with self._errors():
            if not self._has(name, file.stat().st_size):
                self.system.makedirs(name.rpartition("/")[0], exist_ok=True)
                self.system.pipe_file(name, file.read_bytes())

    def put_missing(self, files: Iterable[Path]) -> None:
        """Copies what the storage lacks of many files; it lists them once and asks for none alone.

        Raises:
            UsageError: the storage cannot be read, or written to.
        """
        if self.system is None:
            return
        with self._errors():
            self.system.invalidate_cache()  # other machines may have written meanwhile
            there = self.system.find(self.root, detail=True)
        for file in files:
            known = there.get(self._name(file), {}).get("size")
            if file.is_file() and file.stat().st_size != known:
                self.put(file)

    def _has(self, name: str, file_bytes: int) -> bool:
        try:
            return bool(self.system.size(name) == file_bytes)
        except FileNotFoundError:
            return False

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """Tells of a storage that cannot be used; each has errors of its own library."""
        try:
            yield
        except (FileNotFoundError, MemoryError):
            raise
        except Exception as error:
            line = (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
            raise UsageError(f"--store {self.root}: {line}") from error

    def _name(self, file: Path) -> str:
        return f"{self.root}/{file.relative_to(self.cache).as_posix()}"


@functools.cache
def _opened(address: str) -> tuple[Any, str]:
    try:
        import fsspec
    except ImportError:
        raise UsageError(
            "--store needs the package fsspec, and one for the storage, such as s3fs: "
            "pip install 'detr-attention-handout[storage]' s3fs"
        ) from None
    try:
        system, root = fsspec.core.url_to_fs(address)
    except (ImportError, ValueError, OSError) as error:
        raise UsageError(f"--store {address}: {error}") from error
    return system, str(root).rstrip("/")
