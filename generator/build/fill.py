"""One image prepared wherever there is a worker: run, tested and measured, and kept in the cache.

In: an entry and the key that its forward pass should have. Out: files under `.cache/`, and in
object storage if there is one; nothing else is sent back. What is there already is not made again.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

from generator.build.causal import causal_file, is_tested, make_tests_of
from generator.build.measured_entry import EntryMeasurer
from generator.build.progress import progress
from generator.build.spread import Spread
from generator.build.statuses import Statuses
from generator.build.store import Store
from generator.errors import UsageError
from generator.files.folders import CacheFolder
from generator.inference.runner import LocatedEntry, Runner
from generator.project.config import SiteConfig

_RUNNERS: dict[str, Runner] = {}
"""The runner of this process, with its model, for the build that was worked on last."""
_ONE_AT_A_TIME = threading.Lock()
"""A worker may have several threads; a model notes one image's attention at a time."""


@dataclass(frozen=True)
class Filler:
    """Prepares the entries of a project, in whichever process on whichever machine.

    Attributes:
        store: the address of object storage, or "".
        offline: download nothing.
        all_are_drawn: whether every image gets a page, for which its forward pass is kept.
        build: names this build. Workers may live for many: what one of them knew of files, or
            could not do, says nothing about the next.
    """

    config: SiteConfig
    cache: CacheFolder
    store: str = ""
    offline: bool = False
    all_are_drawn: bool = True
    build: str = field(default_factory=lambda: uuid4().hex)

    def fill(self, located: LocatedEntry) -> str:
        """Makes what is missing of an entry.

        Returns:
            The name of its record in the cache.

        Raises:
            UsageError: this worker would make something else: another version, or other files.
            GeneratorError: as `Runner` and `EntryMeasurer` raise.
        """
        with _ONE_AT_A_TIME:
            runner = self._runner()
            here = runner.locate(located.entry)
            if here.key != located.key:
                raise _another_result(here)
            store = Store.of(self.store, self.cache.path)
            wanted = self._shared(here)
            for file in wanted:
                store.fetch(file)
            if not self.is_filled(here, runner):
                self._make(here, runner)
            for file in wanted:
                store.put(file)
            return self.measurer.file(here).name

    def _make(self, located: LocatedEntry, runner: Runner) -> None:
        """Runs, tests and measures; what only drawing needs goes where few images are drawn."""
        new = [file for file in self.files(located) if not file.exists()]
        if not runner.is_cached(located):
            runner.run(located)
        if not is_tested(self.config, self.cache, located):
            make_tests_of(self.config, self.cache, located, runner)
        self.measurer.build(located)
        if not self.all_are_drawn:
            for file in set(new) - set(self.measurer.files(located)):
                file.unlink(missing_ok=True)

    @property
    def measurer(self) -> EntryMeasurer:
        """Measures the entries."""
        return EntryMeasurer(self.config, self.cache)

    def files(self, located: LocatedEntry) -> tuple[Path, ...]:
        """The files of the cache that an entry needs, whether they are there or not."""
        tests = causal_file(self.config, self.cache, located)
        measured = self.measurer.files(located)
        return (*measured, located.forward_pass, *([] if tests is None else [tests]))

    def _shared(self, located: LocatedEntry) -> tuple[Path, ...]:
        """Those that others may need: no forward pass that only measuring needed."""
        return self.files(located) if self.all_are_drawn else self.measurer.files(located)

    def put_all(self, located: Sequence[LocatedEntry]) -> None:
        """Gives to the storage, if there is any, what this machine made and it lacks."""
        if self.store:
            store = Store.of(self.store, self.cache.path)
            store.put_missing(file for one in located for file in self._shared(one))

    def fetch_measured(self, located: LocatedEntry) -> None:
        """Gets from the storage what was measured of an entry."""
        store = Store.of(self.store, self.cache.path)
        for file in self.measurer.files(located):
            store.fetch(file)

    def fetch_runs(self, located: Sequence[LocatedEntry]) -> None:
        """Gets from the storage what drawing these entries needs, if there is any storage."""
        store = Store.of(self.store, self.cache.path)
        for one in located if self.store else ():
            for file in self.files(one):
                store.fetch(file)

    def is_filled(self, located: LocatedEntry, runner: Runner) -> bool:
        """Whether there is nothing left to do, as far as this machine knows."""
        if self.measurer.kept(located) is None:
            return False
        if not self.all_are_drawn:
            return True
        return runner.is_cached(located) and is_tested(self.config, self.cache, located)

    def _runner(self) -> Runner:
        if self.build not in _RUNNERS:
            _RUNNERS.clear()
            folders = self.cache.forward_passes, self.cache.downloads
            _RUNNERS[self.build] = Runner(self.config, *folders, offline=self.offline)
        return _RUNNERS[self.build]


def filled(
    found: Sequence[LocatedEntry],
    filler: Filler,
    runner: Runner,
    statuses: Statuses,
    spread: Spread,
) -> list[LocatedEntry]:
    """Has entries prepared elsewhere, if that is asked for, and gets what others prepared.

    Returns:
        Those that did not fail, in the gallery's order; what else is missing, this machine makes.
    """
    left = fill_all(found, filler, runner, statuses, spread) if spread.is_elsewhere else found
    if filler.store:
        for one in left:
            filler.fetch_measured(one)
    return list(left)


def fill_all(
    found: Sequence[LocatedEntry],
    filler: Filler,
    runner: Runner,
    statuses: Statuses,
    spread: Spread,
) -> list[LocatedEntry]:
    """Has all entries prepared that are not yet.

    Returns:
        Those that did not fail, in the gallery's order.

    Raises:
        UsageError: a worker has other code, libraries or files.
    """
    waiting = [one for one in found if not filler.is_filled(one, runner)]
    failed = {one.entry.slug for one in waiting}
    results = closing(spread.each(filler.fill, waiting))
    with progress("Run and measure", len(waiting)) as shown, results as made:
        for one, result in made:
            with shown.item(one.entry.slug), statuses.errors_of(one.entry):
                if result() != filler.measurer.file(one).name:
                    raise _another_result(one)
                failed.discard(one.entry.slug)
    return [one for one in found if one.entry.slug not in failed]


def _another_result(located: LocatedEntry) -> UsageError:
    """What is wrong where keys differ: code, libraries or files do."""
    return UsageError(
        f"{located.entry.slug}: a worker makes another result than asked for: give all machines "
        "the same versions of this program and of its libraries, and the same weights and images"
    )
