"""Every model that a gallery can name, as cards: what it is, where its weights are.

In: the card that training wrote for the embedded weights. Out: `ModelCard`s. It imports no
torch, so that listing models is instant; `weights` builds what a card describes.
"""

from __future__ import annotations

import functools
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from generator.detr.architecture import DetrArchitecture
from generator.detr.coco import COCO_NAMES, HOLE
from generator.detr.imagenet import DEVIATION, MEAN
from generator.detr.relatives.architecture import RelativeArchitecture

EMBEDDED = Path(__file__).parent / "weights"
LAB_MODEL = "detr_emoji"
"""The model that runs in the reader's browser."""
SizeRule = Literal["official", "transformers"]
"""Whose rounding makes the sizes of a model's input: `preprocessing.input_size_hw`."""
CHECKPOINTS_URL = "https://dl.fbaipublicfiles.com/detr/"


@dataclass(frozen=True)
class HubAddress:
    """Where a model lies on the Hugging Face Hub.

    Attributes:
        revision: a branch, tag or commit, as it was asked for.
        commit: the one that is on this machine.
    """

    repository: str
    revision: str
    commit: str


@dataclass(frozen=True)
class ModelCard:
    """What is known about a model without running it.

    Attributes:
        architecture: None for the minimal DETR, which is a separate class.
        checkpoint_url: where the weights are downloaded from once; None if they are shipped.
            The file's name holds the first eight hex digits of its SHA-256.
        ap: box AP on `dataset`, as published; for the embedded model, as measured.
        short_side, long_side_cap: pixels; an image is resized so that its short side has the
            first length unless its long side would pass the second.
        size_multiple: both sides are then rounded to multiples of this; 1 changes nothing.
        size_rule: whose rounding that is.
        category_ids, category_names: one per class, without "no object".
        parameters: how many numbers are learned or frozen.
        notes: one sentence on what it was trained on and is good for.
        training: the card that training wrote for the embedded model; None for other models.
        mean, std: of red, green and blue in [0, 1], which the input is normalised by.
        fixed_hw: the height and width in pixels that every image is resized to; None keeps the
            shape of each, by the sides above.
        matching_weights: of class, L1 and GIoU in the matching that it was trained with.
        weights: the file of a model of one's own; None of one of the zoo.
        hub: where that was downloaded from.
        identity: what says which model the weights are, in words; "" of the zoo's own files.
        is_named: whether it is known what its classes are called; else they have numbers.
        names_from: what says what they are called, or what speaks against COCO's; "" of the zoo's
            own files, and where nothing does.
    """

    name: str
    title: str
    source: str
    dataset: str
    architecture: DetrArchitecture | RelativeArchitecture | None
    checkpoint_url: str | None
    ap: float | None
    short_side: int
    long_side_cap: int
    size_multiple: int
    category_ids: tuple[int, ...]
    category_names: tuple[str, ...]
    parameters: int
    notes: str
    training: Mapping[str, Any] | None = None
    mean: tuple[float, float, float] = MEAN
    std: tuple[float, float, float] = DEVIATION
    fixed_hw: tuple[int, int] | None = None
    size_rule: SizeRule = "official"
    matching_weights: tuple[float, float, float] = (1.0, 5.0, 2.0)
    weights: Path | None = None
    hub: HubAddress | None = None
    identity: str = ""
    is_named: bool = True
    names_from: str = ""

    @property
    def is_own(self) -> bool:
        """Whether it is a model of one's own, that `models:` names."""
        return self.weights is not None

    @property
    def is_shipped(self) -> bool:
        """Whether its weights came with this program."""
        return self.checkpoint_url is None and not self.is_own

    @property
    def categories(self) -> dict[int, str]:
        """The names of the classes by their ids, without holes in the numbering."""
        pairs = zip(self.category_ids, self.category_names, strict=True)
        return {number: name for number, name in pairs if name != HOLE}

    @property
    def checkpoint_hash(self) -> str | None:
        """The first eight hex digits of the checkpoint's SHA-256."""
        if self.checkpoint_url is None:
            return None
        return self.checkpoint_url.rpartition("-")[2].removesuffix(".pth")

    @property
    def detr(self) -> DetrArchitecture | None:
        """The architecture of a DETR of our own network; None for others."""
        return self.architecture if isinstance(self.architecture, DetrArchitecture) else None

    @property
    def relative(self) -> RelativeArchitecture | None:
        """The architecture of a relative that runs through transformers; None for others."""
        return self.architecture if isinstance(self.architecture, RelativeArchitecture) else None

    @property
    def file(self) -> Path:
        """Where the weights are, or will be after the download."""
        if self.weights is not None:
            return self.weights
        if self.checkpoint_url is None:
            return EMBEDDED / f"{self.name}.safetensors"
        return checkpoint_folder() / self.checkpoint_url.rpartition("/")[2]


def checkpoint_folder() -> Path:
    """Torch hub's folder of checkpoints, found through the same environment variables."""
    cache = os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()
    home = os.environ.get("TORCH_HOME") or Path(cache) / "torch"
    return Path(home).expanduser() / "hub" / "checkpoints"


def _official(
    name: str,
    title: str,
    file: str,
    ap: float,
    parameters: int,
    architecture: DetrArchitecture | None,
) -> ModelCard:
    return ModelCard(
        name=name,
        title=title,
        source="facebookresearch/detr",
        dataset="COCO 2017",
        architecture=architecture,
        checkpoint_url=CHECKPOINTS_URL + file,
        ap=ap,
        short_side=800,
        long_side_cap=1333,
        size_multiple=1,
        category_ids=tuple(range(len(COCO_NAMES))),
        category_names=COCO_NAMES,
        parameters=parameters,
        notes="Trained by the authors of DETR on photographs, the 80 categories of COCO 2017.",
    )


_OFFICIAL = {
    card.name: card
    for card in (
        _official("detr_resnet50", "DETR-R50", "detr-r50-e632da11.pth", 42.0, 41_524_768,
                  DetrArchitecture("resnet50", 91)),
        _official("detr_resnet50_dc5", "DETR-DC5-R50", "detr-r50-dc5-f0fb7ef5.pth", 43.3,
                  41_524_768, DetrArchitecture("resnet50", 91, dilation=True)),
        _official("detr_resnet101", "DETR-R101", "detr-r101-2c7b67e5.pth", 43.5, 60_464_672,
                  DetrArchitecture("resnet101", 91)),
        _official("detr_resnet101_dc5", "DETR-DC5-R101", "detr-r101-dc5-a2e86def.pth", 44.9,
                  60_464_672, DetrArchitecture("resnet101", 91, dilation=True)),
        _official("detr_demo", "Minimal DETR", "detr_demo-da2a99e9.pth", 40.0, 41_459_616, None),
    )
}  # fmt: skip


@functools.cache
def _embedded() -> ModelCard:
    return embedded_card(json.loads((EMBEDDED / "detr_emoji.json").read_text(encoding="utf-8")))


def embedded_card(card: Mapping[str, Any]) -> ModelCard:
    """The card of the embedded model, from the one that training wrote."""
    return ModelCard(
        name="detr_emoji",
        title="DETR-Emoji",
        source="trained by this project",
        dataset="composed scenes",
        architecture=DetrArchitecture(**card["architecture"]),
        checkpoint_url=None,
        ap=round(100 * card["held_out"]["AP"], 1),
        short_side=card["input"]["short_side"],
        long_side_cap=card["input"]["long_side_cap"],
        size_multiple=card["input"]["size_multiple"],
        category_ids=tuple(category["id"] for category in card["categories"]),
        category_names=tuple(category["name"] for category in card["categories"]),
        parameters=card["parameters"],
        notes=(
            "Trained by this project on composed scenes of emoji alone: it has never seen a "
            "photograph, and what it finds in one means little."
        ),
        training=card,
    )


def model_card(name: str) -> ModelCard:
    """The card of a model.

    Raises:
        KeyError: no model has this name.
    """
    return _embedded() if name == "detr_emoji" else _OFFICIAL[name]


def model_names() -> tuple[str, ...]:
    """All names, the embedded model first."""
    return ("detr_emoji", *_OFFICIAL)
