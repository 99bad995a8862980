"""A source with a class in it -> what is observed of the class, as JSON values. Needs torch.

In: Python that nobody has read. Out: a dictionary that `observation.Observation` describes:
names and shapes of the state, and with shared weights what passes through the model. It judges
nothing: it shares its process with the submission, so another process, which never ran the
submission, compares the results.
"""

from __future__ import annotations

import ast
import sys
import traceback
import types
from collections.abc import Callable
from typing import Any

import torch
import torchvision.models  # noqa: F401, imported before the clock of a submission runs
from torch import nn

from generator.exercises.grading.execution import FILE, Execution
from generator.exercises.grading.look import Look, cut
from generator.exercises.grading.request import CLASS_NAME, Case
from generator.exercises.grading.stand_ins import StandIns
from generator.exercises.grading.weights import Weights

_MOST_ERRORS = 20
_BLANK = "____"


class Probe:
    """Runs sources and looks at their classes; keeps the shared weights."""

    def __init__(self) -> None:
        self._case = Case()
        self._weights = Weights()
        self._stand_ins = StandIns()

    def warm_up(self) -> None:
        """Lets PyTorch look at the processor while it can; in a confined process it cannot."""
        image = torch.randn(1, 3, 8, 8)
        nn.functional.conv2d(image, torch.randn(4, 3, 3, 3)).flatten(1) @ torch.randn(144, 2)

    def prepare(self, case: Case) -> None:
        """Takes a case, and draws its weights; forks of this process have them, too."""
        self._case = case
        self._weights.draw(case.state)

    def observe(
        self, source: str, publish: Callable[[dict[str, Any]], None] | None = None
    ) -> dict[str, Any]:
        """Runs a source; returns what was observed, errors of the source included.

        Args:
            source: cells, with `BOUNDARY` between them.
            publish: is given what was observed so far, each time that is more than before.
        """
        finders = list(sys.meta_path)
        sys.meta_path.append(self._stand_ins)
        path = list(sys.path)
        sys.path.insert(0, "")  # a cell may write a file and the next import it
        try:
            return _Observing(self._case, self._weights, self._stand_ins, publish).run(source)
        finally:
            sys.meta_path[:] = finders
            sys.path[:] = path
            self._stand_ins.forget()


class _Observing:
    """The observation of one source, as it grows."""

    def __init__(
        self,
        case: Case,
        weights: Weights,
        stand_ins: StandIns,
        publish: Callable[[dict[str, Any]], None] | None,
    ) -> None:
        self._case, self._weights, self._stand_ins = case, weights, stand_ins
        self._publish = publish or (lambda _: None)
        self._module = types.ModuleType("submission")
        self._module.__file__ = FILE
        self._errors: list[dict[str, Any]] = []
        self._looked: dict[str, Any] = {"state": None, "runs": []}
        self._kind: object = None
        self._complete = False
        self._changed = False
        self._loaded = set(sys.modules)

    def run(self, source: str) -> dict[str, Any]:
        """Runs the source and looks at its class as soon as it exists."""
        sys.modules["submission"] = self._module
        execution = Execution(self._module, self._after, self._failed)
        execution.run(source)
        for text in execution.shell.written.values():
            if self._kind is None and CLASS_NAME in text:  # a file that nothing imports
                execution.run(text)
        kind = self._module.__dict__.get(CLASS_NAME)
        if isinstance(kind, type) and kind is self._kind and self._changed:
            self._look(kind)
        for name in set(sys.modules) - self._loaded:  # files of this submission
            if getattr(sys.modules[name], "__file__", None) in _files(execution.shell.written):
                del sys.modules[name]
        return self._seen()

    def _seen(self) -> dict[str, Any]:
        return {
            **self._looked,
            "errors": [*self._errors, *self._looked.get("errors", [])],
            "classes": _modules_of(self._module),
            "stand_ins": sorted(cut(one) for one in self._stand_ins.names)[:20],
        }

    def _failed(self, error: BaseException) -> None:
        if len(self._errors) < _MOST_ERRORS:
            self._errors.append(described(error, "import"))

    def _after(self, statement: ast.stmt) -> None:
        """Looks at the class if the statement made one."""
        kind = self._module.__dict__.get(CLASS_NAME)
        if not isinstance(kind, type) or not issubclass(kind, nn.Module):
            return
        if kind is self._kind:
            self._changed |= self._looked.get("errors", []) != [] or _sets_in_class(statement)
            return
        complete = not _has_blank(statement)
        if self._kind is not None and self._complete and not complete:
            return  # of several copies the last complete one counts
        self._kind, self._complete, self._changed = kind, complete, False
        self._look(kind)

    def _look(self, kind: Callable[..., nn.Module]) -> None:
        self._stand_ins.are_silent = False
        try:
            self._looked = Look(self._case, self._weights, described).at(kind)
        except BaseException as error:  # the submission broke PyTorch itself
            self._looked = {"state": None, "runs": [], "errors": [described(error, "build")]}
        finally:
            self._stand_ins.are_silent = True
        self._changed = False
        self._publish(self._seen())


def _files(written: dict[str, str]) -> set[str]:
    from pathlib import Path

    return {str(Path(name).resolve()) for name in written}


def _has_blank(statement: ast.stmt) -> bool:
    return any(isinstance(one, ast.Name) and one.id == _BLANK for one in ast.walk(statement))


def _sets_in_class(statement: ast.stmt) -> bool:
    """Whether a statement gives the class another method or attribute."""
    targets = statement.targets if isinstance(statement, ast.Assign) else []
    return any(isinstance(one, ast.Attribute) for one in targets)


def _modules_of(module: types.ModuleType) -> list[str]:
    """Names of the network classes in a module that it did not import."""
    return [
        cut(name)
        for name, value in list(module.__dict__.items())
        if isinstance(value, type) and issubclass(value, nn.Module)
        if value.__module__ == module.__name__ or name == CLASS_NAME
    ][:20]


def described(error: BaseException, stage: str) -> dict[str, Any]:
    """An error as JSON values, with the last line of the submission in its traceback."""
    try:
        text = str(error)
    except BaseException:
        text = ""
    line = error.lineno if isinstance(error, SyntaxError) else None
    for frame, number in traceback.walk_tb(error.__traceback__):
        if frame.f_code.co_filename == FILE:
            line = number
    if isinstance(error, SyntaxError) and error.filename == FILE:
        text = error.msg
    kind = cut(type(error).__name__)
    first = cut(next(iter(text.splitlines()), ""))
    return {"stage": stage, "kind": kind, "text": first, "line": line}
