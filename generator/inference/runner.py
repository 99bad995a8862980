"""Provides each gallery entry's forward pass: from the cache, or by running its model once.

In: gallery entries. Out: files of saved forward passes, and of causal tests, under `.cache/`. It
finds or downloads images and weights, and imports torch only when a model has to run.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from generator.detr.formats.shards import sha256_of_weights
from generator.detr.zoo import ModelCard
from generator.errors import GeneratorError, ImageError
from generator.files.addresses import without_secrets
from generator.files.fingerprint import sha256_of
from generator.files.images import load_image
from generator.files.memory import importing
from generator.inference.batches import (
    AHEAD,
    BATCH,
    ReadAhead,
    ReadImage,
    run_batch,
    runs_in_batches,
)
from generator.inference.cache import forward_key
from generator.inference.causal_tests import CausalPlan, save_causal_tests
from generator.inference.locate import locate_image, locate_weights
from generator.inference.saved_forward_pass import is_forward_pass, save_forward_pass
from generator.project.config import SiteConfig
from generator.project.gallery import GalleryImage

if TYPE_CHECKING:
    from generator.inference.detector import Detector


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
        image_sha256: of its bytes when it was found; no others are ever decoded for this entry.
        key: names everything that its forward pass depends on.
        forward_pass: the file in which it is kept, or will be.
    """

    entry: GalleryImage
    image: Path
    image_sha256: str
    weights: Weights
    key: str
    forward_pass: Path


def pixels_of(located: LocatedEntry, max_pixels: int) -> npt.NDArray[np.uint8]:
    """The pixels of an entry's image, (height, width, 3) RGB, of the very bytes that were hashed.

    Raises:
        ImageError: the image cannot be read.
        ChangedError: the file holds something else by now.
    """
    try:
        return load_image(located.image, max_pixels=max_pixels, sha256=located.image_sha256)
    except ImageError as error:
        url = located.entry.url
        if url is None:
            raise
        # Nobody knows a download by the name under which it is kept.
        text = str(error).replace(str(located.image), without_secrets(url))
        raise ImageError(text) from error.__cause__


class Runner:
    """Runs models over images, each pair only once.

    Args:
        forward_passes: the folder in which forward passes are kept.
        downloads: the folder in which downloaded images are kept.
        offline: download nothing.
    """

    def __init__(
        self, config: SiteConfig, forward_passes: Path, downloads: Path, *, offline: bool
    ) -> None:
        self._config, self.offline = config, offline
        self._forward_passes, self._downloads = forward_passes, downloads
        self._weights: dict[str, Weights] = {}
        self._broken: dict[str, GeneratorError] = {}
        self._detector: Detector | None = None
        self._ahead: ReadAhead[LocatedEntry] | None = None

    @cached_property
    def runs_beside(self) -> bool:
        """Whether models run on a card, and leave the processors to others.

        Raises:
            UsageError: the device is not there.
        """
        if self._config.device == "cpu":  # so much is known without torch
            return False
        from generator.inference.detector import choose_device

        return choose_device(self._config.device).type != "cpu"

    def look(self, entries: Iterable[GalleryImage]) -> dict[str, LocatedEntry]:
        """The entries, by slug, whose files are on this machine; downloads and raises nothing."""
        here = {}
        for entry in entries:
            with suppress(GeneratorError, OSError):
                here[entry.slug] = self._located(entry, offline=True)
        return here

    def locate(self, entry: GalleryImage) -> LocatedEntry:
        """Finds an entry's image and weights, and downloads what is missing.

        Raises:
            UnavailableError: something would have to be downloaded and cannot be now.
            ImageError, WeightsError, DownloadError: something is wrong with a file.
        """
        return self._located(entry, offline=self.offline)

    def _located(self, entry: GalleryImage, *, offline: bool) -> LocatedEntry:
        image = locate_image(
            entry, self._downloads, offline=offline, private=self._config.private_addresses
        )
        sha256 = sha256_of(image)
        if entry.sha256 and not sha256.startswith(entry.sha256.lower()):
            raise ImageError(f"{image}: its SHA-256 is not {entry.sha256}; correct either")
        card = self._config.cards[entry.model]
        weights = self._locate_weights(card, offline=offline)
        key = forward_key(sha256, card, weights.sha256, self._config.precision)
        return LocatedEntry(entry, image, sha256, weights, key, self._forward_passes / f"{key}.npz")

    def is_cached(self, located: LocatedEntry) -> bool:
        """Whether the forward pass is in the cache."""
        return located.forward_pass.is_file() and is_forward_pass(located.forward_pass)

    def run(self, located: LocatedEntry) -> None:
        """Runs the model over the image and keeps the forward pass.

        Raises:
            ImageError: the image cannot be read.
            WeightsError: the weights cannot be read or belong to another model.
            ChangedError: one of both files is another one by now.
        """
        detector = self._detector_of(located)
        if self._ahead is None:
            forwards, ones = [detector.run(self._read(located).pixels)], [located]
        else:
            most = BATCH - 1 if runs_in_batches(detector) else 0
            image = self._ahead.take(located, max(AHEAD, 2 * most))
            name = located.entry.model
            more = self._ahead.like(image, most, lambda one: one.entry.model == name)
            forwards = run_batch(detector, [image, *(of_one for _, of_one in more)])
            ones = [located, *(one for one, _ in more)]
        for one, forward in zip(ones, forwards, strict=False):  # the rest run when asked for
            save_forward_pass(forward, one.forward_pass)

    @contextmanager
    def reading_ahead(self, ones: Iterable[LocatedEntry]) -> Iterator[None]:
        """While open, `run` is called for these, in this order.

        Images are read while the model runs over others. On a GPU those of one size run in
        batches; there `run` also keeps the forward passes of images that come later.
        """
        with ReadAhead(ones, self._read) as self._ahead:
            try:
                yield
            finally:
                self._ahead = None

    def _read(self, located: LocatedEntry) -> ReadImage:
        pixels, detector = pixels_of(located, self._config.max_pixels), self._detector
        if detector is None or detector.card.name != located.entry.model:
            return ReadImage(pixels)
        return ReadImage(pixels, detector.prepared(pixels))

    def intervene(self, located: LocatedEntry, plan: CausalPlan, file: Path) -> None:
        """Runs the causal tests of an image and keeps their results in a file.

        Raises:
            ImageError, WeightsError, ChangedError: as `run` does.
        """
        from generator.inference.intervene import intervene
        from generator.inference.intervene_relative import intervene_relative

        pixels, detector = pixels_of(located, self._config.max_pixels), self._detector_of(located)
        test = intervene if detector.card.relative is None else intervene_relative
        save_causal_tests(test(detector, pixels, plan), file)

    def _locate_weights(self, card: ModelCard, *, offline: bool) -> Weights:
        """Finds a model's weights once; an error is kept and raised for all of its entries."""
        if card.name in self._broken:
            raise self._broken[card.name]
        if card.name not in self._weights:
            local = self._config.weights.get(card.name)
            try:
                file = locate_weights(card, local, offline=offline)
            except GeneratorError as error:
                if offline == self.offline:  # otherwise a download may still help
                    self._broken[card.name] = error
                raise
            self._weights[card.name] = Weights(file, sha256_of_weights(file))
        return self._weights[card.name]

    def _detector_of(self, located: LocatedEntry) -> Detector:
        """The entry's model; the last one used stays loaded, and an error is kept."""
        with importing():
            from generator.inference.detector import Detector

        name, weights = located.entry.model, located.weights
        if name in self._broken:
            raise self._broken[name]
        if self._detector is None or self._detector.card.name != name:
            self._detector = None  # frees the last model before the next is built
            try:
                self._detector = Detector.load(
                    self._config.cards[name],
                    weights.file,
                    weights.sha256,
                    self._config.device,
                    self._config.precision,
                    check=True,
                )
            except GeneratorError as error:
                self._broken[name] = error
                raise
        return self._detector
