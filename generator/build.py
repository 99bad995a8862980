"""The recipe: from site_config.yml to a site, in about ten calls.

In: the path of a configuration and what the command line asked for. Out: everything
under `build/`, and a `BuildReport`. Each stage below is a module of its own.
"""

from __future__ import annotations

import itertools
import logging
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from generator.attention import AttentionMaps
from generator.config import Edition, FigureOptions, SiteConfig
from generator.detr.zoo import model_card
from generator.editions import copy_pictures, edition_folders
from generator.errors import UsageError
from generator.forward_pass import load_forward_pass
from generator.forwards import Forwarder, Located
from generator.gallery import GalleryImage, load_project
from generator.illustrations import illustrate, illustrate_training
from generator.images import load_image
from generator.ledger import Ledger
from generator.measured_figures import FOLDER as Q3
from generator.measured_figures import Example, illustrate_measures
from generator.measures.files import write_measures
from generator.measures.gallery import GalleryMeasures, measure_gallery
from generator.measuring import measure_entry
from generator.output import claim_output
from generator.pages import write_pages
from generator.progress import progress
from generator.records import write_predictions, write_report
from generator.rehearsal import rehearse
from generator.results import Contents, EntryStatus, FigureFile, ImageResult
from generator.spelling import did_you_mean
from generator.website import build_website

logger = logging.getLogger("generator")

MOST_PROCESSES = 61
"""More processes in a pool than these Windows does not allow."""


@dataclass(frozen=True)
class BuildOptions:
    """What the command line asked for.

    Attributes:
        config: site_config.yml.
        output: folder to write to; None is `build` beside the configuration.
        only: slugs to build; empty means all.
        offline: download nothing.
        jobs: processes that draw.
        edition: in place of the configuration's own.
    """

    config: Path
    output: Path | None = None
    only: tuple[str, ...] = ()
    offline: bool = False
    jobs: int = 1
    edition: Edition | None = None


@dataclass(frozen=True)
class BuildReport:
    """How a build went.

    Attributes:
        seconds: from the first file read to the last one written.
        sites: where the pages of each edition are, by the edition's name.
    """

    statuses: tuple[EntryStatus, ...]
    detections: int
    seconds: float
    output: Path
    sites: Mapping[Edition, Path]

    def count(self, status: str) -> int:
        """How many entries ended so."""
        return sum(one.status == status for one in self.statuses)


def build(options: BuildOptions) -> BuildReport:
    """Builds the handout.

    Raises:
        ConfigurationError: the configuration has problems; nothing was written.
        UsageError: the command line asks for what cannot be; nothing was written.
        PageError: content cannot be rendered; no page was written.
        WebsiteError: MkDocs refused the pages; they were written.
    """
    started = time.monotonic()
    config, gallery = load_project(options.config)
    config = replace(config, edition=options.edition or config.edition)
    entries = _chosen(gallery, options.only)
    titles = {entry.slug: entry.title for entry in gallery}
    cards = tuple(model_card(name) for name in dict.fromkeys(entry.model for entry in entries))
    rehearse(config, gallery)  # a mistake in the prose is told at once
    output = (options.output or config.root / "build").resolve()
    claim_output(output, config.root)
    folders = edition_folders(config, output, config.root)
    docs = output / "docs"
    forwarder = Forwarder(config, config.root / ".cache", offline=options.offline)
    ledger = Ledger(config.root)
    located = _run(_locate(entries, forwarder, ledger), forwarder, ledger)
    results = tuple(_illustrate(located, config, docs, options.jobs, ledger))
    _remove_pictures(docs, keep=(titles.keys() - ledger.not_built()) | {Q3})
    statuses = tuple(ledger.statuses[entry.slug] for entry in entries)
    curves = {card.name: illustrate_training(card, docs) for card in cards if card.training}
    measures = measure_gallery([one.measures for one in results if one.measures])
    drawn = _illustrate_measures(measures, located, results, config, docs)
    contents = Contents(results, statuses, titles, cards, curves, measures, drawn)
    for folder, edition in folders:
        write_pages(edition, contents, folder)
        if folder != output:
            copy_pictures(docs, folder / "docs")
    write_predictions(output / "predictions.json", results)
    write_report(output / "report.json", statuses)
    write_measures(output, measures.images, measures.summaries)
    sites = {edition.edition: build_website(folder) for folder, edition in folders}
    return BuildReport(
        statuses=statuses,
        detections=sum(len(result.detections) for result in results),
        seconds=time.monotonic() - started,
        output=output,
        sites=sites,
    )


def _chosen(gallery: Sequence[GalleryImage], only: Sequence[str]) -> list[GalleryImage]:
    """The entries to build, in the gallery's order."""
    slugs = [entry.slug for entry in gallery]
    for slug in only:
        if slug not in slugs:
            offer = did_you_mean(slug, slugs)
            raise UsageError(f"--only: there is no image `{slug}` in the gallery{offer}")
    return [entry for entry in gallery if not only or entry.slug in only]


def _locate(entries: Sequence[GalleryImage], forwarder: Forwarder, ledger: Ledger) -> list[Located]:
    """Finds, or downloads, each entry's image and weights."""
    located = []
    with progress("Files", len(entries)) as shown:
        for entry in entries:
            with shown.item(entry.slug), ledger.errors_of(entry):
                located.append(forwarder.locate(entry))
    return located


def _run(located: Sequence[Located], forwarder: Forwarder, ledger: Ledger) -> list[Located]:
    """Runs DETR over each image that was not run over before; models one after the other."""
    missing = [one for one in located if not forwarder.is_cached(one)]
    if located:
        logger.info("%d of %d images were run before", len(located) - len(missing), len(located))
    failed = set()
    with progress("DETR", len(missing)) as shown:
        for one in sorted(missing, key=lambda one: one.entry.model):
            failed.add(one.entry.slug)
            with shown.item(one.entry.slug), ledger.errors_of(one.entry):
                if not forwarder.is_cached(one):  # another entry may show the same image
                    forwarder.run(one)
                failed.remove(one.entry.slug)
    return [one for one in located if one.entry.slug not in failed]


def _illustrate(
    located: Sequence[Located],
    config: SiteConfig,
    docs: Path,
    jobs: int,
    ledger: Ledger,
) -> list[ImageResult]:
    """Draws every entry's pictures; returns the results in the gallery's order."""
    results: dict[str, ImageResult] = {}
    with progress("Figures", len(located)) as shown:
        for entry, result in _drawn(located, config, docs, jobs):
            with shown.item(entry.slug), ledger.errors_of(entry):
                results[entry.slug] = result()
                ledger.note(entry, "built")
    return [results[one.entry.slug] for one in located if one.entry.slug in results]


def _drawn(
    located: Sequence[Located], config: SiteConfig, docs: Path, jobs: int
) -> Iterator[tuple[GalleryImage, Callable[[], ImageResult]]]:
    """Draws in this process or in several; a result that is called gives it or its error."""
    draw = partial(_illustrate_one, options=config.figures, docs=docs, max_pixels=config.max_pixels)
    jobs = min(jobs, len(located), MOST_PROCESSES)
    if jobs <= 1:
        yield from ((one.entry, partial(draw, one)) for one in located)
        return
    # Started afresh, not forked: torch's threads do not survive a fork.
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as executor:
        tasks = {executor.submit(draw, one): one.entry for one in located}
        for task in as_completed(tasks):
            yield tasks[task], task.result


def _illustrate_measures(
    measures: GalleryMeasures,
    located: Sequence[Located],
    results: Sequence[ImageResult],
    config: SiteConfig,
    docs: Path,
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
    titles = {model: model_card(model).title for model in measures.models}
    return illustrate_measures(
        measures.images, measures.summaries, docs, config.figures, titles=titles, examples=examples
    )


def _remove_pictures(docs: Path, keep: Set[str]) -> None:
    """Removes what earlier builds drew of entries that are gone: they may have had to go."""
    for folder in (docs / "figures").glob("*/"):
        if folder.name not in keep:
            shutil.rmtree(folder)
    files = ("docs/images/*.webp", "docs/images/thumbnails/*.webp", "stamps/*.txt")
    for file in itertools.chain(*(docs.parent.glob(pattern) for pattern in files)):
        if file.stem not in keep:
            file.unlink()


def _illustrate_one(
    located: Located, *, options: FigureOptions, docs: Path, max_pixels: int
) -> ImageResult:
    """Draws one entry's pictures and measures its attention."""
    pixels = load_image(located.image, max_pixels=max_pixels)
    forward = load_forward_pass(located.forward_pass)
    key = located.forward_pass.stem
    result = illustrate(located.entry, pixels, forward, options, docs, key)
    measured_before = located.forward_pass.parents[1] / "measures"
    return replace(result, measures=measure_entry(located.entry, forward, key, measured_before))
