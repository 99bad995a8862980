"""Finds the files of entries and runs the models over them, with what goes wrong noted.

In: entries of the gallery. Out: `LocatedEntry`s without those that failed; an entry that fails
never stops the others. Where the model runs on a card, each is there as soon as it is ready.
"""

from __future__ import annotations

import logging
from collections.abc import Generator, Iterable, Mapping, Sequence

from generator.build.causal import is_tested, make_causal_tests
from generator.build.progress import progress
from generator.build.statuses import Statuses
from generator.files.folders import CacheFolder
from generator.files.memory import keeping_freed_memory
from generator.inference.runner import LocatedEntry, Runner
from generator.project.config import SiteConfig
from generator.project.gallery import GalleryImage

logger = logging.getLogger("generator")


def locate_entries(
    entries: Sequence[GalleryImage],
    known: Mapping[str, LocatedEntry],
    runner: Runner,
    statuses: Statuses,
) -> list[LocatedEntry]:
    """Downloads images and weights that are not here yet; notes those that cannot be had."""
    missing = [entry for entry in entries if entry.slug not in known]
    found = dict(known)
    with progress("Files", len(missing)) as shown:
        for entry in missing:
            with shown.item(entry.slug), statuses.errors_of(entry):
                found[entry.slug] = runner.locate(entry)
    return [found[entry.slug] for entry in entries if entry.slug in found]


def ready_entries(
    located: Sequence[LocatedEntry],
    config: SiteConfig,
    cache: CacheFolder,
    runner: Runner,
    statuses: Statuses,
) -> Iterable[LocatedEntry]:
    """Runs DETR, and its causal tests, over each image for which that was not done before.

    On a card this happens while the entries are taken: those that are ready may be drawn
    meanwhile. Without one the model has all processors, and is done before anything is drawn.

    Returns:
        Those that did not fail; models one after the other.
    """
    is_done = all(runner.is_cached(one) and is_tested(config, cache, one) for one in located)
    runs_beside = not is_done and runner.runs_beside  # which may import torch
    run: Iterable[LocatedEntry] = run_entries(located, runner, statuses)
    run = run if runs_beside else list(run)
    tested = make_causal_tests(config, cache, located, run, runner, statuses)
    return tested if runs_beside else list(tested)


def run_entries(
    located: Sequence[LocatedEntry], runner: Runner, statuses: Statuses
) -> Generator[LocatedEntry]:
    """Runs DETR over each image that was not run over before, as they are taken."""
    missing = {one.entry.slug for one in located if not runner.is_cached(one)}
    if located:
        logger.info("%d of %d images were run before", len(located) - len(missing), len(located))
    # Of each model first those that are there: there is something to do while others run.
    ordered = sorted(located, key=lambda one: (one.entry.model, one.entry.slug in missing))
    coming = [one for one in ordered if one.entry.slug in missing]
    reading, memory = runner.reading_ahead(coming), keeping_freed_memory()
    with progress("DETR", len(missing)) as shown, reading, memory:
        for one in ordered:
            if one.entry.slug in missing:
                with shown.item(one.entry.slug), statuses.errors_of(one.entry):
                    if not runner.is_cached(one):  # another entry may show the same image
                        runner.run(one)
                    missing.remove(one.entry.slug)
            if one.entry.slug not in missing:
                yield one
