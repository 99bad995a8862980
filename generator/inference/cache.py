"""The keys of cached forward passes: a second build runs no model and needs no torch.

In: everything that a forward pass depends on. Out: a key, which names the forward pass's file
and enters the keys of all that is made from it. A change of anything that counts changes it.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from generator.detr.zoo import ModelCard
from generator.errors import CacheError
from generator.files.fingerprint import fingerprint, version_of
from generator.inference.forward_pass import ForwardPass
from generator.inference.saved_forward_pass import load_forward_pass

_MODULES = (
    "generator.inference.detector",
    "generator.inference.saved_forward_pass",
    "generator.files.images",
)
_BORDER = (
    "generator.detr.coco",
    "generator.detr.zoo",
    "generator.errors",
    "generator.files.sealed",
    "generator.project",
)
"""Not followed: names, messages and cards, whose fields that count are named below; and how the
file is sealed, which is seen when it is read."""


def forward_key(
    image_sha256: str, card: ModelCard, weights_sha256: str, precision: str = "float32"
) -> str:
    """The key of the forward pass of an image file through a model, 32 hex digits."""
    values = {
        "image": image_sha256,
        "weights": weights_sha256,
        "model": card.name,
        "architecture": None if card.architecture is None else asdict(card.architecture),
        "short_side": card.short_side,
        "long_side_cap": card.long_side_cap,
        "size_multiple": card.size_multiple,
        "size_rule": card.size_rule,
        "fixed_hw": card.fixed_hw,
        "matching_weights": card.matching_weights,
        "mean": card.mean,
        "std": card.std,
        "precision": precision,
        "category_ids": card.category_ids,
        "category_names": card.category_names,
        "backbone_of": _backbone_of(card),
    }
    return fingerprint(*_MODULES, border=_BORDER, values=values)[:32]


def _backbone_of(card: ModelCard) -> str:
    """The library that a relative has its backbone from, with its version; our own needs none.

    transformers imports it, so that the imports of our modules do not lead there.
    """
    relative = card.relative
    if relative is None or not relative.has_timm_backbone:
        return ""
    return f"timm {version_of('timm')}"


def load_or_remove(file: Path) -> ForwardPass:
    """Reads a forward pass; a damaged file is removed, so that the next build makes it again.

    Raises:
        CacheError: the file is damaged.
    """
    try:
        return load_forward_pass(file)
    except CacheError as error:
        file.unlink(missing_ok=True)
        raise CacheError(f"{error}; it was removed, so build again") from error
