"""What a weights file holds, without its numbers and without torch: names, shapes, and what it is.

In: a `.safetensors`, the index of several, or what `torch.save` wrote. Out: a `FileHeader`, read in
milliseconds. It says nothing of whether a model fits; `own.cards` and `weights` do.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from generator.detr.formats.pickle_header import TensorShape, read_pickle_header
from generator.detr.formats.shards import is_index, shards_of
from generator.detr.formats.wrapping import unwrapped
from generator.errors import WeightsError, sentence_of

_MOST_JSON = 100_000_000
"""The format's own limit of its header."""

Shape = tuple[int, ...]


@dataclass(frozen=True)
class FileHeader:
    """What a file holds.

    Attributes:
        shapes: of the tensors, by their names in the file, without what wraps all of them.
        arguments: the command line of the training, as the file has it.
        kinds: what the file is, in words, such as "a training checkpoint".
    """

    shapes: Mapping[str, Shape]
    arguments: Mapping[str, Any] = field(default_factory=dict)
    kinds: tuple[str, ...] = ()


def read_header(path: Path) -> FileHeader:
    """Reads what a file holds.

    Raises:
        WeightsError: it is no weights file, is damaged, or holds no weights by name.
    """
    if path.suffix == ".safetensors" or is_index(path):
        files = shards_of(path)
        shapes = {name: shape for file in files for name, shape in _of_safetensors(file).items()}
        header = unwrapped_header(shapes, path)
        kinds = (f"{len(files)} shards",) if len(files) > 1 else ()
        return FileHeader(header.shapes, {}, kinds + header.kinds)
    found = unwrapped(read_pickle_header(path), path)
    shapes = {name: one.shape for name, one in found.state.items()}
    return FileHeader(shapes, found.arguments, found.kinds)


def unwrapped_header(shapes: Mapping[str, Shape], path: Path) -> FileHeader:
    """A header of shapes as a file names them."""
    found = unwrapped({name: TensorShape(shape, "") for name, shape in shapes.items()}, path)
    return FileHeader({name: one.shape for name, one in found.state.items()}, {}, found.kinds)


def _of_safetensors(path: Path) -> dict[str, Shape]:
    """The shapes in the header, a JSON object whose length stands before it."""
    try:
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            if not 2 <= length <= _MOST_JSON:
                raise ValueError
            header = json.loads(file.read(length))
        return {
            name: tuple(int(side) for side in one["shape"])
            for name, one in header.items()
            if name != "__metadata__"
        }
    except OSError as error:
        raise WeightsError(f"{sentence_of(error)}; check the path and its permissions") from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise WeightsError(
            f"{path}: the file is damaged or not a checkpoint; copy or download it again"
        ) from error
