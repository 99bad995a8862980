"""An answer as typed -> the text in which answers are compared.

In: the answer, and what stands around its blank. Out: a `Form`: what the whole line comes to with
the answer in it; if that stops, what the answer comes to by itself; if that stops too, the answer's
spelling. Numbers are told to seven digits, so that the order of sums does not matter.
`form.js` does the same.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from generator.exercises.meaning import tensors as t
from generator.exercises.meaning.code import Node, UnclearError, statements_of, tokens_of
from generator.exercises.meaning.evaluate import Evaluator, Known, Parts, Path
from generator.exercises.meaning.functions import as_tensor
from generator.exercises.meaning.layers import Layer
from generator.exercises.meaning.tensors import Tensor
from generator.exercises.normal_form import normal_form

Frame = tuple[str, str]


@dataclass(frozen=True)
class Surroundings:
    """What stands around a blank.

    Attributes:
        frames: code that may be typed along with the answer, in normal form.
        around: the code of the line's value before and after the answer.
        is_block: whether the answer is whole statements.
        scope: statements that make the names that the answer may use; "" if nothing is told, and
            then only spellings are compared.
    """

    frames: tuple[Frame, ...]
    around: Frame = ("", "")
    is_block: bool = False
    scope: str = ""


@dataclass(frozen=True)
class Form:
    """An answer as it is compared.

    Attributes:
        kind: `line` for what the line comes to, `answer` for what the answer comes to,
            `spelling` for its text.
        text: of that kind.
        spelling: its text in normal form, whatever the kind is.
        missing: the name that is not there, if the line stops for that.
    """

    kind: Literal["line", "answer", "spelling"]
    text: str
    spelling: str
    missing: str = ""

    @property
    def keys(self) -> tuple[str, str]:
        """What is hashed: its spelling, and what it comes to."""
        return f"spelling {self.spelling}", f"{self.kind} {self.text}"


@functools.lru_cache(maxsize=4096)  # a build asks for the same forms in every page
def form_of(surroundings: Surroundings, typed: str) -> Form:
    """The form of an answer, or of the whole line with the answer."""
    missing = ""
    spelling = without_frame(normal_form(typed), surroundings.frames)
    if surroundings.scope:
        try:
            tokens = _without_frame(tokens_of(typed), surroundings.frames)
            before, after = map(tokens_of, surroundings.around)
            whole = [*before, *tokens, *after]
            try:
                return Form("line", _text_of(whole, surroundings), spelling)
            except UnclearError as stop:
                missing = stop.missing
            if before or after:
                return Form("answer", _text_of(tokens, surroundings), spelling, missing)
        except (UnclearError, RecursionError):
            pass
    return Form("spelling", spelling, spelling, missing)


def _text_of(tokens: Sequence[str], surroundings: Surroundings) -> str:
    """What code comes to, as text."""
    statements = statements_of(tokens)
    evaluator = _scope_of(surroundings.scope)
    if surroundings.is_block:
        before = _written(evaluator.names["self"])
        evaluator.run(statements)
        after = _written(evaluator.names["self"])
        if after == before:
            raise UnclearError  # statements that do nothing are told apart by their spelling
        return after
    return _written(evaluator.value(_only_value(statements)))


def _only_value(statements: Sequence[Node]) -> Node:
    if len(statements) != 1 or statements[0][0] != "value":
        raise UnclearError
    node: Node = statements[0][1]
    return node


def _scope_of(scope: str) -> Evaluator:
    """An evaluator that knows the names of a scope.

    Raises:
        UnclearError: the scope itself cannot be worked out.
    """
    seeds = iter(range(1, 1000))
    helpers: dict[str, Callable[..., Any]] = {
        "parts": lambda *names: Parts("", {name: name for name in names}),
        "probe": lambda *sizes: t.probe(sizes, next(seeds)),
        "returns": _returning,
        "mapping": lambda count: _mapping(count, next(seeds)),
    }
    evaluator = Evaluator({"self": Parts("self")}, helpers)
    evaluator.run(_scope_statements(scope))
    return Evaluator(evaluator.names, {})


@functools.lru_cache(maxsize=64)
def _scope_statements(scope: str) -> list[Node]:
    return statements_of(tokens_of(scope))


def _returning(value: Any, *expected: Any) -> Known:
    """A method that returns a value when it is given what is expected."""

    def function(places: Sequence[Any]) -> Any:
        if _written(tuple(places)) != _written(tuple(expected)):
            raise UnclearError
        return value

    return Known(function)


def _mapping(count: int, seed: int) -> Known:
    """A layer that makes `count` numbers of each token, each a mean of some of the token's."""

    def function(places: Sequence[Any]) -> Any:
        if len(places) != 1 or not isinstance(places[0], Tensor) or not places[0].shape:
            raise UnclearError
        one = as_tensor(places[0])
        weights = t.probe((one.shape[-1], count), seed).values
        return Tensor(one.values @ weights, one.is_any)

    return Known(function)


def _written(value: Any) -> str:
    """A value as text, the same for equal values."""
    if isinstance(value, Tensor):
        numbers = "any" if value.is_any else " ".join(map(_number, value.values.ravel()))
        return f"tensor{_written(value.shape)}[{numbers}]"
    if isinstance(value, tuple):
        return f"({' '.join(map(_written, value))})"
    if isinstance(value, float):
        return f"~{_number(value)}"
    if isinstance(value, Layer):
        settings = (f"{name}:{_written(one)}" for name, one in sorted(value.settings.items()))
        return f"{value.name}({' '.join(settings)})"
    if isinstance(value, Parts):
        left = {name: one for name, one in value.parts.items() if not _is_nothing(one)}
        return f"parts({' '.join(f'{name}:{_written(one)}' for name, one in sorted(left.items()))})"
    if value is None or isinstance(value, bool | int | str):
        return f"'{value}'" if isinstance(value, str) else str(value)
    if isinstance(value, Path):
        return f"path {value.name}"
    raise UnclearError


def _is_nothing(value: Any) -> bool:
    """Whether a part is as good as gone."""
    return value is None or (isinstance(value, Layer) and value.is_empty)


def _number(value: float | np.float64) -> str:
    """A number to seven digits, written alike in Python and in the page."""
    if not math.isfinite(value):
        raise UnclearError
    if value == 0:
        return "0"
    digits, _, power = f"{value:.6e}".partition("e")
    return f"{digits}e{int(power)}"


def without_frame(form: str, frames: Sequence[Frame]) -> str:
    """An answer in normal form, without the code around the blank if that was typed too."""
    for before, after in frames:
        inner = form[len(before) : len(form) - len(after)]
        if inner and form == before + inner + after and _brackets_match(inner):
            return inner
    return form


def _without_frame(tokens: list[str], frames: Sequence[Frame]) -> list[str]:
    """The same for tokens."""
    for frame in frames:
        before, after = (_frame_tokens(code) for code in frame)
        end = len(tokens) - len(after)
        inner = tokens[len(before) : end]
        if inner and tokens == [*before, *inner, *after] and _brackets_match(inner):
            return inner
    return tokens


@functools.lru_cache(maxsize=256)
def _frame_tokens(code: str) -> tuple[str, ...]:
    return tuple(tokens_of(code))


def _brackets_match(form: Sequence[str]) -> bool:
    depth = 0
    for character in form:
        depth += (character in "([{") - (character in ")]}")
        if depth < 0:
            return False
    return depth == 0
