"""Draws and measures all entries, in one process or several, and then the gallery as a whole.

In: entries whose forward passes are on the disk. Out: `ImageResult`s in the gallery's order,
pictures below `docs` and, for the PDF, once more below `print`. An entry that fails is noted
and never stops the others.
"""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable, Iterator, Sequence, Set
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from generator.analysis.attention import AttentionMaps
from generator.build.gallery_set import FOLDER as Q3
from generator.build.gallery_set import Example, illustrate_measures
from generator.build.image_set import illustrate
from generator.build.progress import progress
from generator.build.statuses import Statuses
from generator.detr.zoo import model_card
from generator.files.images import load_image
from generator.inference.forward_pass import load_forward_pass
from generator.inference.runner import LocatedEntry
from generator.measures.cached import measure_entry
from generator.measures.gallery import GalleryMeasures
from generator.pages.contents import FigureFile, ImageResult
from generator.project.config import SiteConfig
from generator.project.gallery import GalleryImage

MOST_PROCESSES = 61
"""More processes in a pool than these Windows does not allow."""


@dataclass(frozen=True)
class Drawer:
    """Draws for one build.

    Attributes:
        docs: the site's source; pictures go into folders of it.
        prints: where figures go once more, as they are printed; None if there is to be no PDF.
        jobs: processes that draw.
    """

    config: SiteConfig
    docs: Path
    prints: Path | None
    jobs: int

    def entries(
        self, located: Sequence[LocatedEntry], statuses: Statuses
    ) -> tuple[ImageResult, ...]:
        """Draws every entry's pictures and measures it; results are in the gallery's order."""
        results: dict[str, ImageResult] = {}
        with progress("Figures", len(located)) as shown:
            for entry, result in self._each(located):
                with shown.item(entry.slug), statuses.errors_of(entry):
                    results[entry.slug] = result()
                    statuses.note(entry, "built")
        return tuple(results[one.entry.slug] for one in located if one.entry.slug in results)

    def _each(
        self, located: Sequence[LocatedEntry]
    ) -> Iterator[tuple[GalleryImage, Callable[[], ImageResult]]]:
        """Draws in this process or in several; a result that is called gives it or its error."""
        draw = partial(_draw_one, drawer=self)
        jobs = min(self.jobs, len(located), MOST_PROCESSES)
        if jobs <= 1:
            yield from ((one.entry, partial(draw, one)) for one in located)
            return
        # Started afresh, not forked: torch's threads do not survive a fork.
        with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as executor:
            tasks = {executor.submit(draw, one): one.entry for one in located}
            for task in as_completed(tasks):
                yield tasks[task], task.result

    def gallery(
        self,
        measures: GalleryMeasures,
        located: Sequence[LocatedEntry],
        results: Sequence[ImageResult],
    ) -> dict[str, FigureFile]:
        """Draws Q3's figures; each model's image with most detections is the example."""
        files = {one.entry.slug: one.forward_pass for one in located}
        examples = []
        for model in measures.models:
            best = max(
                (result for result in results if result.entry.model == model),
                key=lambda result: len(result.detections),
            )
            maps = AttentionMaps(load_forward_pass(files[best.entry.slug]))
            examples.append(Example(best.entry.title, maps, best.detections))
        return illustrate_measures(
            measures.images,
            measures.summaries,
            self.docs,
            self.config.figures,
            titles={model: model_card(model).title for model in measures.models},
            examples=examples,
            prints=self.prints,
        )


def _draw_one(located: LocatedEntry, drawer: Drawer) -> ImageResult:
    """Draws one entry's pictures and measures its attention."""
    config, entry = drawer.config, located.entry
    pixels = load_image(located.image, max_pixels=config.max_pixels)
    forward = load_forward_pass(located.forward_pass)
    key = located.forward_pass.stem
    result = illustrate(entry, pixels, forward, config.figures, drawer.docs, key, drawer.prints)
    measured_before = located.forward_pass.parents[1] / "measures"
    return replace(result, measures=measure_entry(entry, forward, key, measured_before))


def remove_old_pictures(build: Path, prints: Path, keep: Set[str]) -> None:
    """Removes what earlier builds drew of entries that are gone: they may have had to go.

    Args:
        keep: the slugs whose pictures stay.
    """
    for folder in itertools.chain(build.glob("docs/figures/*/"), prints.glob("figures/*/")):
        if folder.name not in keep | {Q3}:
            shutil.rmtree(folder)
    files = ("docs/images/*.webp", "docs/images/thumbnails/*.webp", "stamps/*.txt")
    for file in itertools.chain(*(build.glob(pattern) for pattern in files)):
        if file.stem not in keep | {Q3}:
            file.unlink()
