"""Text that may hold anything -> pieces that Python can run by themselves, and the rest.

In: code cells, joined with `BOUNDARY` lines. Out: `Piece`s with their lines. What one cell or one
top-level statement does wrong leaves all others as they are: prose in a code cell, the syntax
of a newer Python, a bracket that is never closed. It runs nothing.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

BOUNDARY = "# ---- the next cell begins ----"
_MOST_BLOCKS = 40
"""A statement that Python needs several blocks for, such as a long string, has at most so many."""
_COST_OF_A_TRY = 200
_ALLOW_INCOMPLETE = 0x4000  # as in Python's own `codeop`
_GOES_ON = re.compile(r"[\s#)\]}]|(?:else|elif|except|finally)\b|$")
_SHELL = re.compile(r"[!%?]")


class Effort:
    """How much is left to be tried on a text that Python cannot read as a whole.

    Without an end, 200 kB of open brackets would take minutes. Homework needs a hundredth of it.
    """

    def __init__(self, characters: int = 2_000_000) -> None:
        """Takes how many characters may be read, each as often as it is tried."""
        self._left = characters

    def spend(self, characters: int) -> bool:
        """Takes so much of it, and a little for the try itself; whether there was any."""
        self._left -= characters + _COST_OF_A_TRY
        return self._left > 0


@dataclass(frozen=True)
class Piece:
    """A part of a text.

    Attributes:
        line: its first line in the text, counted from 1.
        text: one or more statements, if Python can read it.
        is_python: whether it can.
    """

    line: int
    text: str
    is_python: bool = True


def pieces_of(text: str) -> Iterator[Piece]:
    """The pieces of a text, from top to bottom; a whole cell if Python can read it."""
    effort = Effort()
    lines = text.splitlines()
    bounds = [number for number, line in enumerate(lines) if line == BOUNDARY]
    for start, end in zip([0, *(one + 1 for one in bounds)], [*bounds, len(lines)], strict=True):
        yield from pieces_of_cell(lines[start:end], effort, start + 1)


def pieces_of_cell(lines: Sequence[str], effort: Effort, first: int = 1) -> Iterator[Piece]:
    """The pieces of one cell; once the effort is spent, what is left is one piece.

    Args:
        lines: of the cell.
        effort: of all cells of the text.
        first: number of its first line.
    """
    whole = "\n".join(lines)
    if not whole.strip():
        return
    if not effort.spend(len(whole)):
        yield Piece(first, whole, False)
        return
    if is_python(whole):
        yield Piece(first, whole)
        return
    starts = [number for number, line in enumerate(lines) if not _GOES_ON.match(line)]
    starts = starts or [0]
    if any(line.strip() for line in lines[: starts[0]]):  # an indented cell, or comments
        starts[0] = 0
    at = 0
    while at < len(starts):
        if not effort.spend(0):
            yield Piece(first + starts[at], "\n".join(lines[starts[at] :]), False)
            return
        begin, ends = starts[at], [*starts[at + 1 : at + _MOST_BLOCKS], len(lines)]
        texts = ["\n".join(lines[begin:end]) for end in ends[:_MOST_BLOCKS]]
        taken = _first_statement(texts, effort)
        yield Piece(first + begin, texts[(taken or 1) - 1], taken is not None)
        at += taken or 1


def _first_statement(texts: Sequence[str], effort: Effort) -> int | None:
    """How many blocks the first statement has; None if it is not Python.

    Args:
        texts: the first block, the first two, and so on.
        effort: what is left of it.
    """
    for number, text in enumerate(texts, start=1):
        if not effort.spend(len(text)):
            return None
        state = _read(text)
        if state == "whole":
            return number
        if state == "broken" or _SHELL.match(text):
            return None
    return None


def is_python(text: str) -> bool:
    """Whether this Python can read a text; `await` outside of functions is allowed."""
    return _read(text) == "whole"


def _read(text: str) -> Literal["whole", "cut off", "broken"]:
    """Whether this Python can read a text, or might if more followed."""
    flags = ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT | _ALLOW_INCOMPLETE
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a stray backslash does not matter
            compile(text, "", "exec", flags)
    except SyntaxError as error:
        return "cut off" if "incomplete input" in (error.msg or "") else "broken"
    except (ValueError, RecursionError, MemoryError, OverflowError):
        return "broken"
    return "whole"


def parsed(piece: Piece) -> ast.Module:
    """The syntax of a piece that is Python; its lines are counted from 1."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        flags = ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        tree: ast.Module = compile(piece.text, "", "exec", flags)
    return tree


def class_in(text: str, name: str) -> str | None:
    """The code of a class: of several copies the last that holds no blank, else the last.

    Args:
        text: may hold anything.
        name: of the class.
    """
    start = re.compile(rf"class\s+{name}\b")
    found = []
    for piece in pieces_of(text):
        lines = piece.text.splitlines()
        begins = [number for number, line in enumerate(lines) if start.match(line)]
        for begin in begins:
            after = (
                number
                for number in range(begin + 1, len(lines))
                if not _GOES_ON.match(lines[number])
            )
            found.append("\n".join(lines[begin : next(after, len(lines))]) + "\n")
    complete = [one for one in found if "____" not in one]
    return next(iter(reversed(complete or found)), None)


def definitions_in(text: str) -> str:
    """A text with nothing left but imports, classes, functions and plain constants.

    Lines stay where they are. It is what is run if the whole cannot be.
    """
    lines = text.splitlines()
    kept = [line if line == BOUNDARY else "" for line in lines]
    for piece in pieces_of(text):
        if not piece.is_python:
            continue
        for node in parsed(piece).body:
            if not _defines(node):
                continue
            begin = min(node.lineno, *(one.lineno for one in _decorators(node)), node.lineno)
            for line in range(begin, (node.end_lineno or begin) + 1):
                at = piece.line + line - 2
                kept[at] = lines[at]
    return "\n".join(kept) + "\n"


def _decorators(node: ast.stmt) -> list[ast.expr]:
    return getattr(node, "decorator_list", [])


def _defines(node: ast.stmt) -> bool:
    kinds = (ast.Import, ast.ImportFrom, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    if isinstance(node, kinds):
        return True
    calls = any(isinstance(one, ast.Call | ast.Await) for one in ast.walk(node))
    if isinstance(node, ast.Expr) and "run_cell_magic('writefile'" in ast.unparse(node):
        return True
    return isinstance(node, ast.Assign | ast.AnnAssign) and not calls
