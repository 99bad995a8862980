"""A gallery in which not every image has a page: all are measured, then some are chosen.

In: located entries. Out: a `Measured`: those that get a page, those that do not, and why. A
thousand images at a time are run and measured, and then the cache is trimmed: of images that were
measured no forward pass has to stay.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from generator.build.cache_limit import trim_cache
from generator.build.entry import BuiltEntry
from generator.build.measured_entry import EntryMeasurer, MeasuredEntry, MeasuredRecord
from generator.build.page_choice import choose_pages
from generator.build.progress import progress
from generator.build.spread import Spread
from generator.build.statuses import Statuses
from generator.files.folders import CacheFolder
from generator.inference.runner import LocatedEntry
from generator.pages.contents import MeasuredImage
from generator.project.config import SiteConfig
from generator.project.page_number import ALL

AT_A_TIME = 1000
"""Images whose forward passes wait on the disk to be measured, at most."""

Located = Sequence[LocatedEntry]
Run = Callable[[Located], Iterable[LocatedEntry]]


@dataclass(frozen=True)
class Measured:
    """What became of a gallery's images before any was drawn.

    Attributes:
        with_pages: to be drawn.
        without: measured, in the gallery's order.
        chosen: why an image has a page, by slug; empty where all have one.
        order: the slugs of all, in the gallery's order; empty likewise.
    """

    with_pages: Located
    without: tuple[MeasuredEntry, ...] = ()
    chosen: Mapping[str, str] = field(default_factory=dict)
    order: tuple[str, ...] = ()

    @property
    def images(self) -> tuple[MeasuredImage, ...]:
        """What pages may tell of those without one."""
        return tuple(
            MeasuredImage(one.located.entry, one.record.detections) for one in self.without
        )

    def with_built(self, built: Sequence[BuiltEntry]) -> list[BuiltEntry | MeasuredEntry]:
        """All whose numbers count, in the gallery's order."""
        if not self.without:
            return list(built)
        every: list[BuiltEntry | MeasuredEntry] = [*built, *self.without]
        by_slug = {one.located.entry.slug: one for one in every}
        return [by_slug[slug] for slug in self.order if slug in by_slug]


def all_get_pages(config: SiteConfig, number: int, only: Sequence[str]) -> bool:
    """Whether there is nothing to choose.

    Args:
        number: of images that are built.
        only: the slugs that were asked for.
    """
    return bool(only) or config.pages == ALL or config.pages >= number


def choose_and_measure(
    found: Located,
    config: SiteConfig,
    only: Sequence[str],
    cache: CacheFolder,
    run: Run,
    statuses: Statuses,
    spread: Spread,
) -> Measured:
    """Measures all images and chooses those with a page; where all have one, does nothing.

    Args:
        only: the slugs that were asked for; these have their pages.
        run: makes the forward passes and tests of images, and leaves out those that fail.
    """
    number = config.pages
    if number == ALL or all_get_pages(config, len(found), only):
        return Measured(found)
    measurer = EntryMeasurer(config, cache)
    records = _records(found, measurer, run, statuses, spread)
    measured = [
        MeasuredEntry(one, records[one.entry.slug]) for one in found if one.entry.slug in records
    ]
    chosen = choose_pages(measured, number)
    without = tuple(one for one in measured if one.located.entry.slug not in chosen)
    for one in without:
        statuses.note(one.located.entry, "built")
    with_pages = [one.located for one in measured if one.located.entry.slug in chosen]
    order = tuple(one.located.entry.slug for one in measured)
    result = Measured(with_pages, without, chosen, order)
    list(run(_shown_without_page(result)))
    return result


def files_of_measured(config: SiteConfig, cache: CacheFolder, measured: Measured) -> Iterator[Path]:
    """The files of the cache that images without a page need; no forward passes are among them."""
    yield from _files(measured.without, EntryMeasurer(config, cache))


def _records(
    found: Located,
    measurer: EntryMeasurer,
    run: Run,
    statuses: Statuses,
    spread: Spread,
) -> dict[str, MeasuredRecord]:
    """What was measured on each image, now or before, by slug."""
    records: dict[str, MeasuredRecord] = {}
    for one in found:
        if (kept := measurer.kept(one)) is not None:
            records[one.entry.slug] = kept
    waiting = [one for one in found if one.entry.slug not in records]
    for start in range(0, len(waiting), AT_A_TIME):
        chunk = waiting[start : start + AT_A_TIME]
        ready = run(chunk)
        results = closing(spread.each(measurer.build, ready))
        with progress("Measures", len(chunk)) as shown, results as made:
            for one, result in made:
                with shown.item(one.entry.slug), statuses.errors_of(one.entry):
                    records[one.entry.slug] = result()
        if start + AT_A_TIME < len(waiting):
            done = [one for one in found if one.entry.slug in records]
            kept_ones = [MeasuredEntry(one, records[one.entry.slug]) for one in done]
            most_bytes = measurer.config.max_cache_gb * 10**9
            trim_cache(measurer.cache, most_bytes, _files(kept_ones, measurer))
    return records


def _shown_without_page(measured: Measured) -> Located:
    """Of each model without any page the image with most detections: Q3 shows its maps."""
    models = {one.entry.model for one in measured.with_pages}
    best: dict[str, MeasuredEntry] = {}
    for one in measured.without:
        known = best.setdefault(one.located.entry.model, one)
        if len(one.record.detections) > len(known.record.detections):
            best[one.located.entry.model] = one
    return [one.located for model, one in best.items() if model not in models]


def _files(ones: Sequence[MeasuredEntry], measurer: EntryMeasurer) -> Iterator[Path]:
    for one in ones:
        yield from (measurer.file(one.located), one.record.measures.path, one.located.image)
