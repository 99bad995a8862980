"""Which entries of the gallery a command is about.

In: the gallery, and the names that `--only` was given. Out: entries, or an error with the nearest
name. The name of a comparison stands for all of its images.
"""

from __future__ import annotations

from collections.abc import Sequence

from generator.errors import UsageError
from generator.project.gallery import GalleryImage
from generator.project.suggest import did_you_mean


def chosen_entries(gallery: Sequence[GalleryImage], only: Sequence[str]) -> list[GalleryImage]:
    """The entries to build, in the gallery's order; all if no name is given.

    Raises:
        UsageError: there is no image of such a name.
    """
    names = {
        entry.slug: {entry.slug} | ({entry.comparison.slug} if entry.comparison else set())
        for entry in gallery
    }
    known = set().union(*names.values())
    for slug in only:
        if slug not in known:
            offer = did_you_mean(slug, sorted(known))
            raise UsageError(f"--only: there is no image `{slug}` in the gallery{offer}")
    return [entry for entry in gallery if not only or names[entry.slug] & set(only)]
