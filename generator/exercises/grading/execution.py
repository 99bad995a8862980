"""Runs a text as a notebook runs: statement by statement, going on after errors.

In: a text and a module. Out: the module's names, and a call after each statement, so that what is
needed can be looked at as soon as it exists, before something later breaks or takes long.
"""

from __future__ import annotations
import __future__

import ast
import asyncio
import inspect
import types
import warnings
from collections.abc import Callable

from generator.exercises.grading.pieces import pieces_of
from generator.exercises.grading.shell import Shell, display

FILE = "submission.py"
_FLAGS = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
_FUTURE = __future__.annotations.compiler_flag


class Execution:
    """Runs texts in one module."""

    def __init__(
        self,
        module: types.ModuleType,
        after: Callable[[ast.stmt], None],
        fail: Callable[[BaseException], None],
    ) -> None:
        """Prepares a module.

        Args:
            module: gets the names.
            after: is called after each statement, also after one that failed.
            fail: is given whatever a statement raises.
        """
        self._module, self._after, self._fail = module, after, fail
        self._flags = _FLAGS
        self.shell = Shell(self.run, module.__dict__)
        module.__dict__.update(get_ipython=lambda: self.shell, display=display, In=[], Out={})

    def run(self, text: str) -> None:
        """Runs a text; raises nothing."""
        for piece in pieces_of(text):
            try:
                tree = self._tree(piece.text)
            except BaseException as error:
                if isinstance(error, SyntaxError) and error.lineno is not None:
                    error.lineno += piece.line - 1
                self._fail(error)
                continue
            ast.increment_lineno(tree, piece.line - 1)
            for statement in tree.body:
                self._statement(statement)

    def _tree(self, text: str) -> ast.Module:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            flags = self._flags | ast.PyCF_ONLY_AST
            tree: ast.Module = compile(text, FILE, "exec", flags, dont_inherit=True)
            return tree

    def _statement(self, statement: ast.stmt) -> None:
        try:
            tree = ast.Module([statement], [])
            code = compile(tree, FILE, "exec", self._flags, dont_inherit=True)
            self._flags |= code.co_flags & _FUTURE
            if code.co_flags & inspect.CO_COROUTINE:
                asyncio.run(eval(code, self._module.__dict__))
            else:
                exec(code, self._module.__dict__)
        except BaseException as error:  # SystemExit and KeyboardInterrupt, too
            self._fail(error)
        self._after(statement)
