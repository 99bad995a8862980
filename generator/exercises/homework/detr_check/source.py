"""A file with a class, or the class itself -> the class, and the syntax of its methods.

In: a path of a `.py` or `.ipynb` file, or a class. Out: a `Written`. A file is run statement by statement
down to the last copy of the class that has no blank, going on after errors. It is the student's own
file on the student's own computer; the grader runs files elsewhere.
"""

from __future__ import annotations
import __future__

import ast
import inspect
import linecache
import types
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

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
        try:
            text = inspect.getsource(target)
        except (OSError, TypeError):  # typed at a prompt
            text = ""
        return Written(target, text, _methods(text, target.__name__))
    path = Path(target)
    try:
        cells = list(_cells(path))
    except OSError as error:
        return Written(None, problem=f"{path}: {error.strerror or 'cannot be read'}.")
    except NotebookError as error:
        return Written(None, problem=f"{path} {error}.")
    return _from_cells(cells, name)


def _cells(path: Path) -> Iterator[str]:
    """The cells of a notebook, or the one text of a Python file."""
    content = path.read_bytes()
    if path.suffix.lower() == ".ipynb":
        yield from (part.source for part in read_hand_in(content).parts if part.is_code)
    else:
        yield content.decode("utf-8-sig", "replace")


def _from_cells(cells: list[str], name: str) -> Written:
    statements, broken = [], ""
    for cell in cells:
        text = "\n".join("" if row.lstrip().startswith(("%", "!")) else row for row in cell.split("\n"))
        try:
            statements += [(one, text) for one in ast.parse(text).body]
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            if name in cell:
                line = f", line {error.lineno}" if isinstance(error, SyntaxError) else ""
                broken = f"The class is not valid Python{line}: {getattr(error, 'msg', error)}."
    places = [
        number
        for number, (one, _) in enumerate(statements)
        if isinstance(one, ast.ClassDef) and one.name == name
    ]
    complete = [one for one in places if BLANK not in ast.unparse(statements[one][0])]
    if not places:
        return Written(None, problem=broken or f"There is no class `{name}`.")
    last = (complete or places)[-1]
    module = types.ModuleType("written")
    problem = ""
    for statement, _ in statements[: last + 1]:
        try:
            code = compile(ast.Module([statement], []), _FILE, "exec", _FUTURE, dont_inherit=True)
            exec(code, module.__dict__)
        except Exception as error:
            problem = f"{type(error).__name__}: {error}"
    text = ast.get_source_segment(statements[last][1], statements[last][0]) or ""
    linecache.cache[_FILE] = (len(text), None, statements[last][1].splitlines(keepends=True), _FILE)
    kind = module.__dict__.get(name)
    if not isinstance(kind, type):
        return Written(None, text, problem=f"The class cannot be made: {problem}")
    return Written(kind, text, _methods(text, name))


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
