"""PyTorch's functions, as methods, in `torch`, in `torch.nn.functional`: arguments in, values out.

`called` binds arguments as Python does, so that their order and their names do not matter.
`functions.js` does the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from generator.exercises.meaning import tensors as t
from generator.exercises.meaning.code import UnclearError
from generator.exercises.meaning.tensors import Tensor, is_whole

_DEFAULTS = {"None": None, "True": True, "False": False}


def bound(
    signature: str, places: Sequence[Any], keywords: Mapping[str, Any], *, allow: str = ""
) -> dict[str, Any]:
    """The arguments of a call by name.

    Args:
        signature: names, some with `:` and a default; `*` before the one that takes all other
            places, `|` before those that are given by name only.
        places: arguments without a name.
        keywords: arguments with a name.
        allow: further keywords, which are dropped.

    Raises:
        UnclearError: PyTorch would refuse the call.
    """
    rest = list(places)
    found: dict[str, Any] = {}
    by_name_only = False
    for one in signature.split():
        if one == "|":
            by_name_only = True
            continue
        name, _, default = one.lstrip("*").partition(":")
        if one.startswith("*") and rest:
            is_one = len(rest) == 1 and isinstance(rest[0], tuple)
            found[name], rest = (rest[0] if is_one else tuple(rest)), []
        elif rest and not by_name_only:
            found[name] = rest.pop(0)
        elif name in keywords:
            found[name] = keywords[name]
            continue
        elif not default:
            raise UnclearError
        else:
            found[name] = _DEFAULTS[default] if default in _DEFAULTS else _number(default)
        if name in keywords:
            raise UnclearError
    if rest or set(keywords) - set(found) - set(allow.split()):
        raise UnclearError
    return found


def _number(text: str) -> Any:
    if text[:1].isalpha():
        return text
    return float(text) if "." in text or "e" in text else int(text)


def as_tensor(value: Any) -> Tensor:
    """A tensor, also of a number."""
    if isinstance(value, Tensor):
        return value
    if is_whole(value) or isinstance(value, float):
        return t.filled((), value)
    raise UnclearError


def _of_each(function: Callable[[Any], Any]) -> Callable[[dict[str, Any]], Tensor]:
    def run(given: dict[str, Any]) -> Tensor:
        one = given["input"]
        if not isinstance(one, Tensor):
            raise UnclearError
        with np.errstate(all="ignore"):
            return Tensor(np.asarray(function(one.values), float), one.is_any)

    return run


def _of_two(function: Callable[[Any, Any], Any]) -> Callable[[dict[str, Any]], Tensor]:
    def run(given: dict[str, Any]) -> Tensor:
        one, other = as_tensor(given["input"]), as_tensor(given["other"])
        other = t.combined(other, as_tensor(given.get("alpha", 1)), np.multiply)
        return t.combined(one, other, function)

    return run


def _clamped(given: dict[str, Any]) -> Tensor:
    one = given["input"]
    for limit, function in ((given["min"], np.maximum), (given["max"], np.minimum)):
        if limit is not None:
            one = t.combined(as_tensor(one), as_tensor(limit), function)
    return as_tensor(one)


def _softmax(given: dict[str, Any]) -> Tensor:
    one = as_tensor(given["input"])
    axis = t.axis_of(given["dim"], len(one.shape))
    powers = np.exp(one.values)
    return Tensor(powers / powers.sum(axis, keepdims=True), one.is_any)


def _size(given: dict[str, Any]) -> Any:
    shape = given["input"].shape
    return shape if given["dim"] is None else shape[t.axis_of(given["dim"], len(shape))]


def _moved(given: dict[str, Any]) -> Tensor:
    count = len(given["input"].shape)
    start, end = (t.axis_of(given[name], count) for name in ("source", "destination"))
    order = [axis for axis in range(count) if axis != start]
    return t.permuted(given["input"], [*order[:end], start, *order[end:]])


def _unflattened(given: dict[str, Any]) -> Tensor:
    one, sizes = given["input"], given["sizes"]
    axis = t.axis_of(given["dim"], len(one.shape))
    if not isinstance(sizes, tuple):
        raise UnclearError
    part = t.reshaped(Tensor(np.zeros(one.shape[axis])), sizes).shape
    return t.reshaped(one, (*one.shape[:axis], *part, *one.shape[axis + 1 :]))


def _narrowed(given: dict[str, Any]) -> Tensor:
    start, length = given["start"], given["length"]
    one, at = given["input"], t.axis_of(given["dim"], len(given["input"].shape))
    if not is_whole(start) or not is_whole(length) or not 0 <= start <= one.shape[at] - length:
        raise UnclearError
    if length < 0:
        raise UnclearError
    return t.indexed(one, [*[slice(None)] * at, slice(start, start + length)])


def _selected(given: dict[str, Any]) -> Tensor:
    at = t.axis_of(given["dim"], len(given["input"].shape))
    return t.indexed(given["input"], [*[slice(None)] * at, given["index"]])


def _logistic(values: Any) -> Any:
    return 1 / (1 + np.exp(-values))


# By name: where it is (m: method, t: torch, f: functional, i: also in place), arguments, function.
FUNCTIONS: dict[str, tuple[str, str, Callable[[dict[str, Any]], Any]]] = {
    "abs": ("mti", "input", _of_each(np.abs)),
    "add": ("mti", "input other | alpha:1", _of_two(np.add)),
    "broadcast_to": ("mt", "input *size", lambda g: t.expanded(g["input"], g["size"])),
    "cat": ("t", "tensors dim:0", lambda g: t.joined(g["tensors"], g["dim"])),
    "clamp": ("mti", "input min:None max:None", _clamped),
    "clip": ("mti", "input min:None max:None", _clamped),
    "clone": ("mt", "input", lambda g: t.reshaped(g["input"], g["input"].shape)),
    "concat": ("t", "tensors dim:0", lambda g: t.joined(g["tensors"], g["dim"])),
    "contiguous": ("m", "input", lambda g: t.reshaped(g["input"], g["input"].shape)),
    "cos": ("mti", "input", _of_each(np.cos)),
    "dim": ("m", "input", lambda g: len(g["input"].shape)),
    "div": ("mti", "input other", _of_two(np.divide)),
    "divide": ("mti", "input other", _of_two(np.divide)),
    "exp": ("mti", "input", _of_each(np.exp)),
    "expand": ("m", "input *size", lambda g: t.expanded(g["input"], g["size"])),
    "expand_as": ("m", "input other", lambda g: t.expanded(g["input"], g["other"].shape)),
    "expit": ("s", "input", _of_each(_logistic)),
    "flatten": (
        "mt",
        "input start_dim:0 end_dim:-1",
        lambda g: t.flattened(g["input"], g["start_dim"], g["end_dim"]),
    ),
    "float": ("m", "input", lambda g: g["input"]),
    "index_select": ("mt", "input dim index", lambda g: t.taken(g["input"], g["dim"], g["index"])),
    "log": ("mti", "input", _of_each(np.log)),
    "logsigmoid": ("f", "input", _of_each(lambda v: np.log(_logistic(v)))),
    "moveaxis": ("mt", "input source destination", _moved),
    "movedim": ("mt", "input source destination", _moved),
    "mul": ("mti", "input other", _of_two(np.multiply)),
    "multiply": ("mti", "input other", _of_two(np.multiply)),
    "narrow": ("mt", "input dim start length", _narrowed),
    "neg": ("mti", "input", _of_each(np.negative)),
    "numel": ("mt", "input", lambda g: int(g["input"].values.size)),
    "permute": ("m", "input *dims", lambda g: t.permuted(g["input"], g["dims"])),
    "pow": ("mt", "input other", _of_two(np.power)),
    "reciprocal": ("mti", "input", _of_each(np.reciprocal)),
    "relu": ("mtfi", "input", _of_each(lambda v: np.maximum(v, 0))),
    "repeat": ("m", "input *repeats", lambda g: t.repeated(g["input"], g["repeats"])),
    "reshape": ("m", "input *shape", lambda g: t.reshaped(g["input"], g["shape"])),
    "reshape_as": ("m", "input other", lambda g: t.reshaped(g["input"], g["other"].shape)),
    "select": ("mt", "input dim index", _selected),
    "sigmoid": ("mtfi", "input", _of_each(_logistic)),
    "sin": ("mti", "input", _of_each(np.sin)),
    "size": ("m", "input dim:None", _size),
    "softmax": ("mtf", "input dim", _softmax),
    "sqrt": ("mti", "input", _of_each(np.sqrt)),
    "square": ("mti", "input", _of_each(np.square)),
    "squeeze": ("mt", "input dim:None", lambda g: t.squeezed(g["input"], g["dim"])),
    "stack": ("t", "tensors dim:0", lambda g: t.stacked(g["tensors"], g["dim"])),
    "sub": ("mti", "input other | alpha:1", _of_two(np.subtract)),
    "subtract": ("mti", "input other | alpha:1", _of_two(np.subtract)),
    "swapaxes": (
        "mt",
        "input axis0 axis1",
        lambda g: t.transposed(g["input"], g["axis0"], g["axis1"]),
    ),
    "swapdims": ("mt", "input dim0 dim1", lambda g: t.transposed(g["input"], g["dim0"], g["dim1"])),
    "t": ("mt", "input", lambda g: transposed_matrix(g["input"])),
    "tanh": ("mtfi", "input", _of_each(np.tanh)),
    "transpose": (
        "mt",
        "input dim0 dim1",
        lambda g: t.transposed(g["input"], g["dim0"], g["dim1"]),
    ),
    "true_divide": ("mti", "input other", _of_two(np.divide)),
    "unflatten": ("mt", "input dim sizes", _unflattened),
    "unsqueeze": ("mt", "input dim", lambda g: t.unsqueezed(g["input"], g["dim"])),
    "view": ("m", "input *size", lambda g: t.viewed(g["input"], g["size"])),
    "view_as": ("m", "input other", lambda g: t.viewed(g["input"], g["other"].shape)),
}
# As functions of `torch` they take their sizes as one tuple.
_TUPLES = {"permute": "input dims", "reshape": "input shape"}


def transposed_matrix(one: Any) -> Tensor:
    """`x.T` and `x.t()`, for two axes."""
    if not isinstance(one, Tensor) or len(one.shape) != 2:
        raise UnclearError
    return t.permuted(one, (1, 0))


def called(place: str, name: str, places: Sequence[Any], keywords: Mapping[str, Any]) -> Any:
    """What a function makes of its arguments.

    Args:
        place: `m` for a method, whose tensor is the first of `places`, `t` for `torch`, `f` for
            `torch.nn.functional`, `s` for `torch.special`.
        name: of the function.
        places: arguments without a name.
        keywords: arguments with a name.

    Raises:
        UnclearError: it is not known here, or PyTorch would stop.
    """
    if place == "t" and name in _TUPLES:
        places_of, signature, function = "t", _TUPLES[name], FUNCTIONS[name][2]
    elif place == "m" and name.endswith("_") and "i" in FUNCTIONS.get(name[:-1], ("",))[0]:
        places_of, signature, function = FUNCTIONS[name[:-1]]
    else:
        places_of, signature, function = FUNCTIONS.get(name, ("", "", as_tensor))
    if not place or place not in places_of:
        raise UnclearError
    given = bound(signature, places, keywords)
    for key in ("input", "other"):
        may_be_number = name in _OF_NUMBERS and (key == "other" or place == "t")
        if key in given and not may_be_number and not isinstance(given[key], Tensor):
            raise UnclearError
    for key in ("size", "shape", "sizes", "dims", "repeats"):
        if key in given and not isinstance(given[key], tuple):
            given[key] = (given[key],)
    if name == "index_select" and not isinstance(given["index"], tuple):
        raise UnclearError
    result = function(given)
    if name.endswith("_") and result.shape != given["input"].shape:
        raise UnclearError
    return result


_OF_NUMBERS = {
    f"{name}{end}"
    for name in ("add", "div", "divide", "mul", "multiply", "pow", "sub", "subtract", "true_divide")
    for end in ("", "_")
}
