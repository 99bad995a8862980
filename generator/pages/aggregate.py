"""The images that have no page of their own, told of together.

In: what a build knows of all images. Out: an `Aggregate`, the variable `aggregate` of its page: how
many there are, what was found in them, and by which rule the others were chosen.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property

from generator.pages.contents import Contents, ImageResult

FILE = "q2-all.md"
"""The page."""
MOST_CLASSES = 40


@dataclass(frozen=True)
class ClassRow:
    """A class, how often it was found in all images, and in how many of them."""

    label: str
    detections: int
    images: int


@dataclass(frozen=True)
class NumberRow:
    """How many images have so many detections."""

    detections: int
    images: int


@dataclass(frozen=True)
class ChosenRow:
    """An image that has a page, and why."""

    result: ImageResult
    why: str


@dataclass(frozen=True)
class Aggregate:
    """All images that were run, whether they have a page or not."""

    contents: Contents

    @property
    def images(self) -> int:
        """How many were run."""
        return len(self.contents.results) + len(self.contents.without_pages)

    @property
    def without_pages(self) -> int:
        """How many of them have no page."""
        return len(self.contents.without_pages)

    @cached_property
    def classes(self) -> tuple[ClassRow, ...]:
        """What was found, the most frequent first; no more than `MOST_CLASSES`."""
        found: Counter[str] = Counter()
        images: Counter[str] = Counter()
        for one in self.contents.images:
            found.update(one.detections.labels)
            images.update(set(one.detections.labels))
        ordered = sorted(found, key=lambda label: (-found[label], label))[:MOST_CLASSES]
        return tuple(ClassRow(label, found[label], images[label]) for label in ordered)

    @cached_property
    def numbers(self) -> tuple[NumberRow, ...]:
        """How many images have how many detections, from the fewest."""
        counts = Counter(len(one.detections) for one in self.contents.images)
        return tuple(NumberRow(number, counts[number]) for number in sorted(counts))

    @cached_property
    def chosen(self) -> tuple[ChosenRow, ...]:
        """The images that have a page, in the order of the gallery."""
        return tuple(
            ChosenRow(one, self.contents.chosen[one.entry.slug])
            for one in self.contents.results
            if one.entry.slug in self.contents.chosen
        )
