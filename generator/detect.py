"""Runs a model over a student's own images: a table and figures, without a site.

In: image files. Out: a table as text, and the exercise's figures in a folder. Nothing is
cached.
"""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Self

from generator.analysis.detections import Detections, rounded_down
from generator.analysis.entry_analysis import analyse
from generator.detr.zoo import model_card, model_names
from generator.errors import UsageError
from generator.figures.image.image_set import IMAGE_FIGURES
from generator.figures.save import save_figure
from generator.files.fingerprint import sha256_of
from generator.files.images import load_image
from generator.files.owned_folder import held_output
from generator.inference.detector import Detector
from generator.inference.locate import locate_weights
from generator.project.config import MAX_PIXELS, FigureOptions
from generator.project.suggest import did_you_mean


class TryOut:
    """A model that runs over one image after the other, and a folder that is its own meanwhile.

    Args:
        max_pixels: the limit of the project here; None if there is none.

    Raises:
        UsageError: no model has this name, or the folder may not be written to.
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
        max_pixels: int | None = None,
    ) -> None:
        names = model_names()
        if model not in names:
            offer = did_you_mean(model, names) or f"; there are {', '.join(names)}"
            raise UsageError(f"--model: no model {model}{offer}")
        self._threshold, self._output, self._max_pixels = threshold, output, max_pixels
        self._taken: set[Path] = set()
        card = model_card(model)
        self._caution = [] if card.training is None else [f"Mind: {card.notes}"]
        with ExitStack() as stack:
            root = _project_around(Path.cwd())
            stack.enter_context(held_output(output, root, "`detect`", wait=wait))
            file = locate_weights(card, weights, offline=offline)
            self._detector = Detector.load(card, file, sha256_of(file), device, check=True)
            self._held = stack.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._held.close()

    def run(self, image: Path) -> str:
        """Runs over one image and draws its figures; returns the table.

        Raises:
            ImageError: the file is no image.
        """
        if self._max_pixels is None:  # there is no site_config.yml whose limit could be raised
            pixels = load_image(image, max_pixels=MAX_PIXELS, advice="make it smaller")
        else:
            pixels = load_image(image, max_pixels=self._max_pixels)
        forward = self._detector.run(pixels)
        analysis = analyse(pixels, forward, self._threshold)
        options, folder = FigureOptions(), self._folder(image)
        for kind in IMAGE_FIGURES:
            if kind.applies(analysis):
                file = folder / f"{kind.name}.png"
                save_figure(kind.draw(analysis, options), file, options.dpi)
        rows, columns = forward.grid_hw
        lines = [
            f"{image}: {forward.size_hw[1]} x {forward.size_hw[0]} pixels, seen as "
            f"{forward.input_hw[1]} x {forward.input_hw[0]}, "
            f"{columns} x {rows} = {rows * columns} cells",
            *_table(analysis.detections),
            *self._caution,
            f"Figures in {folder}",
        ]
        return "\n".join(lines) + "\n"

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


def _table(detections: Detections) -> list[str]:
    """The detections in columns."""
    if not len(detections):
        return [f"Nothing scores above {detections.threshold:g}."]
    rows = [f"{'query':>5}  {'class':<14} {'score':>5}  box (left, top, right, bottom)"]
    for query, label, score, box in zip(
        detections.queries,
        detections.labels,
        detections.scores,
        detections.boxes_xyxy,
        strict=True,
    ):
        corners = ", ".join(f"{side:.0f}" for side in box)
        rows.append(f"{query:>5}  {label:<14} {rounded_down(score):>5.3f}  {corners}")
    return rows
