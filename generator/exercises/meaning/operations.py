"""Signs and brackets: numbers, tuples and tensors in, what Python makes of them out.

`evaluate.js` does the same.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from generator.exercises.meaning import functions
from generator.exercises.meaning import tensors as t
from generator.exercises.meaning.code import UnclearError
from generator.exercises.meaning.tensors import Tensor, is_whole

_SIGNS = {"+": "add", "-": "sub", "*": "mul", "/": "div", "**": "pow"}
_MOST = 2**50


def signed(sign: str, value: Any) -> Any:
    """A value with a sign.

    Raises:
        UnclearError: it is neither a number nor a tensor.
    """
    if isinstance(value, Tensor):
        return functions.called("m", "neg", [value], {}) if sign == "-" else value
    if not is_whole(value) and not isinstance(value, float):
        raise UnclearError
    return -value if sign == "-" else value


def combined(sign: str, one: Any, other: Any) -> Any:
    """Two values with a sign between them.

    Raises:
        UnclearError: Python would stop, or it is not known here.
    """
    if isinstance(one, Tensor) or isinstance(other, Tensor):
        if sign not in _SIGNS:
            raise UnclearError
        numbers = [functions.as_tensor(one), functions.as_tensor(other)]
        return functions.called("t", _SIGNS[sign], numbers, {})
    if isinstance(one, tuple) and isinstance(other, tuple) and sign == "+":
        return one + other
    return _arithmetic(sign, one, other)


def _arithmetic(sign: str, one: Any, other: Any) -> int | float:
    """Python's arithmetic, as far as numbers of usual size go."""
    both = (one, other)
    if not all(is_whole(value) or isinstance(value, float) for value in both):
        raise UnclearError
    if sign in ("/", "//", "%") and other == 0:
        raise UnclearError
    if sign in (">>", "<<", "**") and not (all(map(is_whole, both)) and 0 <= other <= 40):
        raise UnclearError
    results: dict[str, Callable[[], Any]] = {
        "+": lambda: one + other,
        "-": lambda: one - other,
        "*": lambda: one * other,
        "/": lambda: one / other,
        "//": lambda: one // other,
        "%": lambda: one % other,
        "**": lambda: one**other,
        ">>": lambda: one >> other,
        "<<": lambda: one << other,
    }
    if sign not in results:
        raise UnclearError
    result = results[sign]()
    if abs(result) > _MOST or not math.isfinite(result):
        raise UnclearError
    return result  # type: ignore[no-any-return]


def indexed(owner: Tensor, indices: list[Any]) -> Tensor:
    """A tensor's part; at most one index may be several places.

    Raises:
        UnclearError: PyTorch would stop, or it is not known here.
    """
    if sum(isinstance(index, tuple) for index in indices) > 1:
        raise UnclearError
    for index in indices:
        if not (
            index is None or index is ... or is_whole(index) or isinstance(index, slice | tuple)
        ):
            raise UnclearError
    return t.indexed(owner, indices)
