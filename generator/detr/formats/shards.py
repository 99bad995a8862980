"""The files that weights lie in: one, or several shards that an index lists.

In: the path of a weights file or of an index. Out: the paths of all files, and one SHA-256 for all.
No torch, and no tensor is read.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from pathlib import Path

from generator.errors import WeightsError, sentence_of

INDEX = ".safetensors.index.json"
"""What the name of an index ends in."""
_SHARD = re.compile(r"(.+)-(\d{5})-of-(\d{5})(\.safetensors|\.bin)")


def is_index(path: Path) -> bool:
    """Whether a file lists shards, by its name."""
    return path.name.endswith(INDEX)


def shards_of(path: Path) -> tuple[Path, ...]:
    """The files that hold the tensors: those of an index, or the file itself.

    Raises:
        WeightsError: the index is none, names a file of another folder, or one that is not there;
            or the path is one shard of several.
    """
    if not is_index(path):
        refuse_a_shard(path)
        return (path,)
    files = listed_in(path)
    missing = [file.name for file in files if not file.is_file()]
    if missing:
        raise WeightsError(
            f"{path}: of its {len(files)} shards {missing[0]} is not there; copy all of them into "
            f"{path.parent}"
        )
    return files


def listed_in(path: Path) -> tuple[Path, ...]:
    """The files that an index lists, whether they are there or not.

    Raises:
        WeightsError: the index is none, or names a file of another folder or kind.
    """
    try:
        names = sorted(set(json.loads(path.read_bytes())["weight_map"].values()))
        if not names or not all(
            isinstance(one, str) and Path(one).name == one and one.endswith(".safetensors")
            for one in names
        ):
            raise ValueError
    except OSError as error:
        raise WeightsError(f"{sentence_of(error)}; check the path and its permissions") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise WeightsError(
            f"{path}: not an index of shards; expected `weight_map` with a `.safetensors` file of "
            "this folder for each tensor"
        ) from error
    return tuple(path.with_name(name) for name in names)


def refuse_a_shard(path: Path) -> None:
    """Says of one shard that it is one, and what to name instead.

    Raises:
        WeightsError: the file's name is that of a shard.
    """
    found = _SHARD.fullmatch(path.name)
    if found is None or int(found[3]) == 1:
        return
    index = path.with_name(f"{found[1]}{found[4]}.index.json")
    what = (
        f"name the folder or {index.name}, which lists all of them"
        if index.is_file() and found[4] == ".safetensors"
        else f"its index {index.name} and the other shards belong beside it"
    )
    raise WeightsError(f"{path}: one shard of {int(found[3])}, not a whole model; {what}")


def sha256_of_weights(path: Path) -> str:
    """The SHA-256 of a file; of an index, one of those of its shards, 64 hex digits.

    Raises:
        WeightsError: as `shards_of`.
    """
    return joined([_sha256(file) for file in shards_of(path)])


def joined(digests: Iterable[str]) -> str:
    """One digest for several files: that of a single one is its own."""
    several = list(digests)
    return (
        several[0] if len(several) == 1 else hashlib.sha256("".join(several).encode()).hexdigest()
    )


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise WeightsError(f"{sentence_of(error)}; check the path and its permissions") from error
