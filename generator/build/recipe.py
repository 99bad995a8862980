"""The recipe: from site_config.yml to what is published, in about ten calls.

In: the path of a configuration and what the command line asked for. Out: everything
under `build/`, and a `BuildReport`. Each stage below is a module of its own, and does only
what changed.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from pathlib import Path

from generator.build.cache_limit import files_in_use, trim_cache
from generator.build.chosen import chosen_entries
from generator.build.engines import spread_of
from generator.build.entry import BuiltEntry, EntryBuilder
from generator.build.fill import Filler, filled
from generator.build.first_look import takes_long, try_texts
from generator.build.gallery_figures import gallery_set, lab_set, training_set
from generator.build.leftovers import remove_leftovers
from generator.build.measured import measured_gallery
from generator.build.measuring import (
    Measured,
    all_get_pages,
    choose_and_measure,
    files_of_measured,
)
from generator.build.publish import publish, refuse_a_loss
from generator.build.report import BuildReport
from generator.build.running import locate_entries, ready_entries
from generator.build.spread import Processes, Spread
from generator.build.statuses import Statuses
from generator.build.unchanged import (
    forget_build,
    inputs_of,
    note_build,
    note_sources,
    sources_are_known,
    unchanged_build,
)
from generator.build.workers import build_entries, remove_old_pictures
from generator.detr.zoo import LAB_MODEL, model_card
from generator.errors import CacheError, ChangedError, GeneratorError, UsageError
from generator.figures.figure_file import FigureFile
from generator.files.folders import BuildFolder, CacheFolder
from generator.files.owned_folder import held_output
from generator.files.storage import storage_error
from generator.inference.hub import with_hub_models
from generator.inference.runner import LocatedEntry, Runner
from generator.outputs.data_files import write_predictions, write_report, write_results
from generator.outputs.zensical_run import refuse_missing_engine
from generator.pages.contents import Contents
from generator.project.comparisons import comparisons_of
from generator.project.config import Edition, Output, SiteConfig
from generator.project.experiments import read_experiments, sprite_files
from generator.project.gallery import GalleryImage, load_project
from generator.project.overlay import content_of, templates_of

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
        wait: for another command that writes to the same folder.
        force: publish even if that is less than what is published already.
        executor: what does the work: "processes", "dask:ADDRESS" or "ray:ADDRESS".
        store: the address of a cache in object storage, or "".
    """

    config: Path
    output: Path | None = None
    only: tuple[str, ...] = ()
    offline: bool = False
    jobs: int = 1
    edition: Edition | None = None
    leave_out: Set[Output] = frozenset()
    wait: bool = False
    force: bool = False
    executor: str = "processes"
    store: str = ""


def build(options: BuildOptions) -> BuildReport:
    """Builds the handout.

    Raises:
        ConfigurationError: the configuration has problems; nothing was written.
        UsageError: the command line asks for what cannot be; nothing was written.
        BusyError: another command writes to the same folder.
        StorageError: the disk is full, or `build/` or `.cache/` cannot be written to.
        LossError: less was made than is published already.
        PageError: content cannot be rendered or typeset.
        WebsiteError: MkDocs refused the pages.
            After all four, site and PDF are those from before.
    """
    started = time.monotonic()
    config, gallery = load_project(options.config)
    config = _as_asked(config, options)
    entries = chosen_entries(gallery, options.only)
    config = with_hub_models(config, (one.model for one in entries), offline=options.offline)
    folder = BuildFolder.of(config.root, options.output)
    cache = CacheFolder.of(config.root)
    spread = spread_of(options.executor, options.jobs)
    runner = _runner(config, cache, options)
    builder = EntryBuilder(config, folder, cache, for_print="pdf" in config.outputs)
    known = runner.look(entries)
    if not sources_are_known(config, folder) and takes_long(entries, known, runner, builder):
        try_texts(config, gallery)
    work = _Work(options, config, gallery, entries, builder, runner, known, spread, started)
    own = (folder.path, cache.path)
    with held_output(folder.path, config.root, "a build", wait=options.wait):
        try:
            return _build_or_again(work)
        except (GeneratorError, OSError) as error:
            if (stopped := storage_error(error, own)) is not None:
                raise stopped from error
            raise


@dataclass(frozen=True)
class _Work:
    """A build that is asked for, whose settings were read and whose folder is held."""

    options: BuildOptions
    config: SiteConfig
    gallery: Sequence[GalleryImage]
    entries: Sequence[GalleryImage]
    builder: EntryBuilder
    runner: Runner
    known: Mapping[str, LocatedEntry]
    spread: Spread
    started: float


def _build_or_again(work: _Work) -> BuildReport:
    """Builds; again for each file that was damaged, or replaced meanwhile: it is gone by then."""
    for _ in work.entries:
        try:
            return _build(work, once_more=True)
        except (CacheError, ChangedError) as error:
            logger.info("%s", error)
            logger.info("once more, with what is there now")
            runner = _runner(work.config, work.builder.cache, work.options)
            work = replace(work, runner=runner, known=runner.look(work.entries))
    return _build(work, once_more=False)


def _build(work: _Work, *, once_more: bool) -> BuildReport:
    """All stages of a build.

    Args:
        once_more: whether a damaged or replaced file stops the build, or only fails its entry.

    Raises:
        CacheError, ChangedError: such a file; it is gone.
    """
    options, config, gallery, entries = work.options, work.config, work.gallery, work.entries
    builder, started = work.builder, work.started
    folder, cache = builder.folder, builder.cache
    statuses = Statuses(config.root, (folder.path, cache.path))
    runner, found = work.runner, locate_entries(entries, work.known, work.runner, statuses)
    inputs = inputs_of(config, gallery, found, statuses)
    if report := unchanged_build(folder, inputs, time.monotonic() - started):
        return report
    forget_build(folder)
    remove_leftovers(folder, cache)
    spread = work.spread
    all_drawn = all_get_pages(config, len(found), options.only)
    filler = Filler(config, cache, options.store, options.offline, all_drawn)
    found = filled(found, filler, runner, statuses, spread)
    # Workers that have no folder in common with this machine cannot draw into it.
    spread = Processes(options.jobs) if options.store else spread

    def run(ones: Sequence[LocatedEntry]) -> Iterable[LocatedEntry]:
        filler.fetch_runs(ones)
        return ready_entries(ones, config, cache, runner, statuses)

    measured = choose_and_measure(found, config, options.only, cache, run, statuses, spread)
    built = build_entries(measured.with_pages, run, builder, statuses, spread)
    filler.put_all(found)
    if once_more and statuses.spoilt:
        raise ChangedError(statuses.by_slug[min(statuses.spoilt)].reason)
    refuse_a_loss(folder, entries, statuses, force=options.force)
    gone = statuses.not_built() | {one.located.entry.slug for one in measured.without}
    remove_old_pictures(folder, keep={entry.slug for entry in gallery} - gone)
    contents = _contents(gallery, entries, built, measured, statuses, builder)
    published = publish(config, folder, contents)
    write_predictions(folder.predictions, contents.images, contents.cards)
    write_results(folder.results, contents.images, contents.cards)
    write_report(folder.report, contents.statuses)
    report = BuildReport(
        statuses=contents.statuses,
        detections=sum(len(result.detections) for result in contents.images),
        seconds=time.monotonic() - started,
        output=folder.path,
        published=published,
    )
    in_use = (*files_in_use(config, cache, built), *files_of_measured(config, cache, measured))
    trim_cache(cache, config.max_cache_gb * 10**9, in_use)
    failed = statuses.not_built()
    note_sources(config, folder, [one.key for one in found if one.entry.slug in failed])
    if not statuses.passing:  # those entries may do better next time
        note_build(folder, inputs, report)
    return report


def _runner(config: SiteConfig, cache: CacheFolder, options: BuildOptions) -> Runner:
    return Runner(config, cache.forward_passes, cache.downloads, offline=options.offline)


def _as_asked(config: SiteConfig, options: BuildOptions) -> SiteConfig:
    """The settings, with what the command line puts in their place."""
    outputs = tuple(one for one in config.outputs if one not in options.leave_out)
    if not outputs:
        raise UsageError("there is nothing to make: every output is left out")
    if "site" in outputs:
        refuse_missing_engine(config.engine)
    return replace(config, edition=options.edition or config.edition, outputs=outputs)


def _contents(
    gallery: Sequence[GalleryImage],
    entries: Sequence[GalleryImage],
    built: Sequence[BuiltEntry],
    measured: Measured,
    statuses: Statuses,
    builder: EntryBuilder,
) -> Contents:
    """All that the pages tell of; the figures of the gallery are drawn for it."""
    folder, options = builder.folder, builder.config.figures
    every = measured.with_built(built)
    measures = measured_gallery(every)
    titles = {name: builder.config.cards[name].title for name in measures.models}
    figures = gallery_set(measures, every, titles).redrawn(
        folder, options, for_print=builder.for_print
    )
    cards = builder.config.cards.known(entry.model for entry in entries)
    trained = training_set(cards).redrawn(folder, options, for_print=False)
    sprites = sprite_files(templates_of(builder.config))
    experiments = read_experiments(content_of(builder.config), list(sprites))
    short_side = model_card(LAB_MODEL).short_side
    prepared = lab_set(experiments, sprites, short_side, builder.config.site_url).redrawn(
        folder, options, for_print=builder.for_print
    )
    return Contents(
        results=tuple(one.record.result(one.located.entry) for one in built),
        statuses=tuple(statuses.by_slug[entry.slug] for entry in entries),
        titles={entry.slug: entry.title for entry in gallery},
        comparisons=comparisons_of(gallery),
        cards=cards,
        curves=_of_models(trained, "-training"),
        limits=_of_models(trained, "-limits"),
        measures=measures,
        q3_figures=figures,
        prepared=prepared,
        without_pages=measured.images,
        chosen=measured.chosen,
    )


def _of_models(files: Mapping[str, FigureFile], suffix: str) -> dict[str, FigureFile]:
    """The figures of one kind, by the models' names."""
    return {
        name.removesuffix(suffix): file for name, file in files.items() if name.endswith(suffix)
    }
