"""What is made of numbers: tensors that `torch` makes of sizes, and Python's own functions.

Arguments in, a tensor, a number or a tuple out. `functions.js` does the same.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from generator.exercises.meaning import tensors as t
from generator.exercises.meaning.code import UnclearError
from generator.exercises.meaning.functions import bound
from generator.exercises.meaning.tensors import Tensor, is_whole

MADE = {
    "rand", "randn", "empty", "zeros", "ones", "full", "normal", "arange", "Tensor", "FloatTensor",
    "zeros_like", "ones_like", "rand_like", "randn_like", "empty_like",
}  # fmt: skip
"""The functions of `torch` that `made` knows."""
FILLING = {
    "xavier_uniform_", "xavier_normal_", "kaiming_uniform_", "kaiming_normal_", "normal_",
    "uniform_", "zeros_", "ones_", "trunc_normal_", "orthogonal_",
}  # fmt: skip
"""The functions of `torch.nn.init` that fill a tensor."""
_OPTIONS = "dtype device requires_grad generator layout pin_memory"
_ROUNDED: dict[str, Callable[[float], float]] = {
    "int": int,
    "trunc": int,
    "floor": math.floor,
    "ceil": math.ceil,
    "round": round,
    "float": float,
}


def made(name: str, places: Sequence[Any], keywords: Mapping[str, Any]) -> Any:
    """A tensor that `torch` makes of sizes, or the integers of `arange`.

    Raises:
        UnclearError: it is not known here, or PyTorch would stop.
    """
    if keywords.get("dtype") not in (None, "float32"):
        raise UnclearError
    is_random = name in ("rand", "randn", "empty", "Tensor", "FloatTensor")
    if is_random or name in ("zeros", "ones"):
        size = bound("*size", places, keywords, allow=_OPTIONS)["size"]
        sizes = size if isinstance(size, tuple) else (size,)
        if name.endswith("Tensor") and (keywords or isinstance(places[0], tuple)):
            raise UnclearError  # a tuple would be the tensor's numbers
        return t.filled(sizes, float(name == "ones"), is_any=is_random)
    if name == "full":
        given = bound("size fill_value", places, keywords, allow=_OPTIONS)
        value = given["fill_value"]
        if not isinstance(given["size"], tuple) or not (
            is_whole(value) or isinstance(value, float)
        ):
            raise UnclearError
        return t.filled(given["size"], float(value))
    if name == "normal":
        given = bound("mean std *size", places, keywords, allow=_OPTIONS)
        if not isinstance(given["size"], tuple):
            raise UnclearError
        return t.filled(given["size"], is_any=True)
    if name == "arange":
        given = bound("start end:None step:1", places, keywords)
        ends = (given["start"], given["end"], given["step"])
        start, end = (0, ends[0]) if ends[1] is None else ends[:2]
        if not all(map(is_whole, (start, end, ends[2]))) or ends[2] < 1:
            raise UnclearError
        if abs(start) > 1000 or abs(end) > 1000:
            raise UnclearError
        return tuple(range(start, end, ends[2]))
    if name.endswith("_like"):
        one = bound("input", places, keywords, allow=_OPTIONS)["input"]
        if not isinstance(one, Tensor):
            raise UnclearError
        return made(name[:-5], [one.shape], {})
    raise UnclearError


def of_integers(name: str, places: Sequence[Any], keywords: Mapping[str, Any]) -> Any:
    """Python's own functions of numbers and tuples.

    Raises:
        UnclearError: it is not known here, or Python would stop.
    """
    if keywords or not 1 <= len(places) <= 3:
        raise UnclearError
    first = places[0]
    is_number = is_whole(first) or (isinstance(first, float) and math.isfinite(first))
    if name in _ROUNDED and is_number and len(places) == 1:
        return _ROUNDED[name](first)
    if name == "len" and isinstance(first, tuple) and len(places) == 1:
        return len(first)
    if name == "len" and isinstance(first, Tensor) and first.shape and len(places) == 1:
        return first.shape[0]
    if name in ("tuple", "list") and isinstance(first, tuple) and len(places) == 1:
        return first
    if name == "range":
        return made("arange", places, {})
    if name == "slice":
        return slice(*places)
    raise UnclearError
