"""What a build knows about each gallery entry once its figures are drawn.

In: the stages above. Out: small frozen records that the pages are written from; the
arrays of a forward pass are not among them, so a gallery of a thousand images fits.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from generator.analysis.detections import Detections
from generator.analysis.matching_summary import MatchingSummary
from generator.detr.model_profile import ModelProfile
from generator.detr.zoo import ModelCard
from generator.figures.figure_file import FigureFile
from generator.measures.gallery import GalleryMeasures
from generator.pages.reads import Deferred
from generator.project.gallery import GalleryImage

Status = Literal["built", "left_out", "failed"]


@dataclass(frozen=True)
class Shapes:
    """The sizes of one forward, as the exercise's notebook prints them.

    Attributes:
        size_hw: the image's height and width in pixels.
        input_hw: what the network was given, in pixels.
        grid_hw: rows and columns of the feature map.
    """

    size_hw: tuple[int, int]
    input_hw: tuple[int, int]
    grid_hw: tuple[int, int]
    feature_channels: int
    hidden_dim: int
    num_queries: int
    num_classes: int
    encoder_layers: int
    decoder_layers: int
    heads: int

    @property
    def tokens(self) -> int:
        """Number of cells, which is the length of the encoder's sequence."""
        return self.grid_hw[0] * self.grid_hw[1]


@dataclass(frozen=True)
class ImageResult:
    """One gallery entry that was built.

    Attributes:
        profile: the shapes, parameters and multiply-adds of its forward.
        weights_sha256: of the model's weights file, 64 hex digits.
        points: the reference points, (x, y) as fractions of width and height.
        image: the published copy of the picture.
        thumbnail: a small one with its detections, for the gallery's index.
        figures: "detections", "decoder", "rollout", "encoder_row", "encoder_column"; "matching"
            where the entry says what is in the picture, and something is.
        matching: which query answers for which object; None where nobody said what is there.
    """

    entry: GalleryImage
    shapes: Shapes
    profile: ModelProfile
    detections: Detections
    weights_sha256: str
    points: tuple[tuple[float, float], ...]
    image: FigureFile
    thumbnail: FigureFile
    figures: Mapping[str, FigureFile]
    matching: MatchingSummary | None = None


@dataclass(frozen=True)
class EntryStatus:
    """What became of a gallery entry, and why, in a sentence."""

    slug: str
    title: str
    status: Status
    reason: str = ""


@dataclass(frozen=True)
class MeasuredGallery:
    """What was measured on all images, loaded when a page or a figure asks for a number.

    Attributes:
        images: how many of each model, in the order in which the gallery names the models.
        numbers: the measurements; their key names all numbers.
    """

    images: Mapping[str, int]
    numbers: Deferred[GalleryMeasures]

    @classmethod
    def of(cls, measures: GalleryMeasures, key: str = "") -> MeasuredGallery:
        """Measurements that are there already."""
        counts = {model: measures.images_of(model) for model in measures.models}
        return cls(counts, Deferred.of(measures, key))

    @property
    def models(self) -> tuple[str, ...]:
        """The models, in the order in which the gallery names them."""
        return tuple(self.images)

    @property
    def main_model(self) -> str | None:
        """The model of most images, the first one of equals; None if there is no image."""
        return max(self.images, key=self.images.__getitem__, default=None)


NOTHING_MEASURED = MeasuredGallery.of(GalleryMeasures())


@dataclass(frozen=True)
class Contents:
    """All that the pages of a site tell of.

    Attributes:
        results: the entries that were built, in the order of the gallery.
        statuses: of every entry that was to be built, in the same order.
        titles: by slug, of every entry of the gallery, built or not.
        cards: of every model that an entry names.
        curves: by model, how it was trained, where that is known.
        measures: what was measured on all of the results.
        q3_figures: the figures of these measurements, by name.
    """

    results: tuple[ImageResult, ...] = ()
    statuses: tuple[EntryStatus, ...] = ()
    titles: Mapping[str, str] = field(default_factory=dict)
    cards: tuple[ModelCard, ...] = ()
    curves: Mapping[str, FigureFile] = field(default_factory=dict)
    measures: MeasuredGallery = NOTHING_MEASURED
    q3_figures: Mapping[str, FigureFile] = field(default_factory=dict)
