"""A file with a class, or the class itself -> the class, and the syntax of its methods.

In: a path of a `.py` or `.ipynb` file, or a class. Out: a `Written`. A file is run statement by
statement down to the last copy of the class that has no blank, going on after errors. It is the
student's own file on the student's own computer; the grader runs files elsewhere.
"""

from __future__ import annotations
import __future__

import ast
import inspect
import linecache
import re
import types
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from generator.exercises.grading.pieces import Effort, class_in, parsed, pieces_of_cell
from generator.exercises.homework.detr_check.reading import NotebookError, read_hand_in

BLANK = "____"
_FILE = "<what you wrote>"
_FUTURE = __future__.annotations.compiler_flag


@dataclass(frozen=True)
class Written:
    """What a student wrote.

    Attributes:
        kind: the class; None if there is none.
        text: its source, "" if it cannot be had.
        methods: the syntax of its methods, by name.
        problem: why there is no class, a sentence.
    """

    kind: type[Any] | None
    text: str = ""
    methods: dict[str, ast.FunctionDef] = field(default_factory=dict)
    problem: str = ""


def written(target: Any, name: str) -> Written:
    """Reads a class, or a file with one.

    Args:
        target: a path or a class.
        name: of the class.
    """
    if isinstance(target, type):
        text = _text_of(target)
        return Written(target, text, _methods(text, target.__name__))
    path = Path(target)
    try:
        cells = list(_cells(path))
    except OSError as error:
        return Written(None, problem=f"{path}: {error.strerror or 'cannot be read'}.")
    except NotebookError as error:
        return Written(None, problem=f"{path} {error}.")
    return _from_cells(cells, name)


def _text_of(kind: type[Any]) -> str:
    """The source of a class; of one in a notebook's cell, by the cell that its methods name."""
    try:
        return inspect.getsource(kind)
    except (OSError, TypeError):
        codes = (getattr(one, "__code__", None) for one in vars(kind).values())
        files = [code.co_filename for code in codes if code is not None]
        text = "".join(linecache.getlines(files[-1])) if files else ""
        return class_in(text, kind.__name__) or ""


def _cells(path: Path) -> Iterator[str]:
    """The cells of a notebook, or the one text of a Python file."""
    content = path.read_bytes()
    if path.suffix.lower() == ".ipynb":
        yield from (part.source for part in read_hand_in(content).parts if part.is_code)
    else:
        yield content.decode("utf-8-sig", "replace")


def _from_cells(cells: list[str], name: str) -> Written:
    statements: list[tuple[ast.stmt, str]] = []
    broken, effort = "", Effort()
    for cell in cells:
        for piece in pieces_of_cell(_without_magics(cell).split("\n"), effort):
            if piece.is_python:
                statements += [(one, piece.text) for one in parsed(piece).body]
            elif re.search(rf"^\s*class\s+{name}\b", piece.text, re.MULTILINE):
                broken = f"The class is not valid Python{_where(piece.text)}."
    places = [
        number
        for number, (one, _) in enumerate(statements)
        if isinstance(one, ast.ClassDef) and one.name == name
    ]
    complete = [one for one in places if BLANK not in ast.unparse(statements[one][0])]
    if not places:
        text = class_in("\n".join(cells), name) or ""
        return Written(None, text, problem=broken or f"There is no class `{name}`.")
    last = (complete or places)[-1]
    module = types.ModuleType("written")
    problem = ""
    for number, (statement, _) in enumerate(statements):
        if number > last and not _completes(statement, name):
            continue
        try:
            code = compile(ast.Module([statement], []), _FILE, "exec", _FUTURE, dont_inherit=True)
            exec(code, module.__dict__)
        except Exception as error:
            problem = problem if number > last else f"{type(error).__name__}: {error}"
    text = ast.get_source_segment(statements[last][1], statements[last][0]) or ""
    linecache.cache[_FILE] = (len(text), None, statements[last][1].splitlines(keepends=True), _FILE)
    kind = module.__dict__.get(name)
    if not isinstance(kind, type):
        return Written(None, text, problem=f"The class cannot be made: {problem}")
    return Written(kind, text, _methods(text, name))


def _completes(statement: ast.stmt, name: str) -> bool:
    """Whether what stands behind the class is still needed: what it calls, or a method of it."""
    if isinstance(statement, ast.FunctionDef | ast.Import | ast.ImportFrom):
        return True
    targets = statement.targets if isinstance(statement, ast.Assign) else []
    owners = [one.value for one in targets if isinstance(one, ast.Attribute)]
    return any(isinstance(one, ast.Name) and one.id == name for one in owners)


def _without_magics(cell: str) -> str:
    """A cell whose lines for the shell and for IPython are empty, continued ones too."""
    rows, goes_on = [], False
    for row in cell.split("\n"):
        is_shell = goes_on or row.lstrip().startswith(("%", "!"))
        goes_on = is_shell and row.rstrip().endswith("\\")
        rows.append("" if is_shell else row)
    return "\n".join(rows)


def _where(text: str) -> str:
    try:
        ast.parse(text)
    except SyntaxError as error:
        line = (error.text or "").strip()
        return f": {error.msg}, near `{line}`" if line else f": {error.msg}"
    except (ValueError, RecursionError, MemoryError):
        pass
    return ""


def _methods(text: str, name: str) -> dict[str, ast.FunctionDef]:
    try:
        tree = ast.parse(inspect.cleandoc("\n" + text) if text.startswith((" ", "\t")) else text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {}
    return {
        method.name: method
        for one in ast.walk(tree)
        if isinstance(one, ast.ClassDef) and one.name == name
        for method in one.body
        if isinstance(method, ast.FunctionDef)
    }
