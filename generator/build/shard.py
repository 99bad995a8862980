"""One part of a gallery, run and measured into the cache: for machines that know of no other.

In: the command line's "3/10". Out: the cache holds what this part needs; a last plain build draws
and writes the pages. The build's folder is not touched, so parts may work at the same time.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from generator.build.chosen import chosen_entries
from generator.build.fill import Filler, fill_all
from generator.build.measuring import all_get_pages
from generator.build.spread import Item, Processes
from generator.build.statuses import Statuses
from generator.errors import UsageError
from generator.files.folders import CacheFolder
from generator.inference.hub import with_hub_models
from generator.inference.runner import LocatedEntry, Runner
from generator.project.gallery import load_project

TASK = "SLURM_ARRAY_TASK_ID"


@dataclass(frozen=True)
class Shard:
    """A part of a gallery: every `count`-th image, from the `number`-th."""

    number: int
    count: int

    @classmethod
    def of(cls, text: str) -> Shard:
        """The part that "3/10" names; that of "/10" is the one whose task of Slurm this is.

        Raises:
            UsageError: it is none.
        """
        match = re.fullmatch(r"(\d{0,6})/(\d{1,6})", text)
        if match is None:
            raise UsageError(f"--shard {text}: expected a part such as 3/10, or /10 under Slurm")
        number = match[1] or os.environ.get(TASK, "")
        if not number.isdecimal():
            raise UsageError(f"--shard {text}: which part? {TASK} is not set; write 3{text}, say")
        if not 1 <= int(number) <= int(match[2]):
            raise UsageError(
                f"--shard {text}: there is no part {number}; they are counted from 1 to {match[2]}"
            )
        return cls(int(number), int(match[2]))

    def part(self, entries: Sequence[Item]) -> Sequence[Item]:
        """The images of this part; what is slow in a gallery is seldom all in one part."""
        return entries[self.number - 1 :: self.count]


def run_shard(
    path: Path,
    text: str,
    store: str,
    *,
    offline: bool,
    only: Sequence[str] = (),
    strict: bool = False,
) -> tuple[str, bool]:
    """Runs and measures the images of a part, one after the other.

    Args:
        path: site_config.yml.
        text: which part.
        offline: download nothing.
        only: the slugs of which it is a part; empty means all.
        strict: whether an image that had to be left out is a failure.

    Returns:
        A sentence of what was done, and whether it is as it should be: nothing failed, and
        something was done if there was anything to do.

    Raises:
        ConfigurationError: the configuration has problems.
        UsageError: there is no such part, or no such image.
        StorageError: the disk is full, or `.cache/` cannot be written to.
    """
    config, gallery = load_project(path)
    shard, cache = Shard.of(text), CacheFolder.of(config.root)
    entries = chosen_entries(gallery, only)
    part, all_drawn = shard.part(entries), all_get_pages(config, len(entries), only)
    config = with_hub_models(config, (one.model for one in part), offline=offline)
    statuses = Statuses(config.root, (cache.path,))
    runner = Runner(config, cache.forward_passes, cache.downloads, offline=offline)
    found: list[LocatedEntry] = []
    for entry in part:
        with statuses.errors_of(entry):
            found.append(runner.locate(entry))
    filler = Filler(config, cache, store, offline, all_drawn)
    done = len(fill_all(found, filler, runner, statuses, Processes(1)))
    line = f"Part {shard.number} of {shard.count}: {done} of {len(part)} images are in the cache."
    lost = ("failed", "left_out") if strict else ("failed",)
    is_well = not any(one.status in lost for one in statuses.by_slug.values())
    return line, is_well and (done > 0 or not part)
