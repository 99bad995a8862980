"""Finds the files of entries and runs the models over them, with what goes wrong noted.

In: entries of the gallery. Out: `LocatedEntry`s without those that failed, in the same order; an
entry that fails never stops the others.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence

from generator.build.progress import progress
from generator.build.statuses import Statuses
from generator.inference.runner import LocatedEntry, Runner
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


def run_entries(
    located: Sequence[LocatedEntry], runner: Runner, statuses: Statuses
) -> list[LocatedEntry]:
    """Runs DETR over each image that was not run over before; models one after the other."""
    missing = [one for one in located if not runner.is_cached(one)]
    if located:
        logger.info("%d of %d images were run before", len(located) - len(missing), len(located))
    failed, missing = set(), sorted(missing, key=lambda one: one.entry.model)
    with progress("DETR", len(missing)) as shown, runner.reading_ahead(missing):
        for one in missing:
            failed.add(one.entry.slug)
            with shown.item(one.entry.slug), statuses.errors_of(one.entry):
                if not runner.is_cached(one):  # another entry may show the same image
                    runner.run(one)
                failed.remove(one.entry.slug)
    return [one for one in located if one.entry.slug not in failed]
