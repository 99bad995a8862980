"""What was built of a gallery, and which of its images make good examples.

In: the results of a build and the status of every entry. Out: a `BuiltGallery`, the variable
`gallery` of pages, so that an author can show "the image with the fewest detections" without
searching for it in Jinja. Examples are chosen by rules; among equals the first is taken.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from generator.pages.contents import EntryStatus, ImageResult, MeasuredImage, Shapes

TWO_CATS_SHAPES = Shapes(
    size_hw=(480, 640),
    input_hw=(800, 1066),
    grid_hw=(25, 34),
    stride=32,
    first_centre=0.0,
    feature_channels=2048,
    hidden_dim=256,
    num_queries=100,
    num_classes=91,
    encoder_layers=6,
    decoder_layers=6,
    heads=8,
)
"""DETR-R50 on image 000000039769 of COCO's val2017; `model_diagram.TWO_CATS` has the rest."""


@dataclass(frozen=True)
class SameClass:
    """Detections of one class in one image.

    Attributes:
        result: the image.
        label: the class.
        queries: that predict the class, at least two, best score first.
    """

    result: ImageResult
    label: str
    queries: tuple[int, ...]


@dataclass(frozen=True)
class BuiltGallery:
    """The images that were built; only those with a page are chosen as examples.

    Attributes:
        results: that have a page, in the order of the gallery.
        statuses: of every entry that was to be built, in the same order.
        without_pages: that were measured, and have none.
    """

    results: Sequence[ImageResult] = ()
    statuses: Sequence[EntryStatus] = ()
    without_pages: Sequence[MeasuredImage] = ()

    @cached_property
    def example(self) -> ImageResult | None:
        """The image with the most detections by the main model; None if no image was built.

        The main model is the one that ran over the most images, with a page or without, of equals
        the first: the text of Q3 gives its numbers, so the figures beside them are of one of its
        images. If none of those has a page, the next model's counts.
        """
        shown = {one.entry.model for one in self.results}
        ran = [model for model in self._models if model in shown]
        main = max(ran, key=self._models.__getitem__, default="")
        return max(self.of_model(main), key=_detections, default=None)

    @cached_property
    def others(self) -> tuple[ImageResult, ...]:
        """All images but the example."""
        example = self.example
        return tuple(one for one in self.results if not _are_one(one, example))

    @cached_property
    def with_two_of_a_class(self) -> SameClass | None:
        """The first image with two detections of one class; the example only if no other has.

        Of several such classes the one with the best score is taken.
        """
        last = (self.example,) if self.example else ()
        return next(filter(None, map(_same_class, (*self.others, *last))), None)

    @cached_property
    def with_fewest(self) -> ImageResult | None:
        """The image with the fewest detections among those that are not examples yet.

        The example counts if it is the only image, and nothing was found in it.
        """
        if not self.others and self.example and not _detections(self.example):
            return self.example
        pair = self.with_two_of_a_class
        rest = [one for one in self.others if pair is None or not _are_one(one, pair.result)]
        return min(rest, key=_detections, default=None)

    @cached_property
    def best_matching(self) -> ImageResult | None:
        """The image whose matching is the best example: a few objects, and a close decision.

        None if no entry is annotated, or if no object has two queries to choose from.
        """
        matched = [
            (one.matching.order_as_example, one)
            for one in self.results
            if one.matching and one.matching.closest
        ]
        return min(matched, key=lambda pair: pair[0])[1] if matched else None

    @property
    def shapes(self) -> Shapes:
        """The example's; without images those of DETR-R50 on the image of two cats."""
        return self.example.shapes if self.example else TWO_CATS_SHAPES

    @cached_property
    def models(self) -> tuple[str, ...]:
        """The models that ran, in the order of their first images; those with a page first."""
        return tuple(self._models)

    @cached_property
    def _models(self) -> Counter[str]:
        """How many images each model ran over."""
        runs = Counter(one.entry.model for one in self.results)
        runs.update(one.entry.model for one in self.without_pages)
        return runs

    def of_model(self, name: str) -> tuple[ImageResult, ...]:
        """The images that a model ran over."""
        return tuple(one for one in self.results if one.entry.model == name)

    @cached_property
    def thresholds(self) -> tuple[float, ...]:
        """The thresholds that images have, each once, from the lowest to the highest."""
        without = {one.entry.threshold for one in self.without_pages}
        return tuple(sorted({one.entry.threshold for one in self.results} | without))

    @property
    def number_of_detections(self) -> int:
        """The number of detections in all images."""
        without = sum(len(one.detections) for one in self.without_pages)
        return sum(map(_detections, self.results)) + without

    @property
    def number_of_images(self) -> int:
        """How many images were run, whether they have a page or not."""
        return len(self.results) + len(self.without_pages)

    @cached_property
    def absent(self) -> tuple[EntryStatus, ...]:
        """The entries that were to be built but were not, each with its reason."""
        return tuple(one for one in self.statuses if one.status != "built")


def _are_one(first: ImageResult, second: ImageResult | None) -> bool:
    """Whether two results are of one entry; pages have views of them, so identity fails."""
    return second is not None and first.entry.slug == second.entry.slug


def _detections(result: ImageResult) -> int:
    return len(result.detections)


def _same_class(result: ImageResult) -> SameClass | None:
    """The first class with two detections in an image."""
    found = result.detections
    counts = Counter(found.labels)  # in the order of the labels
    label = next((name for name, number in counts.items() if number > 1), None)
    if label is None:
        return None
    pairs = zip(found.queries.tolist(), found.labels, strict=True)
    return SameClass(result, label, tuple(query for query, name in pairs if name == label))
