"""The recipe: from site_config.yml to a site, in about ten calls.

In: the path of a configuration and what the command line asked for. Out: everything
under `build/`, and a `BuildReport`. Each stage below is a module of its own.
"""

from __future__ import annotations

import logging
import os
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from generator.config import FigureOptions, SiteConfig
from generator.detr.zoo import model_card
from generator.errors import ConfigurationError, GeneratorError, Problem, UnavailableError
from generator.forward_pass import load_forward_pass
from generator.forwards import Forwarder, Located
from generator.gallery import GalleryImage, load_project
from generator.illustrations import illustrate, illustrate_training
from generator.images import load_image
from generator.pages import write_pages
from generator.progress import progress
from generator.records import write_predictions, write_report
from generator.results import EntryStatus, ImageResult, Status
from generator.website import build_website
from generator.yaml_source import nearest

logger = logging.getLogger("generator")


@dataclass(frozen=True)
class BuildOptions:
    """What the command line asked for.

    Attributes:
        config: site_config.yml.
        output: folder to write to; None is `build` beside the configuration.
        only: slugs to build; empty means all.
        offline: download nothing.
        jobs: processes that draw.
    """

    config: Path
    output: Path | None = None
    only: tuple[str, ...] = ()
    offline: bool = False
    jobs: int = 1


@dataclass(frozen=True)
class BuildReport:
    """How a build went.

    Attributes:
        seconds: from the first file read to the last one written.
        site: where the site's pages are.
    """

    statuses: tuple[EntryStatus, ...]
    detections: int
    seconds: float
    output: Path
    site: Path

    def count(self, status: str) -> int:
        """How many entries ended so."""
        return sum(one.status == status for one in self.statuses)


def build(options: BuildOptions) -> BuildReport:
    """Builds the handout.

    Raises:
        ConfigurationError: the configuration has problems; nothing was written.
        PageError, WebsiteError: content cannot be rendered; the pictures were written.
    """
    started = time.monotonic()
    config, gallery = load_project(options.config)
    entries = _chosen(gallery, options)
    output = (options.output or config.root / "build").resolve()
    docs = output / "docs"
    forwarder = Forwarder(config, config.root / ".cache", offline=options.offline)
    ledger = _Ledger(config.root)
    located = _run(_locate(entries, forwarder, ledger), forwarder, ledger)
    results = _illustrate(located, config, docs, options.jobs, ledger)
    _remove_pictures(docs, keep={one.slug for one in gallery} - ledger.not_built())
    ordered = [ledger.statuses[entry.slug] for entry in entries]
    cards = [model_card(name) for name in dict.fromkeys(entry.model for entry in entries)]
    curves = {card.name: illustrate_training(card, docs) for card in cards}
    write_pages(config, results, ordered, cards, curves, output)
    write_predictions(output / "predictions.json", results)
    write_report(output / "report.json", ordered)
    site = build_website(output)
    return BuildReport(
        statuses=tuple(ordered),
        detections=sum(len(result.detections) for result in results),
        seconds=time.monotonic() - started,
        output=output,
        site=site,
    )


def _chosen(gallery: Sequence[GalleryImage], options: BuildOptions) -> list[GalleryImage]:
    """The entries to build, in the gallery's order."""
    slugs = [entry.slug for entry in gallery]
    problems = [
        Problem(
            options.config,
            None,
            f"--only: there is no image `{slug}` in the gallery{_offer(slug, slugs)}",
        )
        for slug in options.only
        if slug not in slugs
    ]
    if problems:
        raise ConfigurationError(problems)
    return [entry for entry in gallery if not options.only or entry.slug in options.only]


def _offer(slug: str, slugs: Sequence[str]) -> str:
    close = nearest(slug, slugs)
    return f"; did you mean `{close}`?" if close else ""


class _Ledger:
    """What became of each entry so far."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self.statuses: dict[str, EntryStatus] = {}

    def note(self, entry: GalleryImage, status: Status, reason: str = "") -> None:
        """Writes down how an entry ended.

        The reason is published, so it does not tell where on this machine the project lies.
        """
        reason = reason.replace(f"{self._root}{os.sep}", "").replace(str(Path.home()), "~")
        self.statuses[entry.slug] = EntryStatus(entry.slug, entry.title, status, reason)
        if status != "built":
            level = logging.ERROR if status == "failed" else logging.WARNING
            logger.log(level, "%s %s: %s", status.replace("_", " "), entry.slug, reason)

    @contextmanager
    def errors_of(self, entry: GalleryImage) -> Iterator[None]:
        """Turns an entry's error into its status: one bad entry never stops the others."""
        try:
            yield
        except UnavailableError as error:
            self.note(entry, "left_out", str(error))
        except GeneratorError as error:
            self.note(entry, "failed", str(error))
        except Exception as error:
            reason = f"unexpected error, please report it: {type(error).__name__}: {error}"
            self.note(entry, "failed", reason)
            logger.debug("", exc_info=True)

    def not_built(self) -> set[str]:
        """Slugs of the entries that were left out or failed."""
        return {slug for slug, one in self.statuses.items() if one.status != "built"}


def _locate(
    entries: Sequence[GalleryImage], forwarder: Forwarder, ledger: _Ledger
) -> list[Located]:
    """Finds, or downloads, each entry's image and weights."""
    located = []
    for entry in entries:
        with ledger.errors_of(entry):
            located.append(forwarder.locate(entry))
    return located


def _run(located: Sequence[Located], forwarder: Forwarder, ledger: _Ledger) -> list[Located]:
    """Runs DETR over each image that was not run over before; models one after the other."""
    missing = [one for one in located if not forwarder.is_cached(one)]
    if located:
        logger.info("%d of %d images were run before", len(located) - len(missing), len(located))
    failed = set()
    with progress("DETR", len(missing)) as shown:
        for one in sorted(missing, key=lambda one: one.entry.model):
            shown.start(one.entry.slug)
            failed.add(one.entry.slug)
            with ledger.errors_of(one.entry):
                forwarder.run(one)
                failed.remove(one.entry.slug)
            shown.finish(one.entry.slug)
    return [one for one in located if one.entry.slug not in failed]


def _illustrate(
    located: Sequence[Located],
    config: SiteConfig,
    docs: Path,
    jobs: int,
    ledger: _Ledger,
) -> list[ImageResult]:
    """Draws every entry's pictures; returns the results in the gallery's order."""
    results: dict[str, ImageResult] = {}
    with progress("Figures", len(located)) as shown:
        for entry, result in _drawn(located, config, docs, jobs):
            with ledger.errors_of(entry):
                results[entry.slug] = result()
                ledger.note(entry, "built")
            shown.finish(entry.slug)
    return [results[one.entry.slug] for one in located if one.entry.slug in results]


def _drawn(
    located: Sequence[Located], config: SiteConfig, docs: Path, jobs: int
) -> Iterator[tuple[GalleryImage, Callable[[], ImageResult]]]:
    """Draws in this process or in several; a result that is called gives it or its error."""
    draw = partial(_illustrate_one, options=config.figures, docs=docs, max_pixels=config.max_pixels)
    jobs = min(jobs, len(located))
    if jobs <= 1:
        yield from ((one.entry, partial(draw, one)) for one in located)
        return
    # Started afresh, not forked: torch's threads do not survive a fork.
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as executor:
        tasks = {executor.submit(draw, one): one.entry for one in located}
        for task in as_completed(tasks):
            yield tasks[task], task.result


def _remove_pictures(docs: Path, keep: set[str]) -> None:
    """Removes what earlier builds drew of entries that are gone: they may have had to go."""
    for folder in (docs / "figures").glob("*/"):
        if folder.name not in keep:
            shutil.rmtree(folder)
    pictures = (docs / "images").glob("*.webp")
    for file in (*pictures, *(docs.parent / "stamps").glob("*.txt")):
        if file.stem.removesuffix("-thumbnail") not in keep:
            file.unlink()


def _illustrate_one(
    located: Located, *, options: FigureOptions, docs: Path, max_pixels: int
) -> ImageResult:
    """Draws one entry's pictures."""
    pixels = load_image(located.image, max_pixels=max_pixels)
    forward = load_forward_pass(located.forward_pass)
    key = located.forward_pass.stem
    return illustrate(located.entry, pixels, forward, options, docs, key)
