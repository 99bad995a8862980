"""The recipe: from site_config.yml to a site, in about ten calls.

In: the path of a configuration and what the command line asked for. Out: everything
under `build/`, and a `BuildReport`. Each stage below is a module of its own.
"""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from pathlib import Path

from generator.build.editions import copy_pictures, edition_folders
from generator.build.image_set import illustrate_training
from generator.build.progress import progress
from generator.build.stand_ins import render_stand_ins
from generator.build.statuses import Statuses
from generator.build.workers import Drawer, remove_old_pictures
from generator.detr.zoo import model_card
from generator.errors import UsageError
from generator.files.owned_folder import claim_output
from generator.files.write import write_if_different
from generator.inference.runner import LocatedEntry, Runner
from generator.measures.gallery import measure_gallery
from generator.outputs.data_files import write_predictions, write_report
from generator.outputs.measures_files import write_measures
from generator.outputs.pdf.book import PRINTS, remove_handouts, typeset_handout
from generator.outputs.website import publish_website, stage_website
from generator.pages.contents import Contents, EntryStatus
from generator.pages.render import write_pages
from generator.project.config import Edition, Output, SiteConfig
from generator.project.gallery import GalleryImage, load_project
from generator.project.suggest import did_you_mean

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
        edition: in place of the configuration's own.
        leave_out: of what the configuration says to make.
    """

    config: Path
    output: Path | None = None
    only: tuple[str, ...] = ()
    offline: bool = False
    jobs: int = 1
    edition: Edition | None = None
    leave_out: Set[Output] = frozenset()


@dataclass(frozen=True)
class BuildReport:
    """How a build went.

    Attributes:
        seconds: from the first file read to the last one written.
        sites, handouts: the site's folder and the PDF of each edition, by the edition's name.
    """

    statuses: tuple[EntryStatus, ...]
    detections: int
    seconds: float
    output: Path
    sites: Mapping[Edition, Path]
    handouts: Mapping[Edition, Path]

    def count(self, status: str) -> int:
        """How many entries ended so."""
        return sum(one.status == status for one in self.statuses)


def build(options: BuildOptions) -> BuildReport:
    """Builds the handout.

    Raises:
        ConfigurationError: the configuration has problems; nothing was written.
        UsageError: the command line asks for what cannot be; nothing was written.
        PageError: content cannot be rendered or typeset.
        WebsiteError: MkDocs refused the pages.
            After both, site and PDF are those from before.
    """
    started = time.monotonic()
    config, gallery = load_project(options.config)
    config = _as_asked(config, options)
    entries = _chosen(gallery, options.only)
    titles = {entry.slug: entry.title for entry in gallery}
    cards = tuple(model_card(name) for name in dict.fromkeys(entry.model for entry in entries))
    render_stand_ins(config, gallery)  # a mistake in the prose is told at once
    output = (options.output or config.root / "build").resolve()
    claim_output(output, config.root)
    folders = edition_folders(config, output, config.root)
    docs = output / "docs"
    runner = Runner(config, config.root / ".cache", offline=options.offline)
    statuses = Statuses(config.root)
    located = _run(_locate(entries, runner, statuses), runner, statuses)
    prints = output / PRINTS
    drawer = Drawer(config, docs, prints if "pdf" in config.outputs else None, options.jobs)
    results = drawer.entries(located, statuses)
    remove_old_pictures(output, prints, keep=titles.keys() - statuses.not_built())
    ended = tuple(statuses.by_slug[entry.slug] for entry in entries)
    curves = {card.name: illustrate_training(card, docs) for card in cards if card.training}
    measures = measure_gallery([one.measures for one in results if one.measures])
    drawn = drawer.gallery(measures, located, results)
    contents = Contents(results, ended, titles, cards, curves, measures, drawn)
    pdfs = _typeset(folders, contents, docs)
    for folder, edition in folders:
        write_pages(edition, contents, folder)
        if folder != output:
            copy_pictures(docs, folder / "docs")
    write_predictions(output / "predictions.json", results)
    write_report(output / "report.json", ended)
    write_measures(output, measures.images, measures.summaries)
    _stage_sites(folders)
    # Whatever could be refused was not: only now is replaced what an earlier build made.
    handouts, sites = _publish_handouts(folders, pdfs), _publish_sites(folders)
    return BuildReport(
        statuses=ended,
        detections=sum(len(result.detections) for result in results),
        seconds=time.monotonic() - started,
        output=output,
        sites=sites,
        handouts=handouts,
    )


def _as_asked(config: SiteConfig, options: BuildOptions) -> SiteConfig:
    """The settings, with what the command line puts in their place."""
    outputs = tuple(one for one in config.outputs if one not in options.leave_out)
    if not outputs:
        raise UsageError("there is nothing to make: neither a site nor a PDF is wanted")
    return replace(config, edition=options.edition or config.edition, outputs=outputs)


def _chosen(gallery: Sequence[GalleryImage], only: Sequence[str]) -> list[GalleryImage]:
    """The entries to build, in the gallery's order."""
    slugs = [entry.slug for entry in gallery]
    for slug in only:
        if slug not in slugs:
            offer = did_you_mean(slug, slugs)
            raise UsageError(f"--only: there is no image `{slug}` in the gallery{offer}")
    return [entry for entry in gallery if not only or entry.slug in only]


def _locate(
    entries: Sequence[GalleryImage], runner: Runner, statuses: Statuses
) -> list[LocatedEntry]:
    """Finds, or downloads, each entry's image and weights."""
    located = []
    with progress("Files", len(entries)) as shown:
        for entry in entries:
            with shown.item(entry.slug), statuses.errors_of(entry):
                located.append(runner.locate(entry))
    return located


def _run(located: Sequence[LocatedEntry], runner: Runner, statuses: Statuses) -> list[LocatedEntry]:
    """Runs DETR over each image that was not run over before; models one after the other."""
    missing = [one for one in located if not runner.is_cached(one)]
    if located:
        logger.info("%d of %d images were run before", len(located) - len(missing), len(located))
    failed = set()
    with progress("DETR", len(missing)) as shown:
        for one in sorted(missing, key=lambda one: one.entry.model):
            failed.add(one.entry.slug)
            with shown.item(one.entry.slug), statuses.errors_of(one.entry):
                if not runner.is_cached(one):  # another entry may show the same image
                    runner.run(one)
                failed.remove(one.entry.slug)
    return [one for one in located if one.entry.slug not in failed]


Folders = Sequence[tuple[Path, SiteConfig]]
"""The folder of each edition, with its settings."""


def _handout_of(folders: Folders, folder: Path, config: SiteConfig) -> Path:
    """Where an edition's PDF goes; without its suffix, where it is typeset."""
    name = "handout" if len(folders) == 1 else f"handout-{config.edition}"
    return folder / f"{name}.pdf"


def _typeset(folders: Folders, contents: Contents, docs: Path) -> dict[Path, bytes]:
    """The PDF of each edition that wants one, not yet written."""
    pdfs = {}
    for folder, config in folders:
        if "pdf" in config.outputs:
            logger.info("PDF: %s edition", config.edition)
            file = _handout_of(folders, folder, config)
            pdfs[file] = typeset_handout(config, contents, docs, file.with_suffix(""))
    return pdfs


def _publish_handouts(folders: Folders, pdfs: Mapping[Path, bytes]) -> dict[Edition, Path]:
    """Writes the PDFs, and removes those that this build does not make."""
    handouts = {}
    for folder, config in folders:
        file = _handout_of(folders, folder, config)
        if file in pdfs:
            write_if_different(file, pdfs[file])
            handouts[config.edition] = file
        remove_handouts(folder, keep=file.stem if file in pdfs else "")
    return handouts


def _stage_sites(folders: Folders) -> None:
    """Builds each edition's site, and leaves earlier ones as they are."""
    for folder, config in folders:
        if "site" in config.outputs:
            stage_website(folder)


def _publish_sites(folders: Folders) -> dict[Edition, Path]:
    """Puts the sites in their places, and removes one that this build does not make."""
    sites = {}
    for folder, config in folders:
        if "site" in config.outputs:
            sites[config.edition] = publish_website(folder)
        else:
            shutil.rmtree(folder / "site", ignore_errors=True)
    return sites
