"""Runs a model over a student's own images: tables, figures and a report, without a site.

In: image files. Out: what the terminal shows, as text or JSON, and files in a folder. Nothing is
cached.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self

from generator.analysis.entry_analysis import analyse
from generator.detr.formats.shards import sha256_of_weights
from generator.detr.model_cards import ModelCards
from generator.detr.own.identity import of_zoo
from generator.errors import GeneratorError, UsageError
from generator.files.images import load_image
from generator.files.owned_folder import held_output
from generator.inference.detector import Detector
from generator.inference.locate import locate_weights
from generator.measures.image import measure_entry
from generator.outputs.tried.data import error_data, image_data, json_of
from generator.outputs.tried.draw import draw_figures
from generator.outputs.tried.text import text_of
from generator.outputs.tried.tried_image import TriedImage
from generator.project.config import MAX_PIXELS, FigureOptions, Precision
from generator.project.overlay import TEMPLATES, standard_root
from generator.project.points import TypedPoint
from generator.project.suggest import did_you_mean


@dataclass(frozen=True)
class Wishes:
    """What else was asked for.

    Attributes:
        points: words such as "0.25,0.5" or "160,240"; without any, the program chooses.
        as_json: whether standard output is to be JSON.
        has_report: whether there is to be a report of each picture.
        templates: of the project here; None if there is none.
        max_pixels: the limit of that project, likewise.
        cards: of the models that can be named; those of the zoo, and that project's.
        precision: of the numbers that the model computes with.
    """

    points: Sequence[str] = ()
    as_json: bool = False
    has_report: bool = False
    templates: Path | None = None
    max_pixels: int | None = None
    cards: ModelCards = field(default_factory=ModelCards)
    precision: Precision = "float32"


class TryOut:
    """A model that runs over one image after the other, and a folder that is its own meanwhile.

    Raises:
        UsageError: no model has this name, a word is no point, or the folder may not be written to.
        BusyError: another command writes to it.
        UnavailableError, DownloadError, WeightsError: its weights cannot be had.
    """

    def __init__(
        self,
        model: str,
        threshold: float,
        weights: Path | None,
        device: str,
        output: Path,
        *,
        offline: bool,
        wait: bool = False,
        wishes: Wishes | None = None,
    ) -> None:
        self._wishes = wishes or Wishes()
        names = self._wishes.cards.names
        if model not in names:
            offer = did_you_mean(model, names) or f"; there are {', '.join(names)}"
            raise UsageError(f"--model: no model {model}{offer}")
        self._points = [TypedPoint.read(word, "--points") for word in self._wishes.points]
        self._templates = self._wishes.templates or standard_root() / TEMPLATES
        self._threshold, self._output = threshold, output
        self._taken: set[Path] = set()
        card = self._wishes.cards[model]
        if weights is not None and card.is_own:
            raise UsageError(f"--weights: {model} has its own, which `models:` names; leave it out")
        self._card = card if weights is None else of_zoo(model, weights)
        self._images: list[dict[str, Any]] = []
        with ExitStack() as stack:
            root = _project_around(Path.cwd())
            stack.enter_context(held_output(output, root, "`detect`", wait=wait))
            file = locate_weights(self._card, weights, offline=offline)
            self._sha256 = sha256_of_weights(file)
            self._detector = Detector.load(
                self._card, file, self._sha256, device, self._wishes.precision, check=True
            )
            self._held = stack.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._held.close()

    def run(self, image: Path) -> str:
        """Runs over one image, and draws; returns what is to be said now, "" with JSON.

        Raises:
            ImageError: the file is no image.
            UsageError: a point lies outside of it.
            PageError: the report cannot be made.
        """
        tried = self._tried(image)
        self._images.append(image_data(tried))
        return "" if self._wishes.as_json else text_of(tried)

    def run_all(self, images: Sequence[Path], say: Callable[..., None]) -> bool:
        """Runs over all images; returns whether each could be run over, and shown.

        Args:
            say: writes a text to standard output or, with `err=True`, to standard error.
        """
        complete = True
        for image in images:
            try:
                text = self.run(image)
            except GeneratorError as error:
                # What is wrong with a point does not name the image.
                reason = f"{image}: {error}" if isinstance(error, UsageError) else str(error)
                say(f"Error: {reason}", err=True)
                self._images.append(error_data(image, reason))
                complete = False
            else:
                if text:
                    say(text)
        if self._wishes.as_json:
            precision = self._wishes.precision
            say(json_of(self._card, self._threshold, self._sha256, self._images, precision))
        return complete

    def _tried(self, image: Path) -> TriedImage:
        if self._wishes.max_pixels is None:  # there is no site_config.yml whose limit to raise
            pixels = load_image(image, max_pixels=MAX_PIXELS, advice="make it smaller")
        else:
            pixels = load_image(image, max_pixels=self._wishes.max_pixels)
        height, width = pixels.shape[:2]
        points = tuple(point.fractions((height, width)) for point in self._points)
        forward = self._detector.run(pixels)
        analysis = analyse(pixels, forward, self._threshold, points or None)
        folder = self._folder(image)
        measured = measure_entry(analysis, folder.name, self._card.name)
        tried = TriedImage(
            image=image,
            card=self._card,
            analysis=analysis,
            measurements=measured.measurements,
            folder=folder,
            figures=draw_figures(analysis, folder, FigureOptions()),
            precision=self._wishes.precision,
        )
        if not self._wishes.has_report:
            return tried
        from generator.outputs.tried.report import write_report  # MkDocs and Typst take a second

        return replace(tried, report=write_report(tried, self._templates))

    def _folder(self, image: Path) -> Path:
        """A folder of its own for each image, even if two have the same name."""
        name, number = image.stem.strip(".") or "image", 1
        folder = self._output / name
        while folder in self._taken:
            number += 1
            folder = self._output / f"{name}-{number}"
        self._taken.add(folder)
        return folder


def _project_around(folder: Path) -> Path | None:
    """The project that a folder lies in, if it lies in one."""
    around = (folder, *folder.parents)
    return next((path for path in around if (path / "site_config.yml").is_file()), None)
