"""Makes the causal tests of entries whose forward passes are there, each only once.

In: located entries. Out: files of `CausalTests` under `.cache/`, named by a key of everything that
they depend on; none if the settings say `causal: off`. Where all are there, nothing is planned
and no torch is imported.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from pathlib import Path

from generator.build.progress import progress
from generator.build.statuses import Statuses
from generator.files.fingerprint import fingerprint
from generator.files.folders import CacheFolder
from generator.files.memory import keeping_freed_memory
from generator.inference.cache import load_or_remove
from generator.inference.causal_tests import (
    CausalTests,
    are_causal_tests,
    load_causal_tests,
)
from generator.inference.runner import LocatedEntry, Runner
from generator.project.config import SiteConfig

_MODULES = ("generator.inference.intervene", "generator.measures.causal.plan")
_OF_RELATIVES = ("generator.inference.intervene_relative",)
_BORDER = (
    "generator.detr.coco",
    "generator.detr.zoo",
    "generator.errors",
    "generator.files.sealed",
    "generator.measures.catalogue",
    "generator.measures.catalogue_causal",
    "generator.measures.mechanisms",
    "generator.project",
)
"""Not followed: names, messages and descriptions, which change no result."""


def causal_key(config: SiteConfig, located: LocatedEntry) -> str | None:
    """Names everything that an entry's tests depend on, 32 hex digits; None if there are none."""
    if not config.causal:
        return None
    of_relative = config.cards[located.entry.model].relative is not None
    modules = (*_MODULES, *(_OF_RELATIVES if of_relative else ()))
    values = {"forward": located.key, "threshold": located.entry.threshold}
    return fingerprint(*modules, border=_BORDER, values=values)[:32]


def causal_tests_of(
    config: SiteConfig, cache: CacheFolder, located: LocatedEntry
) -> CausalTests | None:
    """The results of an entry's tests; None if there are to be none.

    Raises:
        CacheError: the file is damaged; it was removed.
    """
    file = causal_file(config, cache, located)
    return None if file is None else load_causal_tests(file)


def is_tested(config: SiteConfig, cache: CacheFolder, located: LocatedEntry) -> bool:
    """Whether there is no test to be made of an entry any more."""
    file = causal_file(config, cache, located)
    return file is None or (file.is_file() and are_causal_tests(file))


def make_causal_tests(
    config: SiteConfig,
    cache: CacheFolder,
    expected: Sequence[LocatedEntry],
    located: Iterable[LocatedEntry],
    runner: Runner,
    statuses: Statuses,
) -> Generator[LocatedEntry]:
    """Makes the tests that are missing, as entries are taken; leaves out what fails.

    Args:
        expected: those that will come, if none of them fails before.
        located: these, models one after the other, once they were run.
    """
    missing = {one.entry.slug for one in expected if not is_tested(config, cache, one)}
    with progress("Tests", len(missing)) as shown, keeping_freed_memory():
        for one in located:
            if one.entry.slug in missing:
                with shown.item(one.entry.slug), statuses.errors_of(one.entry):
                    if not is_tested(config, cache, one):  # another may show the same image
                        make_tests_of(config, cache, one, runner)
                    missing.remove(one.entry.slug)
            if one.entry.slug not in missing:
                yield one


def make_tests_of(
    config: SiteConfig, cache: CacheFolder, located: LocatedEntry, runner: Runner
) -> None:
    """Makes the tests of one entry, if there are to be any."""
    from generator.measures.causal.plan import plan_of  # SciPy, only where something is planned

    file = causal_file(config, cache, located)
    if file is not None:
        plan = plan_of(load_or_remove(located.forward_pass), located.entry.threshold)
        runner.intervene(located, plan, file)


def causal_file(config: SiteConfig, cache: CacheFolder, located: LocatedEntry) -> Path | None:
    """Where an entry's tests are kept, or will be; None if there are none."""
    key = causal_key(config, located)
    return None if key is None else cache.causal_tests / f"{key}.npz"
