"""An exercise -> a Jupyter notebook, with its blanks or with its answers.

In: a `Worksheet` and one of its two sources. Out: the text of an `.ipynb` file, nbformat
4.5, without outputs and the same at each build. The last cell tries the code out: if a blank
is still empty, it prints a sentence instead of a traceback.
"""

from __future__ import annotations

import ast
import json
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from generator.exercises.notes import Worksheet

_EXPLAIN = '''\
import re
import traceback
import warnings
from pathlib import Path


def explain(error: Exception) -> None:
    """Says in words how far the code came, with the last line of this notebook that was run."""
    here = Path(explain.__code__.co_filename).parent
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.line or "" for frame in frames if Path(frame.filename).parent == here]
    blank = re.search(r"# blank (\\d+)", lines[-1])
    if blank and isinstance(error, NameError) and error.name == "____":
        print(f"Blank {blank[1]} is still empty: {lines[-1]}")
        return
    print(f"{type(error).__name__}: {error}")
    print(f"It came up in this line{', with blank ' + blank[1] if blank else ''}: {lines[-1]}")'''
_SOLUTION = "This notebook holds the answers. It is for instructors."


def notebook(worksheet: Worksheet, source: str) -> str:
    """The notebook of an exercise.

    Args:
        worksheet: of the exercise.
        source: the student's source or the solution.
    """
    exercise, heading = worksheet.exercise, worksheet.heading
    introduction = _SOLUTION if source == exercise.solution else heading.introduction
    docstring, *pieces = pieces_of_source(source)
    cells = [_markdown("introduction", f"# {heading.title}\n\n{introduction}\n\n{docstring}")]
    cells += [_code(f"source-{number}", piece) for number, piece in enumerate(pieces, start=1)]
    cells += [
        _markdown("try-it", "## Try it"),
        _code("explain", _EXPLAIN),
        _code("try-out", _tried(heading.try_out)),
    ]
    return notebook_of(cells)


def notebook_of(cells: Sequence[Mapping[str, Any]]) -> str:
    """A notebook of version 4.5 with these cells, as its file has it."""
    value = {
        "cells": cells,
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(value, indent=1, ensure_ascii=False) + "\n"


def pieces_of_source(source: str) -> list[str]:
    """The source's docstring, or "", and then its code: the imports, then each definition."""
    lines = source.splitlines()
    body = ast.parse(source).body
    docstring = ast.get_docstring(ast.parse(source)) or ""
    if docstring:
        del body[0]
    starts = [_first_line(node) for node in body[:1]]
    starts += [_first_line(node) for node in body[1:] if isinstance(node, _DEFINITIONS)]
    ends = [*(start - 1 for start in starts[1:]), len(lines)]
    pieces = ["\n".join(lines[start - 1 : end]) for start, end in zip(starts, ends, strict=True)]
    return [docstring, *(piece.strip("\n") for piece in pieces)]


_DEFINITIONS = (ast.ClassDef, ast.FunctionDef)


def _first_line(node: ast.stmt) -> int:
    """The line that a statement begins on, its decorators included."""
    decorators: Sequence[ast.expr] = getattr(node, "decorator_list", ())
    return min(node.lineno, *(one.lineno for one in decorators), node.lineno)


def _tried(code: str) -> str:
    indented = textwrap.indent(code.strip(), "    ")
    return f"try:\n{indented}\nexcept Exception as error:\n    explain(error)"


def _markdown(name: str, text: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "id": name, "metadata": {}, "source": _lines(text)}


def _code(name: str, text: str) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": name,
        "metadata": {},
        "outputs": [],
        "source": _lines(text),
    }


def _lines(text: str) -> list[str]:
    return text.strip("\n").splitlines(keepends=True)
