"""The record of one run of DETR over one image, as NumPy arrays.

In: arrays from `detector`, or a file. Out: a `ForwardPass`, or a file. It needs no torch and
draws nothing. It keeps each attention's projected queries and keys, not the weights:
`analysis.attention` rebuilds any row, column, head or layer from them exactly.
"""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from generator.detr.model_profile import ModelProfile, profile_from_json, profile_to_json
from generator.errors import CacheError
from generator.files.sealed import is_sealed, read_sealed, write_sealed

FloatArray = npt.NDArray[np.float32]


@dataclass(frozen=True)
class QueriesAndKeys:
    """Projected queries and keys of one kind of attention in every layer.

    The attention weights of a layer and head are `softmax(q @ k.T / sqrt(d))`.

    Attributes:
        q: (layers, heads, n_queries, d), float32.
        k: (layers, heads, n_keys, d), float32.
    """

    q: FloatArray
    k: FloatArray

    def __post_init__(self) -> None:
        q, k = self.q.shape, self.k.shape
        if len(q) != 4 or len(k) != 4 or q[:2] != k[:2] or q[3] != k[3]:
            raise ValueError(
                "expected q (layers, heads, n_queries, d) and k (layers, heads, n_keys, d), "
                f"got q {q} and k {k}"
            )


@dataclass(frozen=True)
class ForwardPass:
    """The record of one run over one image: all that figures and measures need.

    N = grid_hw[0] * grid_hw[1] tokens, row by row; no token is padding.

    Attributes:
        model: the model's name in the zoo.
        weights_sha256: of the weights file, 64 hex digits.
        size_hw: height and width of the image in pixels, EXIF orientation applied.
        input_hw: height and width of the network's input, in pixels.
        grid_hw: rows and columns of the feature map.
        stride: pixels of the network's input from one cell's centre to the next one's.
        first_centre: the pixel of the network's input, counted from 0, that the first cell's
            receptive field is centred on; the same for rows and columns. 0 for a ResNet.
        feature_channels: channels of the backbone's last feature map.
        category_ids: (C,) int, COCO's id of each class.
        category_names: C names; "N/A" where COCO's numbering has a hole.
        profile: the shape at each stage, the parameters and multiply-adds of each part.
        logits: (decoder layers, queries, C + 1) float32; the last class is "no object".
        boxes_cxcywh: (decoder layers, queries, 4) float32, fractions of the image in [0, 1].
        encoder_self: n_queries = n_keys = N.
        decoder_self: n_queries = n_keys = number of object queries.
        decoder_cross: n_queries = number of object queries, n_keys = N.
    """

    model: str
    weights_sha256: str
    size_hw: tuple[int, int]
    input_hw: tuple[int, int]
    grid_hw: tuple[int, int]
    stride: int
    first_centre: float
    feature_channels: int
    category_ids: tuple[int, ...]
    category_names: tuple[str, ...]
    profile: ModelProfile
    logits: FloatArray
    boxes_cxcywh: FloatArray
    encoder_self: QueriesAndKeys
    decoder_self: QueriesAndKeys
    decoder_cross: QueriesAndKeys

    def __post_init__(self) -> None:
        layers, queries, classes = self.logits.shape
        tokens = self.grid_hw[0] * self.grid_hw[1]
        expected = {
            "boxes_cxcywh": (self.boxes_cxcywh.shape, (layers, queries, 4)),
            "category_ids": ((len(self.category_ids),), (classes - 1,)),
            "category_names": ((len(self.category_names),), (classes - 1,)),
            "encoder_self.q": (self.encoder_self.q.shape[2:3], (tokens,)),
            "decoder_cross.k": (self.decoder_cross.k.shape[2:3], (tokens,)),
            "decoder_cross.q": (self.decoder_cross.q.shape[2:3], (queries,)),
            "decoder_self.q": (self.decoder_self.q.shape[2:3], (queries,)),
        }
        for name, (actual, wanted) in expected.items():
            if tuple(actual) != wanted:
                raise ValueError(f"{name}: expected shape {wanted}, got {tuple(actual)}")


_KINDS = ("encoder_self", "decoder_self", "decoder_cross")
_SCALARS = (
    "model",
    "weights_sha256",
    "size_hw",
    "input_hw",
    "grid_hw",
    "stride",
    "first_centre",
    "feature_channels",
    "category_ids",
    "category_names",
)


def save_forward_pass(forward: ForwardPass, path: Path) -> None:
    """Writes a forward pass to `path`, whose name is its key, under a temporary name first."""
    arrays: dict[str, Any] = {"logits": forward.logits, "boxes_cxcywh": forward.boxes_cxcywh}
    for kind in _KINDS:
        pair: QueriesAndKeys = getattr(forward, kind)
        arrays[f"{kind}.q"], arrays[f"{kind}.k"] = pair.q, pair.k
    scalars = {name: getattr(forward, name) for name in _SCALARS}
    header = json.dumps(scalars | {"profile": profile_to_json(forward.profile)})
    stream = io.BytesIO()
    np.savez(stream, header=np.array(header), **arrays)
    write_sealed(path, stream.getvalue())


def is_forward_pass(path: Path) -> bool:
    """Whether a file has the seal of a forward pass of its name; the rest of it is not read."""
    return is_sealed(path)


def load_forward_pass(path: Path) -> ForwardPass:
    """Reads back what `save_forward_pass` wrote.

    Raises:
        CacheError: the file is missing, is not what was written, or is that of another key.
    """
    try:
        content = io.BytesIO(read_sealed(path))
        with np.load(content, allow_pickle=False) as archive:
            header = json.loads(str(archive["header"]))
            pairs = {
                kind: QueriesAndKeys(archive[f"{kind}.q"], archive[f"{kind}.k"]) for kind in _KINDS
            }
            return ForwardPass(
                model=header["model"],
                weights_sha256=header["weights_sha256"],
                size_hw=tuple(header["size_hw"]),
                input_hw=tuple(header["input_hw"]),
                grid_hw=tuple(header["grid_hw"]),
                stride=header["stride"],
                first_centre=header["first_centre"],
                feature_channels=header["feature_channels"],
                category_ids=tuple(header["category_ids"]),
                category_names=tuple(header["category_names"]),
                profile=profile_from_json(header["profile"]),
                logits=archive["logits"],
                boxes_cxcywh=archive["boxes_cxcywh"],
                **pairs,
            )
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
        raise CacheError(f"{path}: not a saved forward pass ({error})") from error
