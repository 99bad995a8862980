"""Forward passes in files: a later build reads what a model made, and runs none.

In: a `ForwardPass`, or a file whose name is its key. Out: the file, or the `ForwardPass`. It needs
no torch. Of a model with one stack only that is kept: the three attentions are parts of it.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from generator.detr.model_profile import profile_from_json, profile_to_json
from generator.errors import CacheError
from generator.files.sealed import is_sealed, read_sealed, write_sealed
from generator.inference.forward_pass import STACKS, ForwardPass, QueriesAndKeys, blocks_of
from generator.inference.sampled_points import SampledPoints

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
    "score",
    "matching_weights",
    "most_pairs",
)


def save_forward_pass(forward: ForwardPass, path: Path) -> None:
    """Writes a forward pass to `path`, whose name is its key, under a temporary name first."""
    arrays: dict[str, Any] = {"logits": forward.logits, "boxes_cxcywh": forward.boxes_cxcywh}
    pairs = {kind: getattr(forward, kind) for kind in STACKS}
    if forward.joint is not None:  # the three are parts of it
        pairs = {"joint": forward.joint}
    for kind, pair in pairs.items():
        arrays[f"{kind}.q"], arrays[f"{kind}.k"] = pair.q, pair.k
    for kind, points in forward.points.items():
        arrays[f"{kind}.places"], arrays[f"{kind}.weights"] = points.places, points.weights
        arrays[f"{kind}.references"] = points.references
    header = json.dumps(
        {name: getattr(forward, name) for name in _SCALARS}
        | {
            "profile": profile_to_json(forward.profile),
            "place": {kind: pair.place for kind, pair in pairs.items()},
            "points": {kind: points.levels_hw for kind, points in forward.points.items()},
        }
    )
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
            values: dict[str, Any] = {name: _as_it_was(header[name]) for name in _SCALARS}
            logits = archive["logits"]
            values |= _pairs(archive, header, queries=logits.shape[1])
            return ForwardPass(
                **values,
                profile=profile_from_json(header["profile"]),
                logits=logits,
                boxes_cxcywh=archive["boxes_cxcywh"],
                points=_points(archive, header),
            )
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
        raise CacheError(f"{path}: not a saved forward pass ({error})") from error


def _as_it_was(value: Any) -> Any:
    """A number, a word or a tuple; JSON has lists for tuples."""
    return tuple(value) if isinstance(value, list) else value


def _pairs(
    archive: Mapping[str, Any], header: Mapping[str, Any], queries: int
) -> dict[str, QueriesAndKeys]:
    """Queries and keys by attention; of one stack, the three parts of it as well."""
    pairs = {
        kind: QueriesAndKeys(archive[f"{kind}.q"], archive[f"{kind}.k"], place=place)
        for kind, place in header["place"].items()
    }
    if "joint" in pairs:
        rows, columns = header["grid_hw"]
        pairs |= blocks_of(pairs["joint"], rows * columns, queries)
    return pairs


def _points(archive: Mapping[str, Any], header: Mapping[str, Any]) -> dict[str, SampledPoints]:
    """What sampled attention reads, by attention."""
    return {
        kind: SampledPoints(
            archive[f"{kind}.places"],
            archive[f"{kind}.weights"],
            archive[f"{kind}.references"],
            tuple((h, w) for h, w in levels),
        )
        for kind, levels in header["points"].items()
    }
