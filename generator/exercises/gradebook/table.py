"""Tables as spreadsheets write them: CSV in any of their encodings, with any of their separators.

In: bytes of a file, or rows. Out: rows, or bytes. What is written begins with a byte order mark,
without which Excel takes UTF-8 for something else; cells that somebody else chose never begin a
formula.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from generator.errors import UsageError, sentence_of
from generator.exercises.grading.report import plain

_MOST_BYTES = 50_000_000
_SEPARATORS = ",;\t"
_BEGINS = r"(?=[\s\"]*[=+\-@\uff1d\uff0b\uff0d\uff20])"
_FORMULA, _DEFUSED = re.compile(rf"(^|[,;\t]){_BEGINS}"), re.compile(rf"(^|[,;\t])'{_BEGINS}")
_MARKS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16", b"\xef\xbb\xbf": "utf-8-sig"}


@dataclass(frozen=True)
class Table:
    """A table.

    Attributes:
        header: the names of its columns, as they are written.
        rows: the cells of each row by column, with "" where a row is too short; and the line of the
            file in which it begins.
        separator: between two cells.
    """

    header: tuple[str, ...]
    rows: tuple[tuple[int, Mapping[str, str]], ...]
    separator: str = ","


def read_table(path: Path) -> Table:
    """Reads a table.

    Raises:
        UsageError: it cannot be read, or is no table; names the file.
    """
    try:
        with path.open("rb") as stream:
            content = stream.read(_MOST_BYTES + 1)
    except OSError as error:
        raise UsageError(sentence_of(error)) from error
    if len(content) > _MOST_BYTES:
        raise UsageError(f"{path}: is larger than {_MOST_BYTES // 1_000_000} MB")
    if content.startswith(b"PK"):
        raise UsageError(f"{path}: is no CSV file but a workbook; save it as CSV")
    text = _decoded(content)
    if "\0" in text:
        raise UsageError(f"{path}: is no CSV file")
    first = text.lstrip("\r\n").partition("\n")[0]
    separator = max(_SEPARATORS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    lines: list[tuple[int, list[str]]] = []
    try:
        begins = 1
        for cells in reader:
            if any(cell.strip() for cell in cells):
                lines.append((begins, cells))
            begins = reader.line_num + 1
    except csv.Error as error:
        raise UsageError(f"{path}:{reader.line_num}: {error}") from error
    if not lines:
        raise UsageError(f"{path}: is empty; its first line has to name the columns")
    return Table(*_with_names(lines), separator)


def _with_names(
    lines: Sequence[tuple[int, Sequence[str]]],
) -> tuple[tuple[str, ...], tuple[tuple[int, Mapping[str, str]], ...]]:
    """Header and rows; a column without a name gets one if there is anything in it.

    One that is called as another gets a number: rows are by name.
    """
    width = max(len(cells) for _, cells in lines)
    padded = [(line, [*cells, *[""] * (width - len(cells))]) for line, cells in lines]
    names = [cell.strip() for cell in padded[0][1]]
    for at, name in enumerate(names):
        if not name and any(cells[at].strip() for _, cells in padded[1:]):
            names[at] = f"column {at + 1}"
    names = _numbered(names)
    rows = tuple(
        (line, {name: cell for name, cell in zip(names, cells, strict=True) if name})
        for line, cells in padded[1:]
    )
    return tuple(filter(None, names)), rows


def _numbered(names: Sequence[str]) -> list[str]:
    """The names, with a number behind those that another column has already."""
    found: list[str] = []
    for name in names:
        number, one = 2, name
        while one and (one in found or (number > 2 and one in names)):
            number, one = number + 1, f"{name} {number}"
        found.append(one)
    return found


def _decoded(content: bytes) -> str:
    """The text; what is no UTF-8 is what Excel writes on Windows where nothing else is chosen."""
    for mark, encoding in _MARKS.items():
        if content.startswith(mark):
            return content.decode(encoding, "replace")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def table_bytes(
    header: Sequence[str], rows: Sequence[Mapping[str, object]], separator: str = ","
) -> bytes:
    """The bytes of a table, as `read_table` reads it."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, delimiter=separator, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows([row.get(name, "") for name in header] for row in rows)
    return stream.getvalue().encode("utf-8-sig", "backslashreplace")


def defused(text: str) -> str:
    """A cell that no spreadsheet takes for a formula: an apostrophe stands before it.

    One stands behind each separator, too: there a spreadsheet of another country ends the cell.
    """
    return _FORMULA.sub(r"\1'", plain(text))


def as_typed(cell: str) -> str:
    """A cell without what `defused` put into it."""
    typed = _DEFUSED.sub(r"\1", cell)
    return typed if defused(typed) == cell else cell
