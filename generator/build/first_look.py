"""Whether a build will take long, so that mistakes in texts should be told before it begins.

In: what is asked for and what is there. Out: yes or no; or the error with which such a build
would end.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from generator.build.causal import is_tested
from generator.build.entry import EntryBuilder
from generator.build.unchanged import known_failures
from generator.inference.runner import LocatedEntry, Runner
from generator.project.config import SiteConfig
from generator.project.gallery import GalleryImage


def takes_long(
    entries: Sequence[GalleryImage],
    known: Mapping[str, LocatedEntry],
    runner: Runner,
    builder: EntryBuilder,
) -> bool:
    """Whether there is an image to download, to run or to draw before pages are rendered."""
    if len(known) < len(entries) and not runner.offline:
        return True
    failed = known_failures(builder.folder)
    new = (one for one in known.values() if one.key not in failed)
    return any(
        not runner.is_cached(one)
        or not is_tested(builder.config, builder.cache, one)
        or builder.kept(one) is None
        for one in new
    )


def try_texts(config: SiteConfig, gallery: Sequence[GalleryImage]) -> None:
    """Renders the texts once with stand-ins, so that a mistake in them is found at once."""
    from generator.build.preflight import render_stand_ins

    render_stand_ins(config, gallery)
