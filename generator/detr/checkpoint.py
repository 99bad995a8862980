"""A checkpoint as tensors by name, or one sentence that says why it is none.

In: a file of whatever origin: `.pth` of any age of torch, or safetensors. Out: its tensors. Reading
it runs none of the code that it might hold, and unpacks no more than a model can need.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import re
import warnings
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load as load_safetensors
from torch import Tensor

from generator.detr.formats.shards import joined, shards_of
from generator.detr.formats.wrapping import unwrapped
from generator.detr.plain_tensors import plain_tensors
from generator.errors import ChangedError, WeightsError, sentence_of

MOST_BYTES = 2_000_000_000
"""Ten times what the largest model needs: official checkpoints hold more than the weights."""
_WEB_PAGE = re.compile(rb"(\xef\xbb\xbf)?\s*<(!doctype|html|head|\?xml|!--)", re.IGNORECASE)
_OBJECTS = re.compile(r"(?i)\bGLOBAL\b|Can only (create|build)|call reduce|module \S+ is blocked")
"""What torch says of pickles that would make something other than weights."""
_AGAIN = "copy or download it again"


def read_state(path: Path, sha256: str | None = None) -> Mapping[str, Tensor]:
    """Reads the tensors of a checkpoint, by name, without what is wrapped around them.

    Official training checkpoints also hold their command line, an `argparse.Namespace`;
    that one class is allowed, and nothing else that could run code. Of an index all are read.

    Args:
        sha256: what the file has to have; None takes it as it is.

    Raises:
        WeightsError: the file is not a checkpoint, or holds something else.
        ChangedError: its SHA-256 is another one.
    """
    saved: Any = {}
    digests = []
    files = shards_of(path)
    for file in files:
        content = _content(file)
        digests.append(hashlib.sha256(content).hexdigest())
        _refuse_other_kinds(content, file)
        part = _unpacked(content, file)
        saved = {**saved, **part} if len(files) > 1 else part
    if sha256 is not None and joined(digests) != sha256:
        raise ChangedError(f"{path}: was replaced by another file meanwhile; build again")
    state = unwrapped(saved, path).state
    _refuse_odd_tensors(state, path)
    return dict(state)


def _content(path: Path) -> bytes:
    try:
        if (size := path.stat().st_size) > MOST_BYTES:
            raise WeightsError(_too_large(path, size))
        return path.read_bytes()
    except OSError as error:
        raise WeightsError(f"{sentence_of(error)}; check the path and its permissions") from error


def _too_large(path: Path, size: int) -> str:
    return (
        f"{path}: its weights take {size:,} bytes, more than the limit of {MOST_BYTES:,}; no model "
        "here needs as many"
    )


def _refuse_other_kinds(content: bytes, path: Path) -> None:
    """Refuses what the first bytes tell or, of an archive, its table of contents."""
    if not content:
        raise WeightsError(f"{path}: the file is empty; {_AGAIN}")
    if _WEB_PAGE.match(content):
        raise WeightsError(
            f"{path}: a web page, not a checkpoint; open its address in a browser, and download "
            "the file itself"
        )
    if content.startswith(b"version https://git-lfs"):
        raise WeightsError(f"{path}: a pointer of Git LFS, not a checkpoint; run `git lfs pull`")
    if content.startswith(b"PK"):
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                size = sum(one.file_size for one in archive.infolist())
        except Exception as error:  # zipfile raises nearly anything on damaged archives
            raise WeightsError(f"{path}: the file is cut short or damaged; {_AGAIN}") from error
        if size > MOST_BYTES:
            raise WeightsError(_too_large(path, size))


def _unpacked(content: bytes, path: Path) -> Any:
    try:
        if path.suffix == ".safetensors":
            return load_safetensors(content)
        with torch.serialization.safe_globals([argparse.Namespace]), warnings.catch_warnings():
            warnings.simplefilter("error")  # torch only warns of an odd pickle protocol
            warnings.filterwarnings("ignore", "Validating sparse tensor")  # refused by its kind
            return torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
    except Exception as error:  # on damaged files torch and its unpickler raise nearly anything
        if _OBJECTS.search(str(error)):
            try:
                return plain_tensors(path, content)  # or says what it is, where it is no weights
            except WeightsError:
                raise
            except Exception:  # an old file, or one that is damaged as well
                pass
            raise WeightsError(
                f"{path}: the file holds Python objects that are not weights; it was not run. Save "
                "the model's state_dict alone"
            ) from error
        raise WeightsError(
            f"{path}: the file is damaged or not a checkpoint; {_AGAIN} ({_reason(error)})"
        ) from error


def _reason(error: Exception) -> str:
    """The first sentence of a library's error, on one line."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[0][:120]


def _refuse_odd_tensors(state: Mapping[str, Tensor], path: Path) -> None:
    """Refuses tensors that are no plain arrays, or that a few bytes claim to be huge."""
    size = 0
    for name, value in state.items():
        plain = value.layout == torch.strided and value.device.type == "cpu"
        if not plain or value.is_complex() or value.is_quantized:
            raise WeightsError(
                f"{path}: {name} is no plain array of numbers; save it dense, real and unquantised"
            )
        size += value.numel() * value.element_size()
    if size > MOST_BYTES:
        raise WeightsError(_too_large(path, size))
