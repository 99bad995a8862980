"""An entry as it is measured and drawn: image, forward pass and causal tests, analysed once.

In: an entry whose forward pass is on the disk. Out: its `EntryAnalysis`, or the key of what is
measured on it. Asking for the key imports nothing that analyses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.build.causal import causal_key, causal_tests_of
from generator.files.folders import CacheFolder
from generator.inference.cache import load_or_remove
from generator.inference.runner import LocatedEntry, pixels_of
from generator.measures.cached import measures_key
from generator.project.config import SiteConfig

if TYPE_CHECKING:
    from generator.analysis.entry_analysis import EntryAnalysis


def analysed(config: SiteConfig, cache: CacheFolder, located: LocatedEntry) -> EntryAnalysis:
    """Reads an entry, and detects and matches.

    Raises:
        ImageError, CacheError: a file cannot be read.
        ChangedError: the image is another one by now.
        ObjectsError: what the entry says is in the picture cannot be there.
    """
    from generator.analysis.entry_analysis import analyse

    entry = located.entry
    pixels = pixels_of(located, config.max_pixels)
    forward = load_or_remove(located.forward_pass)
    causal = causal_tests_of(config, cache, located)
    return analyse(pixels, forward, entry.threshold, entry.points, entry.objects, causal)


def measures_key_of(config: SiteConfig, located: LocatedEntry) -> str:
    """Names everything that an entry's measurements depend on."""
    entry, causal = located.entry, causal_key(config, located)
    return measures_key(located.key, entry.threshold, entry.objects, causal)
