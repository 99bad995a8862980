"""A Jupyter notebook -> its Python, as one text.

In: the bytes of an `.ipynb` file. Out: its code cells, one after the other, without magics
and shell commands, and the cell of each line. It runs nothing.
"""

from __future__ import annotations

import ast
import json
import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from generator.errors import GradingError

# `%matplotlib inline`, `!pip install`, `?torch`, `torch?`, `files = !ls`, `x = %time f()`
_MAGIC = re.compile(r"(?P<indent>\s*)(?:[%!?].*|[\w.]+\?{1,2}\s*|[\w, ]+=\s*[%!].*)")
_PYTHON_UNDER = re.compile(r"%%(time|timeit|capture|prun)\b")
_FUTURE = re.compile(r"from\s+__future__\s+import\b[^#;]*")


@dataclass(frozen=True)
class Lines:
    """The Python of a notebook.

    Attributes:
        text: all code cells.
        cells: for each line of the text its cell, counted from 1 over all cells, and its
            line in the cell; (0, 0) for a line that was inserted.
    """

    text: str
    cells: tuple[tuple[int, int], ...]


def python_of(content: bytes) -> Lines:
    """Takes the Python out of a notebook.

    Raises:
        GradingError: it is not a notebook.
    """
    lines: list[str] = []
    cells: list[tuple[int, int]] = []
    futures: list[str] = []
    for number, source in _code_cells(content):
        for row, line in enumerate(_without_magics(source.splitlines()), start=1):
            if _FUTURE.match(line):  # these must come before everything else
                futures.append(line.strip())
                line = ""
            lines.append(line)
            cells.append((number, row))
    text = "\n".join([*futures, *lines]) + "\n"
    return Lines(text, ((0, 0),) * len(futures) + tuple(cells))


def _code_cells(content: bytes) -> list[tuple[int, str]]:
    """Number and source of each code cell.

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
        (number, _source(cell))
        for number, cell in enumerate(notebook["cells"], start=1)
        if isinstance(cell, dict) and cell.get("cell_type") == "code"
    ]


def _source(cell: dict[str, Any]) -> str:
    """A cell's source, which is a text or a list of lines."""
    source = cell.get("source", "")
    if isinstance(source, list):
        return "".join(line for line in source if isinstance(line, str))
    return source if isinstance(source, str) else ""


def _without_magics(lines: Sequence[str]) -> list[str]:
    """A cell's lines; what only IPython understands becomes `pass`, to keep blocks valid."""
    if _is_python(lines):  # a line of plain Python may begin with `%`
        return list(lines)
    first = next((line for line in lines if line.strip()), "")
    if first.startswith("%%") and not _PYTHON_UNDER.match(first):  # another language's cell
        return [""] * len(lines)
    return [
        f"{magic['indent']}pass" if (magic := _MAGIC.fullmatch(line)) else line for line in lines
    ]


def _is_python(lines: Sequence[str]) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a stray backslash does not matter
            ast.parse("\n".join(lines))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True
