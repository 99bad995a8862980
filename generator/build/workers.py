"""Builds entries, in one process or several, and removes the pictures of those that are gone.

In: entries, and what brings their forward passes to the disk. Out: `BuiltEntry`s, pictures in the
folder of the build. An entry that fails is noted and never stops the others.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from contextlib import closing

from generator.build.entry import BuiltEntry, EntryBuilder
from generator.build.entry_record import EntryRecord
from generator.build.gallery_figures import GALLERY, LAB
from generator.build.progress import progress
from generator.build.spread import Spread
from generator.build.statuses import Statuses
from generator.files.folders import BuildFolder
from generator.inference.runner import LocatedEntry

Located = Sequence[LocatedEntry]


def build_entries(
    found: Located,
    run: Callable[[Located], Iterable[LocatedEntry]],
    builder: EntryBuilder,
    statuses: Statuses,
    spread: Spread,
) -> tuple[BuiltEntry, ...]:
    """Builds every entry; those in which nothing changed are only read.

    Args:
        run: makes the forward passes and tests of entries, and leaves out those that fail.
        spread: does the work, on those that are ready while others may still run.

    Returns:
        The entries that did not fail, in the gallery's order.
    """
    kept = {one.entry.slug: record for one in found if (record := builder.kept(one)) is not None}
    records: dict[str, EntryRecord] = {}
    ready = run(found)

    def waiting() -> Iterator[LocatedEntry]:
        for one in ready:
            if one.entry.slug in kept:
                records[one.entry.slug] = kept[one.entry.slug]
                statuses.note(one.entry, "built")
            else:
                yield one

    results = closing(spread.each(builder.build, waiting()))
    with progress("Figures", len(found) - len(kept)) as shown, results as made:
        for one, result in made:
            entry = one.entry
            with shown.item(entry.slug), statuses.errors_of(entry):
                records[entry.slug] = result()
                statuses.note(entry, "built")
    return tuple(
        BuiltEntry(one, records[one.entry.slug]) for one in found if one.entry.slug in records
    )


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
