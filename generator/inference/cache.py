"""Keeps forward passes, so that a second build runs no model and needs no torch.

In: everything that a forward depends on. Out: a file name under `.cache/`; the same
dependencies give the same name, and any change gives another.
"""

from __future__ import annotations

import functools
import hashlib
import json
from importlib.metadata import version
from pathlib import Path

from generator.detr.zoo import ModelCard

PACKAGE = Path(__file__).parents[1]
# The code that turns a file into a forward pass.
CODE = ("detr/*.py", "files/images.py", "inference/*.py")
LIBRARIES = ("numpy", "pillow", "torch", "torchvision")


def forward_pass_file(cache: Path, image: Path, card: ModelCard, weights_sha256: str) -> Path:
    """Where the forward pass of an image file through a model is kept."""
    parts = {
        "image": sha256_of(image),
        "model": card.name,
        "weights": weights_sha256,
        "short_side": card.short_side,
        "long_side_cap": card.long_side_cap,
        "size_multiple": card.size_multiple,
        "code": _code_sha256(),
    }
    key = hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
    return cache / "forward_passes" / f"{key[:32]}.npz"


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file's bytes, 64 hex digits."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@functools.cache
def _code_sha256() -> str:
    """Of the sources that a forward depends on, and of the versions of the libraries."""
    digest = hashlib.sha256()
    for pattern in CODE:
        for path in sorted(PACKAGE.glob(pattern)):
            digest.update(path.relative_to(PACKAGE).as_posix().encode())
            digest.update(path.read_bytes())
    for library in LIBRARIES:
        digest.update(f"{library} {version(library)}".encode())
    return digest.hexdigest()
