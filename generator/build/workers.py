"""Builds entries, in one process or several, and removes the pictures of those that are gone.

In: entries whose forward passes are on the disk. Out: `BuiltEntry`s, pictures in the folder of
the build. An entry that fails is noted and never stops the others.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence, Set
from contextlib import closing

from generator.build.entry import BuiltEntry, EntryBuilder
from generator.build.entry_record import EntryRecord
from generator.build.gallery_figures import GALLERY, LAB
from generator.build.progress import progress
from generator.build.spread import Spread
from generator.build.statuses import Statuses
from generator.files.folders import BuildFolder
from generator.inference.runner import LocatedEntry


def build_entries(
    located: Sequence[LocatedEntry], builder: EntryBuilder, statuses: Statuses, spread: Spread
) -> tuple[BuiltEntry, ...]:
    """Builds every entry; those in which nothing changed are only read.

    Args:
        spread: does the work.

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
    results = closing(spread.each(builder.build, waiting))
    with progress("Figures", len(waiting)) as shown, results as made:
        for one, result in made:
            entry = one.entry
            with shown.item(entry.slug), statuses.errors_of(entry):
                records[entry.slug] = result()
                statuses.note(entry, "built")
    return tuple(
        BuiltEntry(one, records[one.entry.slug]) for one in located if one.entry.slug in records
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
