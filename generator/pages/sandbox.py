"""The Jinja that content is rendered in: it reads what it is given, and reaches nothing else.

In: templates, and the values of a page. Out: text, or an error. Content may come with a course
from somebody else. It can compute, but it gets no hold of files, modules or types, and nothing
that it makes is larger than `sizes` allows. `files.time_limit` ends what takes too long.
"""

from __future__ import annotations

import functools
import types
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import Enum
from pathlib import PurePath
from string import Formatter
from typing import Any

from jinja2 import nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment, SandboxedFormatter
from jinja2.utils import Cycler, Joiner, Namespace

from generator.pages import sizes
from generator.pages.reads import VIEWS, is_record

_PLAIN = (str, bytes, int, float, list, tuple, dict, set, frozenset)
_DATA = (*_PLAIN, range, Enum)
_OF_PATHS = ("name", "stem", "suffix")
_OF_ARRAYS = ("shape", "size", "ndim", "min", "max", "mean", "sum", "item", "tolist")
_CALLABLE_TYPES = (dict, Namespace, Cycler, Joiner)
_NOT_OFFERED = ("lipsum",)
_SIZED = frozenset(
    ("batch", "block", "center", "in_digits", "indent", "replace", "round", "slice", "tojson",
     "truncate", "urlize", "wordwrap")
)  # fmt: skip
"""Filters that take a number for a size."""
_REPEATING = frozenset(("block", "indent", "join", "replace", "wordwrap", "xmlattr"))
"""Filters that may write their arguments many times."""
_REPEATING_METHODS = frozenset(("expandtabs", "join", "replace", "translate"))


class Sandbox(ImmutableSandboxedEnvironment):
    """Jinja without a way out, in which everything has a size."""

    intercepted_binops = frozenset(("+", "*", "**", "%"))
    weighed = staticmethod(sizes.weighed)
    concat = staticmethod(sizes.joined)
    buffer = sizes.Buffer

    def __init__(self, filters: Mapping[str, Callable[..., Any]], **options: Any) -> None:
        super().__init__(finalize=sizes.weighed, **options)
        self.filters |= filters
        for name, one in self.filters.items():
            self.filters[name] = _guarded(name, one)
        for name in _NOT_OFFERED:
            del self.globals[name]

    @staticmethod
    def str_join(values: Iterable[Any]) -> str:
        """What `~` does."""
        return sizes.joined(str(sizes.weighed(value)) for value in values)

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Lets data, records and their methods through, and nothing that could act."""
        if not super().is_safe_attribute(obj, attr, value):
            return False
        if isinstance(obj, PurePath):
            return attr in _OF_PATHS
        package = type(obj).__module__.partition(".")[0]
        if package == "numpy":
            return attr in _OF_ARRAYS
        is_data = isinstance(obj, _DATA) or is_record(obj) or isinstance(obj, VIEWS)
        return is_data or package in ("jinja2", "markupsafe")

    def is_safe_callable(self, obj: Any) -> bool:
        """Lets macros, the program's own functions and methods of data through."""
        if not super().is_safe_callable(obj):
            return False
        if isinstance(obj, type):
            return obj in _CALLABLE_TYPES
        if isinstance(obj, types.BuiltinMethodType):
            kind = type(obj.__self__)
            return issubclass(kind, _PLAIN) or kind.__module__ == "numpy"
        return True

    def call(
        __self,  # noqa: N805
        __context: Context,
        __obj: Any,
        *args: Any,
        **kwargs: Any,
    ) -> Any:
        """Calls what is safe to call."""
        if isinstance(__obj, types.BuiltinMethodType) and isinstance(__obj.__self__, _PLAIN):
            args = tuple(map(_listed, args))
            given = (*args, *kwargs.values())
            sizes.refuse_arguments(given)
            if __obj.__name__ in _REPEATING_METHODS:
                sizes.refuse_repeated(__obj.__self__, given)
        return sizes.weighed(super().call(__context, __obj, *args, **kwargs))

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Computes, unless the result would be too large."""
        sizes.refuse_operation(operator, left, right)
        return sizes.weighed(super().call_binop(context, operator, left, right))

    def wrap_str_format(self, value: Any) -> Callable[..., str] | None:
        """`str.format`, which reads nothing but what templates may, and has a size."""
        if super().wrap_str_format(value) is None:
            return None
        text, formatter = value.__self__, _Formatter(self)

        def formatted(*args: Any, **kwargs: Any) -> str:
            if value.__name__ == "format_map":
                (kwargs,), args = args, ()
            sizes.refuse_format(text, [args, kwargs])
            return str(formatter.vformat(text, args, kwargs))

        return formatted


class _Formatter(SandboxedFormatter):
    def format_field(self, value: Any, format_spec: str) -> Any:
        """As in `string.Formatter`."""
        sizes.refuse_width(format_spec)
        return Formatter.format_field(self, value, format_spec)


class _Compiler(CodeGenerator):
    """Writes templates as Python in which lists are weighed, and texts that `~` joins."""

    def writeline(self, x: str, node: nodes.Node | None = None, extra: int = 0) -> None:
        """As in Jinja; the first line brings the functions that templates use."""
        if x.startswith("from jinja2.runtime import "):
            x += "; str_join = environment.str_join"
        super().writeline(x, node, extra)

    def buffer(self, frame: Frame) -> None:
        """As in Jinja; what macros write is counted while they write it."""
        frame.buffer = self.temporary_identifier()
        self.writeline(f"{frame.buffer} = environment.buffer()")

    def visit_List(self, node: nodes.List, frame: Frame) -> None:  # noqa: N802
        """As in Jinja."""
        self._weighed(super().visit_List, node, frame)

    def visit_Dict(self, node: nodes.Dict, frame: Frame) -> None:  # noqa: N802
        """As in Jinja."""
        self._weighed(super().visit_Dict, node, frame)

    def visit_Tuple(self, node: nodes.Tuple, frame: Frame) -> None:  # noqa: N802
        """As in Jinja."""
        if node.ctx == "load":
            self._weighed(super().visit_Tuple, node, frame)
        else:
            super().visit_Tuple(node, frame)

    def _weighed(self, write: Callable[..., None], node: nodes.Node, frame: Frame) -> None:
        self.write("environment.weighed(")
        write(node, frame)
        self.write(")")


Sandbox.code_generator_class = _Compiler


def _guarded(name: str, one: Callable[..., Any]) -> Callable[..., Any]:
    """A filter that refuses what would be too large."""
    given_first = 1 if hasattr(one, "jinja_pass_arg") else 0

    @functools.wraps(one)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        first, (value, *more) = args[:given_first], map(_listed, args[given_first:])
        given = (*more, *kwargs.values())
        sizes.weighed([value, *given])
        if name in _SIZED:
            sizes.refuse_arguments(given)
        if name in _REPEATING:
            sizes.refuse_repeated(value, given)
        if name == "format":
            sizes.refuse_printf(str(value), given)
        return sizes.weighed(one(*first, value, *more, **kwargs))

    return guarded


def _listed(value: Any) -> Any:
    """A list in place of what can be read only once, so that it can be weighed first."""
    return list(value) if isinstance(value, Iterator) else value
