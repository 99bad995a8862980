"""Gets each gallery entry its forward pass: from the cache, or by running its model once.

In: gallery entries. Out: files of saved forward passes under `.cache/`. It finds or
downloads images and weights, and imports torch only when a model has to run.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from generator.detr.zoo import ModelCard, model_card
from generator.errors import GeneratorError, UnavailableError, WeightsError
from generator.files.download import fetch
from generator.files.images import load_image, locate_image
from generator.inference.cache import forward_pass_file, sha256_of
from generator.inference.forward_pass import is_forward_pass, save_forward_pass
from generator.project.config import SiteConfig
from generator.project.gallery import GalleryImage

if TYPE_CHECKING:
    from generator.inference.detector import Detector

MAX_CHECKPOINT_BYTES = 1_000_000_000


@dataclass(frozen=True)
class Weights:
    """A weights file and its SHA-256."""

    file: Path
    sha256: str


@dataclass(frozen=True)
class LocatedEntry:
    """An entry whose image and weights are on this machine.

    Attributes:
        image: the image file.
        forward_pass: where its forward pass is kept, or will be.
    """

    entry: GalleryImage
    image: Path
    weights: Weights
    forward_pass: Path


class Runner:
    """Runs models over images, each pair once for ever."""

    def __init__(self, config: SiteConfig, cache: Path, *, offline: bool) -> None:
        self._config, self._cache, self._offline = config, cache, offline
        self._weights: dict[str, Weights] = {}
        self._broken: dict[str, GeneratorError] = {}
        self._detector: Detector | None = None

    def locate(self, entry: GalleryImage) -> LocatedEntry:
        """Finds an entry's image and weights, and downloads what is missing.

        Raises:
            UnavailableError: something would have to be downloaded and cannot be now.
            ImageError, WeightsError, DownloadError: something is wrong with a file.
        """
        image = locate_image(entry, self._cache, offline=self._offline)
        card = model_card(entry.model)
        weights = self._locate_weights(card)
        kept = forward_pass_file(self._cache, image, card, weights.sha256)
        return LocatedEntry(entry, image, weights, kept)

    def is_cached(self, located: LocatedEntry) -> bool:
        """Whether the forward pass is there."""
        return located.forward_pass.is_file() and is_forward_pass(located.forward_pass)

    def run(self, located: LocatedEntry) -> None:
        """Runs the model over the image and keeps the forward pass.

        Raises:
            ImageError: the image cannot be read.
            WeightsError: the weights cannot be read or are another model's.
        """
        pixels = load_image(located.image, max_pixels=self._config.max_pixels)
        detector = self._detector_of(located)
        save_forward_pass(detector.run(pixels), located.forward_pass)

    def _locate_weights(self, card: ModelCard) -> Weights:
        """Finds a model's weights once; what goes wrong with them does so for all entries."""
        if card.name in self._broken:
            raise self._broken[card.name]
        if card.name not in self._weights:
            local = self._config.weights.get(card.name)
            try:
                file = locate_weights(card, local, offline=self._offline)
            except GeneratorError as error:
                self._broken[card.name] = error
                raise
            self._weights[card.name] = Weights(file, sha256_of(file))
        return self._weights[card.name]

    def _detector_of(self, located: LocatedEntry) -> Detector:
        """The entry's model; the last one used stays loaded, and a broken one stays broken."""
        from generator.inference.detector import Detector

        name, weights = located.entry.model, located.weights
        if name in self._broken:
            raise self._broken[name]
        if self._detector is None or self._detector.card.name != name:
            self._detector = None  # frees the last model before the next is built
            try:
                self._detector = Detector.load(
                    model_card(name), weights.file, weights.sha256, self._config.device
                )
            except GeneratorError as error:
                self._broken[name] = error
                raise
        return self._detector


def locate_weights(card: ModelCard, local: Path | None = None, *, offline: bool) -> Path:
    """The local file, the shipped one, or the official one, downloaded once.

    Raises:
        WeightsError: the file that was named is not there.
        UnavailableError, DownloadError: the official one cannot be had.
    """
    file = local or card.file
    if local is not None or card.checkpoint_url is None:
        if not file.is_file():
            raise WeightsError(f"{file}: there is no such file; it should hold {card.name}")
        return file
    try:
        return fetch(
            card.checkpoint_url,
            file,
            sha256=card.checkpoint_hash,
            max_bytes=MAX_CHECKPOINT_BYTES,
            offline=offline,
            progress=True,
        )
    except UnavailableError as error:
        raise UnavailableError(
            f"the weights of {card.name} are not on this machine and cannot be downloaded; put "
            f"{file.name} into {file.parent}, or name a file of yours under `weights:` in "
            f"site_config.yml ({error})"
        ) from error
