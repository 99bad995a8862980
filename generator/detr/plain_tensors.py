"""The tensors of a `.pth` archive whose other objects PyTorch refuses to make.

In: an archive in which weights lie beside something else, such as a library's settings. Out: the
weights. Where each begins is read from the structure, of which nothing is made (`formats`); the
numbers are plain bytes in files of their own.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor

from generator.detr.formats.pickle_header import TensorShape, read_pickle_header
from generator.detr.formats.wrapping import unwrapped

_KINDS = {
    "FloatStorage": torch.float32,
    "HalfStorage": torch.float16,
    "BFloat16Storage": torch.bfloat16,
    "DoubleStorage": torch.float64,
    "LongStorage": torch.int64,
    "IntStorage": torch.int32,
    "BoolStorage": torch.bool,
}


def plain_tensors(path: Path, content: bytes) -> dict[str, Tensor]:
    """The weights of an archive, by name, without what is wrapped around them.

    Raises:
        WeightsError: it holds no weights by name.
        KeyError, ValueError, RuntimeError, BadZipFile: it is damaged, or of another kind.
    """
    state: Mapping[str, TensorShape] = unwrapped(read_pickle_header(path), path).state
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = {name.partition("/")[2]: name for name in archive.namelist()}
        if "byteorder" in names and archive.read(names["byteorder"]) != b"little":
            raise ValueError("numbers in the other order of bytes")
        storages: dict[str, Tensor] = {}
        for one in state.values():
            if one.storage not in storages:
                numbers = bytearray(archive.read(names[f"data/{one.storage}"]))
                kind = _KINDS[one.dtype]
                storages[one.storage] = (
                    torch.frombuffer(numbers, dtype=kind) if numbers else torch.empty(0, dtype=kind)
                )
    return {
        name: torch.as_strided(storages[one.storage], one.shape, one.stride, one.offset).clone()
        for name, one in state.items()
    }
