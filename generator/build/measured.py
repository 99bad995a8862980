"""The numbers of the whole gallery, loaded only if somebody asks for one.

In: the entries that were built. Out: a `MeasuredGallery`, whose key names all numbers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from generator.build.entry import BuiltEntry
from generator.build.measured_entry import MeasuredEntry
from generator.files.fingerprint import fingerprint
from generator.measures.cached import BORDER, load_measures, names
from generator.measures.gallery import GalleryMeasures, measure_gallery
from generator.pages.contents import MeasuredGallery
from generator.pages.deferred import Deferred


def measured_gallery(built: Sequence[BuiltEntry | MeasuredEntry]) -> MeasuredGallery:
    """What was measured on all entries."""
    entries = [(one.located.entry, one.record.measures) for one in built]
    digests = [(entry.slug, entry.model, file.sha256) for entry, file in entries]
    key = fingerprint(
        "generator.measures.gallery", border=BORDER, values={"images": digests, "names": names()}
    )

    def load() -> GalleryMeasures:
        return measure_gallery(
            load_measures(file.path, entry.slug, entry.model) for entry, file in entries
        )

    return MeasuredGallery(Counter(entry.model for entry, _ in entries), Deferred(key, load))
