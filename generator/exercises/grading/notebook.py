"""A Jupyter notebook, or what Colab and nbconvert export -> its Python, as IPython reads it.

In: the bytes of an `.ipynb` file, or the text of a `.py` file. Out: the code cells, one after the
other, and the cell of each line. IPython's own transformer turns magics and shell commands into
calls of `get_ipython()`, which the worker answers. It runs nothing.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from generator.errors import GradingError
from generator.exercises.grading.pieces import BOUNDARY, Effort, Piece, is_python, pieces_of_cell

# Magics whose cell is Python, which runs as if the magic were not there.
_COST_OF_IPYTHON = 1000  # in characters that Python reads meanwhile
_PYTHON_UNDER = ("time", "timeit", "capture", "prun", "memit", "lprun", "debug", "heat")


@dataclass(frozen=True)
class Lines:
    """The Python of a notebook.

    Attributes:
        text: all code cells, with a line `BOUNDARY` between two of them.
        cells: for each line of the text its cell, counted from 1 over all cells, and its
            line in the cell; (0, 0) for a line that was inserted.
        written: the same cells as they were typed, without the lines of cell magics.
        prose: number and text of each cell that is not code.
    """

    text: str
    cells: tuple[tuple[int, int], ...]
    written: str
    prose: tuple[tuple[int, str], ...] = ()


def python_of(content: bytes) -> Lines:
    """Takes the Python out of a notebook.

    Raises:
        GradingError: it is not a notebook.
    """
    lines: list[str] = []
    cells: list[tuple[int, int]] = []
    written: list[str] = []
    prose = []
    effort = Effort()
    for number, kind, source in _cells(content):
        if kind != "code":
            prose.append((number, source))
            continue
        if lines:
            lines.append(BOUNDARY)
            written.append(BOUNDARY)
            cells.append((0, 0))
        rows = source.splitlines()
        lines += python_lines(rows, effort)
        written += _without_magic(rows)
        cells += [(number, row) for row in range(1, len(rows) + 1)]
    return Lines("\n".join(lines) + "\n", tuple(cells), "\n".join(written) + "\n", tuple(prose))


def python_lines(rows: Sequence[str], effort: Effort) -> list[str]:
    """A cell as Python, with as many lines; what stays unreadable is left as it is."""
    if not effort.spend(sum(map(len, rows))):
        return list(rows)
    if is_python("\n".join(rows)):  # a line of plain Python may begin with `%`
        return list(rows)
    at = _cell_magic(rows)
    if at is not None:
        name = rows[at].strip()[2:].split(" ")[0]
        if name in _PYTHON_UNDER:
            return [""] * (at + 1) + python_lines(rows[at + 1 :], effort)
        return _padded(_transformed("\n".join(rows[at:])), len(rows))
    lines = [""] * len(rows)
    for piece in pieces_of_cell(rows, effort):
        begin, end = piece.line - 1, piece.line - 1 + len(piece.text.splitlines())
        lines[begin:end] = _piece_lines(piece, effort)
    return lines


def _piece_lines(piece: Piece, effort: Effort) -> list[str]:
    rows = piece.text.splitlines()
    if piece.is_python or not effort.spend(_COST_OF_IPYTHON + len(piece.text)):
        return rows
    changed = _transformed(piece.text)
    return _padded(changed, len(rows)) if is_python(changed) else rows


def _transformed(text: str) -> str:
    """What IPython makes of a cell; the cell itself if it makes nothing of it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from IPython.core.inputtransformer2 import TransformerManager

        try:
            manager: Any = TransformerManager  # it has no types
            return str(manager().transform_cell(text))
        except Exception:  # it may stumble over what is no code at all
            return text


def _padded(text: str, count: int) -> list[str]:
    """The lines of a text, and empty ones up to a number; never more than that."""
    rows = text.splitlines()
    return [*rows, *[""] * (count - len(rows))] if len(rows) <= count else rows[:count]


def _cell_magic(rows: Sequence[str]) -> int | None:
    """The line with a cell magic; only empty lines and comments may stand before it."""
    for number, row in enumerate(rows):
        if row.lstrip().startswith("%%"):
            return number
        if row.strip() and not row.lstrip().startswith("#"):
            return None
    return None


def _without_magic(rows: Sequence[str]) -> list[str]:
    at = _cell_magic(rows)
    return list(rows) if at is None else [*[""] * (at + 1), *rows[at + 1 :]]


def _cells(content: bytes) -> list[tuple[int, str, str]]:
    """Number, kind and source of each cell.

    Raises:
        GradingError: as `python_of`.
    """
    try:
        notebook: Any = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise GradingError("is not a notebook: its content is no JSON; save it again") from error
    if not isinstance(notebook, dict) or not isinstance(notebook.get("cells"), list):
        raise GradingError("is not a notebook of version 4; open it in Jupyter and save it again")
    return [
        (number, str(cell.get("cell_type")), _source(cell))
        for number, cell in enumerate(notebook["cells"], start=1)
        if isinstance(cell, dict)
    ]


def _source(cell: dict[str, Any]) -> str:
    """A cell's source, which is a text or a list of lines."""
    source = cell.get("source", "")
    if isinstance(source, list):
        return "".join(line for line in source if isinstance(line, str))
    return source if isinstance(source, str) else ""
