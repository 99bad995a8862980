"""Modules that are not installed -> objects that take part in everything and do nothing.

In: a name that Python cannot import. Out: a module whose attributes can be called, subscripted and
inherited from. So a missing `google.colab` or `ipywidgets` stops nothing; but once a class itself
is looked at, a stand-in raises what the import would have raised, as its results mean nothing.
Modules that are there, and parts missing in them, are left to Python.
"""

from __future__ import annotations

import importlib.machinery
import sys
import types
from collections.abc import Iterator, Sequence
from typing import Any

from torch import nn

_HIDDEN = ("generator",)  # the reference is not to be imported, nor to be made up


class StandIns:
    """Finds modules that nobody else finds; put last among the finders."""

    def __init__(self) -> None:
        self.names: set[str] = set()
        self.are_silent = True

    def find_spec(
        self, name: str, _path: Sequence[str] | None, _target: object = None
    ) -> importlib.machinery.ModuleSpec | None:
        """As `importlib.abc.MetaPathFinder.find_spec`."""
        top = name.partition(".")[0]
        if top in _HIDDEN or (name != top and top not in self.names):
            return None
        if name == top and top in sys.stdlib_module_names:
            return None
        self.names.add(top)
        return importlib.machinery.ModuleSpec(name, self, is_package=True)  # type: ignore[arg-type]

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        """As `importlib.abc.Loader.create_module`."""
        module = types.ModuleType(spec.name)
        finder = self

        def attribute(name: str) -> Any:
            if name.startswith("__"):
                raise AttributeError(name)
            return StandIn(f"{spec.name}.{name}", finder)

        module.__dict__["__getattr__"] = attribute
        return module

    def exec_module(self, module: types.ModuleType) -> None:
        """As `importlib.abc.Loader.exec_module`; there is nothing to run."""

    def forget(self) -> None:
        """Takes the stand-ins out of Python's modules."""
        for name in [one for one in sys.modules if one.partition(".")[0] in self.names]:
            del sys.modules[name]
        self.names.clear()
        self.are_silent = True


class StandIn:
    """What a missing module holds under any name."""

    def __init__(self, name: str, finder: StandIns) -> None:
        self.__dict__.update(_name=name, _finder=finder)

    def _check(self) -> None:
        if not self._finder.are_silent:
            top = self._name.partition(".")[0]
            raise ModuleNotFoundError(f"No module named '{top}'", name=top)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return StandIn(f"{self._name}.{name}", self._finder)

    def __setattr__(self, name: str, value: object) -> None:
        pass

    def __call__(self, *positional: Any, **named: Any) -> Any:
        """A decorator gives back what it decorates; everything else another stand-in."""
        self._check()
        is_code = len(positional) == 1 and isinstance(positional[0], type | types.FunctionType)
        return positional[0] if is_code and not named else StandIn(self._name, self._finder)

    def __getitem__(self, _: object) -> StandIn:
        return self

    def __setitem__(self, _: object, __: object) -> None:
        pass

    def __iter__(self) -> Iterator[Any]:
        self._check()
        return iter(())

    def __len__(self) -> int:
        return 0

    def __enter__(self) -> StandIn:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def __mro_entries__(self, _: object) -> tuple[type, ...]:
        """A class may inherit from it: `LightningModule` is one of PyTorch's."""
        return (nn.Module,) if self._name.endswith("Module") else ()
