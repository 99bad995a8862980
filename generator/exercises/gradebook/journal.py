"""Records on the disk, a line of JSON each, written as soon as a submission is graded.

In: records. Out: the same at the next run. Whatever ends a run, even in the middle of a line, takes
away no line before it. The file is written anew, in order, when a run comes to its end.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from generator.exercises.gradebook.record import Record, record_from, record_values
from generator.files.write import write_if_different


class Journal:
    """The file, open for more lines; a context."""

    def __init__(self, path: Path) -> None:
        """Reads what an earlier run left.

        Raises:
            OSError: it cannot be read.
        """
        self._path = path
        self._stream: BinaryIO | None = None
        content = path.read_bytes() if path.exists() else b""
        self._is_cut_off = bool(content) and not content.endswith(b"\n")
        found = (_read(line) for line in content.splitlines())
        self._records = {one.key: one for one in found if one is not None and one.key}

    @property
    def records(self) -> Mapping[str, Record]:
        """By their keys."""
        return self._records

    def __enter__(self) -> Journal:
        self._stream = self._path.open("ab")
        if self._is_cut_off:
            self._stream.write(b"\n")
        return self

    def add(self, record: Record) -> None:
        """Writes a record, so that it is there whatever happens next."""
        assert self._stream is not None
        if record.key:
            self._records[record.key] = record
        self._stream.write(_line(record))
        self._stream.flush()
        os.fsync(self._stream.fileno())

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._stream is not None
        self._stream.close()

    def rewrite(self, records: Sequence[Record]) -> None:
        """Writes the file anew, in order: these records, and the others that it had."""
        own = {one.key for one in records}
        others = [one for key, one in self._records.items() if key not in own]
        write_if_different(self._path, b"".join(sorted(map(_line, [*records, *others]))))


def _line(record: Record) -> bytes:
    # ASCII: a file's name may not be valid text
    return json.dumps(record_values(record)).encode() + b"\n"


def _read(line: bytes) -> Record | None:
    try:
        return record_from(json.loads(line))
    except (ValueError, RecursionError):
        return None
