"""What a `.pth` file holds, read without torch and without making any of it.

In: the bytes of a file that `torch.save` wrote, of any age. Out: its structure, with each tensor as
its shape and each object as the name of its class. A pickle is a program that makes objects: here
it can make nothing but the plain records below, so none of what it names is looked up or run.
"""

from __future__ import annotations

import io
import pickle
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from generator.errors import WeightsError, sentence_of

MOST_BYTES = 64_000_000
"""Of the structure without the numbers; that of the largest model takes less than one megabyte."""
_OLD_MAGIC = 0x1950A86A20F9469CFC6C
"""What `torch.save` began its files with before version 1.6."""


@dataclass(frozen=True)
class TensorShape:
    """A tensor of a file, without its numbers.

    Attributes:
        dtype: as torch's storages are called, such as "FloatStorage".
        storage: the name of the numbers that it is a part of.
        stride, offset: which of them it has, counted in numbers.
    """

    shape: tuple[int, ...]
    dtype: str
    storage: str = ""
    stride: tuple[int, ...] = ()
    offset: int = 0


class Opaque:
    """An object of the file, which nobody made: only its class and its attributes are known.

    Attributes:
        path: of its class, such as "models.detr.DETR".
        values: its attributes, as the file has them.
    """

    path = ""

    def __init__(self, *_: object, **__: object) -> None:
        self.values: dict[str, Any] = {}

    def __setstate__(self, state: object) -> None:
        self.values = state if isinstance(state, dict) else {}

    def _ignore(self, *_: object) -> None:
        """Whatever a list, a set or a mapping would be told."""

    append = extend = add = __setitem__ = _ignore


def read_pickle_header(path: Path) -> Any:
    """The structure of a file, or an error in one sentence.

    Raises:
        WeightsError: it is no such file, or is damaged.
    """
    try:
        with path.open("rb") as file:
            if file.read(2) == b"PK":
                return _unpickled(io.BytesIO(_program_of(file)))
            file.seek(0)
            return _of_old_file(io.BytesIO(file.read(MOST_BYTES)))
    except WeightsError:
        raise
    except OSError as error:
        raise WeightsError(f"{sentence_of(error)}; check the path and its permissions") from error
    except Exception as error:  # a damaged pickle raises nearly anything
        raise WeightsError(
            f"{path}: the file is damaged or not a checkpoint; copy or download it again"
        ) from error


def _program_of(file: Any) -> bytes:
    with zipfile.ZipFile(file) as archive:
        name = next(one for one in archive.namelist() if one.rpartition("/")[2] == "data.pkl")
        with archive.open(name) as program:
            content = program.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise ValueError("too much to be a structure")
    return content


def _of_old_file(stream: io.BytesIO) -> Any:
    """Four pickles one after the other: a magic number, a version, the machine, the structure."""
    first = _unpickled(stream)
    if first != _OLD_MAGIC:
        raise ValueError("no checkpoint")
    _unpickled(stream), _unpickled(stream)
    return _unpickled(stream)


def _unpickled(stream: io.BytesIO) -> Any:
    """Runs one pickle. Python's own unpickler of C would set a huge table aside if told to."""
    reader: Any = _reader()
    return reader(stream, encoding="utf-8").load()


def _reader() -> type[pickle.Unpickler]:
    """A reader whose records are its own: nothing that a file does to them outlives it."""
    base: Any = pickle._Unpickler

    class Mapping(dict[Any, Any]):
        """An `OrderedDict`, which has attributes."""

    class Namespace:
        """The command line of a training, its values as attributes."""

    def tensor(storage: Any, offset: Any, size: Any, stride: Any, *_: Any) -> TensorShape:
        shape, steps, (dtype, name) = tuple(size), tuple(stride), storage
        if not all(type(one) is int and one >= 0 for one in (*shape, *steps, offset)):
            raise ValueError("no shape")
        if not isinstance(dtype, str) or not isinstance(name, str):
            raise ValueError("no storage")  # to write out what is nested may take for ever
        return TensorShape(shape, dtype, name, steps, offset)

    known: dict[tuple[str, str], Callable[..., Any]] = {
        ("collections", "OrderedDict"): Mapping,
        ("argparse", "Namespace"): Namespace,
        ("torch._utils", "_rebuild_tensor"): tensor,
        ("torch._utils", "_rebuild_tensor_v2"): tensor,
        ("torch._utils", "_rebuild_parameter"): lambda data, *_: data,
        ("torch", "Size"): tuple,
    }

    class Reader(base):  # type: ignore[misc]
        def find_class(self, module: str, name: str) -> Any:
            if (module, name) in known:
                return known[module, name]
            if module in ("torch", "torch.storage") and name.endswith("Storage"):
                return name
            return type("Opaque", (Opaque,), {"path": f"{module}.{name}"})

        def persistent_load(self, pid: Any) -> Any:
            return pid[1], pid[2]

    return Reader
