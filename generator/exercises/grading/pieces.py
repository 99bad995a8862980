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

BOUNDARY = "# ---- the next cell begins ----"
_MOST_BLOCKS = 40
"""A statement that Python needs several blocks for, such as a long string, has at most so many."""
_GOES_ON = re.compile(r"[\s#)\]}]|(?:else|elif|except|finally)\b|$")
_SHELL = re.compile(r"[!%?]")


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
    lines = text.splitlines()
    bounds = [number for number, line in enumerate(lines) if line == BOUNDARY]
    for start, end in zip([0, *(one + 1 for one in bounds)], [*bounds, len(lines)], strict=True):
        yield from pieces_of_cell(lines[start:end], start + 1)


def pieces_of_cell(lines: Sequence[str], first: int = 1) -> Iterator[Piece]:
    """The pieces of one cell.

    Args:
        lines: of the cell.
        first: number of its first line.
    """
    whole = "\n".join(lines)
    if not whole.strip():
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
        begin, ends = starts[at], [*starts[at + 1 :], len(lines)]
        most = 1 if _SHELL.match(lines[begin]) else _MOST_BLOCKS
        taken = next(
            (
                number
                for number, end in enumerate(ends[:most], start=1)
                if is_python("\n".join(lines[begin:end]))
            ),
            None,
        )
        end = ends[(taken or 1) - 1]
        yield Piece(first + begin, "\n".join(lines[begin:end]), taken is not None)
        at += taken or 1


def is_python(text: str) -> bool:
    """Whether this Python can read a text; `await` outside of functions is allowed."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a stray backslash does not matter
            compile(text, "", "exec", ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    except (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError):
        return False
    return True


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
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = compile(
                piece.text, "", "exec", ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
            )
        for node in tree.body:
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
