"""A submission -> what it uses that reaches out of a class, for the instructor to look at.

In: a submission's text. Out: names. Nothing is proved by them: a notebook may open its picture. It
runs nothing.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from generator.exercises.grading.pieces import parsed, pieces_of

_ALWAYS = frozenset({"ctypes", "gc", "sys.modules", "sys._getframe"})
"""No homework needs these; inside the process they may deceive the grader."""
_UNCONFINED = _ALWAYS | {"open", "os", "subprocess", "shutil", "socket", "multiprocessing"}
_MODULES = frozenset(name for name in _UNCONFINED if "." not in name and name != "open")


def names_that_reach_out(text: str, confined: bool) -> tuple[str, ...]:
    """Names in a text, sorted.

    Args:
        text: of a submission.
        confined: whether the system keeps it from files, processes and the network.
    """
    wanted = _ALWAYS if confined else _UNCONFINED
    found = {
        name
        for piece in pieces_of(text)
        if piece.is_python
        for node in ast.walk(parsed(piece))
        for name in _names_in(node)
    }
    return tuple(sorted(found & wanted))


def _names_in(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Import(names=names):
            yield from (one.name.partition(".")[0] for one in names)
        case ast.ImportFrom(module=str(module), names=names):
            top = module.partition(".")[0]
            yield top
            yield from (f"{top}.{one.name}" for one in names)
        case ast.Attribute(value=ast.Name(id=name), attr=attribute):
            yield f"{name}.{attribute}"
        case ast.Call(func=ast.Name(id="__import__"), args=[ast.Constant(value=str(name)), *_]):
            yield name.partition(".")[0]
        case ast.Call(func=ast.Name(id=name)):
            yield name if name not in _MODULES else ""
        case _:
            return
