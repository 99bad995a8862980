"""Builds entries, in one process or several, and removes the pictures of those that are gone.

In: entries whose forward passes are on the disk. Out: `BuiltEntry`s, pictures in the folder of
the build. An entry that fails is noted and never stops the others.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Generator, Sequence, Set
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import closing
from functools import partial
from multiprocessing import get_context

from generator.build.entry import BuiltEntry, EntryBuilder
from generator.build.entry_record import EntryRecord
from generator.build.gallery_figures import GALLERY, LAB
from generator.build.progress import progress
from generator.build.statuses import Statuses
from generator.files.children import die_with_parent, kill_children, starting_children
from generator.files.folders import BuildFolder
from generator.inference.runner import LocatedEntry
from generator.project.gallery import GalleryImage

MOST_PROCESSES = 61
"""More processes in a pool than these Windows does not allow."""


def build_entries(
    located: Sequence[LocatedEntry], builder: EntryBuilder, statuses: Statuses, jobs: int
) -> tuple[BuiltEntry, ...]:
    """Builds every entry; those in which nothing changed are only read.

    Args:
        jobs: the most processes to use.

    Returns:
        The entries that did not fail, in the gallery's order.
    """
    records: dict[str, EntryRecord] = {}
    waiting = []
    for one in located:
        if (kept := builder.kept(one)) is not None:
            records[one.entry.slug] = kept
            statuses.note(one.entry, "built")
        else:
            waiting.append(one)
    results = closing(_each(waiting, builder, jobs))
    with progress("Figures", len(waiting)) as shown, results as made:
        for entry, result in made:
            with shown.item(entry.slug), statuses.errors_of(entry):
                records[entry.slug] = result()
                statuses.note(entry, "built")
    return tuple(
        BuiltEntry(one, records[one.entry.slug]) for one in located if one.entry.slug in records
    )


def _each(
    located: Sequence[LocatedEntry], builder: EntryBuilder, jobs: int
) -> Generator[tuple[GalleryImage, Callable[[], EntryRecord]]]:
    """Builds in this process or in several; a result that is called gives it or its error.

    The processes end with this one, whatever ends it, and at once if nobody wants more results.
    """
    jobs = min(jobs, len(located), MOST_PROCESSES)
    if jobs <= 1:
        yield from ((one.entry, partial(builder.build, one)) for one in located)
        return
    # Started afresh, not forked: torch's threads do not survive a fork.
    executor = ProcessPoolExecutor(
        jobs, mp_context=get_context("spawn"), initializer=die_with_parent
    )
    with executor:
        try:
            with starting_children():
                tasks = {executor.submit(builder.build, one): one.entry for one in located}
            for task in as_completed(tasks):
                yield tasks[task], task.result
        except BaseException:
            executor.shutdown(wait=False, cancel_futures=True)
            kill_children()
            raise


def remove_old_pictures(folder: BuildFolder, keep: Set[str]) -> None:
    """Removes what earlier builds drew of entries that are gone: they may have had to go.

    Args:
        keep: the slugs whose pictures stay.
    """
    folders = (
        *folder.figure_folders(),
        *folder.printed_figure_folders(),
        *folder.explorer_folders(),
    )
    for drawn in folders:
        if drawn.name not in keep | {GALLERY, LAB}:
            shutil.rmtree(drawn)
    for file in folder.files_of_entries():
        if file.stem not in keep:
            file.unlink()
