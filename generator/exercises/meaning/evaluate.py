"""Statements -> what they come to: values by name in, a value or changed names out.

`self` is a `Parts`, `torch.nn` a `Path`; whatever is not known is an `UnclearError`, which tells a
name that is missing. `evaluate.js` does the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from generator.exercises.meaning import functions, layers, making, operations
from generator.exercises.meaning import tensors as t
from generator.exercises.meaning.code import Node, UnclearError
from generator.exercises.meaning.layers import Layer
from generator.exercises.meaning.tensors import Tensor

_MODULES = {
    "torch": "torch",
    "nn": "torch.nn",
    "F": "torch.nn.functional",
    "np": "numpy",
    "numpy": "numpy",
    "math": "math",
}
_BUILT_IN = {"int", "float", "round", "len", "range", "slice", "tuple", "list"}
_PARTS_OF = {"delattr", "setattr", "getattr"}
_CONSTANTS = {"None": None, "True": True, "False": False}


@dataclass(frozen=True)
class Path:
    """A dotted name in a library, such as `torch.nn`."""

    name: str

    def __str__(self) -> str:
        return self.name


@dataclass
class Parts:
    """An object with attributes that can be taken away, such as `self`."""

    name: str
    parts: dict[str, Any] = field(default_factory=dict)

    def taken(self, name: Any) -> Any:
        """An attribute.

        Raises:
            UnclearError: tells the name if there is no such attribute.
        """
        if name not in self.parts:
            raise UnclearError(f"{self.name}.{name}" if isinstance(name, str) else "")
        return self.parts[name]


@dataclass(frozen=True)
class Known:
    """A function of the object, of which only what it returns is known."""

    function: Callable[[Sequence[Any]], Any]


@dataclass(frozen=True)
class _Method:
    owner: Any
    name: str


class Evaluator:
    """Works statements out with names of its own.

    Args:
        names: values by name; `self` among them.
        helpers: functions by name that only the scope of an exercise may use.
    """

    def __init__(self, names: dict[str, Any], helpers: dict[str, Callable[..., Any]]) -> None:
        self.names = names
        self._helpers = helpers

    def run(self, statements: Sequence[Node]) -> None:
        """Runs statements for what they do.

        Raises:
            UnclearError: Python would stop, or something is not known here.
        """
        for kind, *rest in statements:
            if kind == "del":
                for target in rest[0]:
                    self._delete(target)
            elif kind == "set":
                self._set(rest[0], self.value(rest[1]))
            else:
                self.value(rest[0])

    def value(self, node: Node) -> Any:
        """The value of an expression.

        Raises:
            UnclearError: Python would stop, or something is not known here.
        """
        kind, *rest = node
        if kind in ("number", "text"):
            return rest[0]
        if kind == "ellipsis":
            return ...
        if kind == "tuple":
            return tuple(self._all(rest[0]))
        if kind == "name":
            return self._named(rest[0])
        if kind == "part":
            return self._part(self.value(rest[0]), rest[1])
        if kind == "call":
            keywords = {name: self.value(one) for name, one in rest[2].items()}
            return self._call(self.value(rest[0]), self._all(rest[1]), keywords)
        if kind == "index":
            return self._index(self.value(rest[0]), [self.value(one) for one in rest[1]])
        if kind == "slice":
            return slice(*(None if part is None else self.value(part) for part in rest))
        if kind == "sign":
            return operations.signed(rest[0], self.value(rest[1]))
        if kind == "operation":
            return operations.combined(rest[0], self.value(rest[1]), self.value(rest[2]))
        raise UnclearError

    def _all(self, nodes: Sequence[Node]) -> list[Any]:
        found: list[Any] = []
        for node in nodes:
            value = self.value(node[1] if node[0] == "star" else node)
            if node[0] != "star":
                found.append(value)
            elif isinstance(value, tuple):
                found += value
            else:
                raise UnclearError
        return found

    def _named(self, name: str) -> Any:
        if name in _CONSTANTS:
            return _CONSTANTS[name]
        name = "self" if name == "Self" else name  # as telephones write it
        if name in self.names:
            return self.names[name]
        if name in _MODULES:
            return Path(_MODULES[name])
        if name in self._helpers or name in _BUILT_IN or name in _PARTS_OF:
            return Path(name)
        raise UnclearError(name)

    def _part(self, owner: Any, name: str) -> Any:
        if isinstance(owner, Path):
            path = f"{owner.name}.{name}"
            return None if path == "numpy.newaxis" else Path(path)
        if isinstance(owner, Parts):
            if name == "_modules":
                return _Method(owner, name)
            if name in ("__delattr__", "__setattr__", "register_module", "add_module"):
                return _Method(owner, name)
            return owner.taken(name)
        if isinstance(owner, Tensor):
            if name == "shape":
                return owner.shape
            if name == "ndim":
                return len(owner.shape)
            return functions.transposed_matrix(owner) if name == "T" else _Method(owner, name)
        if isinstance(owner, Layer) and name == "weight":
            return layers.weight_of(owner)
        if isinstance(owner, Layer | Known) and name in ("forward", "__call__"):
            return owner
        if isinstance(owner, _Method) and owner.name == "_modules" and name == "pop":
            return _Method(owner.owner, "pop")
        raise UnclearError

    def _call(self, function: Any, places: list[Any], keywords: dict[str, Any]) -> Any:
        if isinstance(function, Path):
            return self._call_path(function.name, places, keywords)
        if isinstance(function, _Method) and isinstance(function.owner, Parts):
            if keywords:
                raise UnclearError
            return _change(function.name, function.owner, places)
        if isinstance(function, _Method):
            return _of_tensor(function.owner, function.name, places, keywords)
        if isinstance(function, Known) and not keywords:
            return function.function(places)
        if isinstance(function, Layer) and len(places) == 1 and not keywords:
            return self._apply(function, places[0])
        raise UnclearError

    def _apply(self, layer: Layer, value: Any) -> Any:
        if layer.name != "Sequential":
            return layers.applied(layer, value)
        for one in layer.settings["layers"] or ():
            value = self._call(one, [value], {})
        return value

    def _call_path(self, path: str, places: list[Any], keywords: dict[str, Any]) -> Any:
        if path in self._helpers:
            return self._helpers[path](*places)
        if path in _PARTS_OF:
            if keywords or not places or not isinstance(places[0], Parts):
                raise UnclearError
            return _change(f"__{path}__", places[0], places[1:])
        if path in _BUILT_IN:
            return making.of_integers(path, places, keywords)
        home, _, name = path.rpartition(".")
        keywords = {key: _plain(value) for key, value in keywords.items()}
        if home == "math" and name in ("floor", "ceil", "trunc"):
            return making.of_integers(name, places, keywords)
        if home == "torch.nn.init" and name in making.FILLING:
            if not places or not isinstance(places[0], Tensor):
                raise UnclearError
            return t.filled(places[0].shape, is_any=True)
        if home == "torch.nn" and name == "Parameter":
            given = functions.bound("data requires_grad:True", places, keywords)
            if not isinstance(given["data"], Tensor) or given["requires_grad"] is not True:
                raise UnclearError
            return t.filled(given["data"].shape, is_any=True)
        if home == "torch.nn":
            return layers.layer_of(name, places, keywords)
        if home == "torch" and name in making.MADE:
            return making.made(name, places, keywords)
        place = {"torch": "t", "torch.nn.functional": "f", "torch.special": "s"}.get(home, "")
        return functions.called(place, name, places, keywords)

    def _index(self, owner: Any, indices: list[Any]) -> Any:
        if isinstance(owner, Tensor):
            return operations.indexed(owner, indices)
        if isinstance(owner, tuple) and len(indices) == 1:
            if isinstance(indices[0], slice):
                return tuple(owner[place] for place in t.places_of(indices[0], len(owner)))
            return owner[t.axis_of(indices[0], len(owner))]
        if isinstance(owner, _Method) and owner.name == "_modules" and len(indices) == 1:
            return owner.owner.taken(indices[0])
        raise UnclearError

    def _delete(self, target: Node) -> None:
        if target[0] == "tuple":
            for one in target[1]:
                self._delete(one)
        elif target[0] == "part":
            _change("__delattr__", self.value(target[1]), [target[2]])
        elif target[0] == "index" and len(target[2]) == 1:
            owner = self.value(target[1])
            if not isinstance(owner, _Method) or owner.name != "_modules":
                raise UnclearError
            _change("__delattr__", owner.owner, [self.value(target[2][0])])
        elif target[0] == "name" and target[1] not in self.names:
            raise UnclearError(target[1])
        else:
            raise UnclearError

    def _set(self, target: Node, value: Any) -> None:
        if target[0] == "name":
            self.names[target[1]] = value
        elif target[0] == "part":
            _change("__setattr__", self.value(target[1]), [target[2], value])
        elif target[0] == "tuple" and isinstance(value, tuple) and len(target[1]) == len(value):
            for one, part in zip(target[1], value, strict=True):
                self._set(one, part)
        else:
            raise UnclearError


def _of_tensor(owner: Any, name: str, places: list[Any], keywords: dict[str, Any]) -> Any:
    """What a tensor's method returns."""
    if name in ("normal_", "uniform_", "zero_", "fill_") and owner.is_any:
        return owner
    return functions.called("m", name, [owner, *places], keywords)


def _change(name: str, owner: Any, places: list[Any]) -> Any:
    """Takes an attribute of an object, away or anew."""
    if not isinstance(owner, Parts) or not places or not isinstance(places[0], str):
        raise UnclearError
    if name in ("__delattr__", "pop") and len(places) == 1:
        owner.taken(places[0])
        return owner.parts.pop(places[0])
    if name == "__getattr__" and len(places) == 1:
        return owner.taken(places[0])
    if name in ("__setattr__", "register_module", "add_module") and len(places) == 2:
        if isinstance(places[1], Parts):
            places[1].name = f"{owner.name}.{places[0]}"
        owner.parts[places[0]] = places[1]
        return None
    raise UnclearError


def _plain(value: Any) -> Any:
    """A keyword's value; of PyTorch's own names only the last part counts."""
    if not isinstance(value, Path):
        return value
    name = value.name.rpartition(".")[2]
    return "float32" if name == "float" else name
