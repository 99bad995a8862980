"""Which images get a page where not all do: by a rule that needs no one to look at them.

In: the images as they were measured, and a number. Out: the chosen ones, each with the reason.
Those that the author named come first, then those that are extreme in a measure, and the rest of
the places is drawn by lot. The lot is a number made from a seed and the image's name, so that a
gallery that grows changes few of its pages. One picture that several models looked at is chosen as
a whole, as its page compares them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence

from generator.build.measured_entry import MeasuredEntry
from generator.measures.catalogue import DETECTED, DUPLICATES, ENTROPY, EXTREMITY, LIFT
from generator.measures.catalogue_sinks import SINK_SHARE
from generator.measures.measurement import Measure
from generator.measures.mechanisms import DECODER_CROSS, ENCODER_SELF, PREDICTIONS, Mechanism

SEED = 0
EXTREMES: tuple[tuple[Measure, Mechanism, str], ...] = (
    (DETECTED, PREDICTIONS, "detections"),
    (LIFT, DECODER_CROSS, "lift of the queries' maps on their boxes"),
    (ENTROPY, DECODER_CROSS, "entropy of the queries' maps"),
    (EXTREMITY, DECODER_CROSS, "extremity index of the queries' maps"),
    (SINK_SHARE, ENCODER_SELF, "share of the encoder's attention on sinks"),
    (DUPLICATES, PREDICTIONS, "boxes found twice"),
)
"""The numbers, all of the last layer, by whose ends images are chosen, and the words for them."""
NAMED, BY_LOT = "named in the gallery", "drawn by lot"
COMPARED = "the same picture by another model"


def choose_pages(measured: Sequence[MeasuredEntry], number: int) -> dict[str, str]:
    """Chooses the images that get a page.

    Args:
        measured: in the gallery's order.
        number: of pages; those that the gallery names, for the site or for print, have theirs even
            if they are more, and so do a chosen picture's images of other models.

    Returns:
        Why it was chosen, by slug.
    """
    entries = [one.located.entry for one in measured]
    chosen = {one.slug: NAMED for one in entries if one.page or one.print}
    half = len(chosen) + (number - len(chosen) + 1) // 2
    for slug, why in _extreme(measured):
        if len(chosen) >= half:
            break
        chosen.setdefault(slug, why)
    by_lot = sorted((one.located.entry.slug for one in measured), key=_lot)
    for slug in by_lot:
        if len(chosen) >= number:
            break
        chosen.setdefault(slug, BY_LOT)
    compared = {one.comparison for one in entries if one.comparison and one.slug in chosen}
    for one in entries:
        if one.comparison in compared:
            chosen.setdefault(one.slug, COMPARED)
    return chosen


def _extreme(measured: Sequence[MeasuredEntry]) -> Iterator[tuple[str, str]]:
    """Images and what they are extreme in: both ends of every measure, then those next to them."""
    ends: list[tuple[str, list[str]]] = []
    for measure, mechanism, words in EXTREMES:
        key = f"{mechanism.name} {measure.name}"
        known = [one for one in measured if key in one.record.numbers]
        rising = [
            one.located.entry.slug
            for one in sorted(known, key=lambda one: (one.record.numbers[key], _name(one)))
        ]
        ends += [
            (f"among the highest: {words}", rising[::-1]),
            (f"among the lowest: {words}", rising),
        ]
    for place in range(len(measured)):
        for why, slugs in ends:
            if place < len(slugs):
                yield slugs[place], why


def _name(one: MeasuredEntry) -> str:
    return one.located.entry.slug


def _lot(slug: str) -> str:
    return hashlib.sha256(f"{SEED}:{slug}".encode()).hexdigest()
