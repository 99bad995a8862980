"""What a build knows about each gallery entry once its figures are drawn.

In: the results of earlier stages. Out: small frozen records that pages are written from. They
hold no arrays of a forward pass, so a gallery of a thousand images fits into memory.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from generator.analysis.detections import Detections
from generator.analysis.matching_summary import MatchingSummary
from generator.detr.model_profile import ModelProfile
from generator.detr.relatives.architecture import Score
from generator.detr.zoo import ModelCard
from generator.figures.colours import query_colours
from generator.figures.figure_file import FigureFile
from generator.inference.forward_pass import STACKS, ForwardPass
from generator.measures.gallery import GalleryMeasures
from generator.pages.deferred import Deferred
from generator.pages.explorer import Explorer
from generator.project.gallery import GalleryImage

Status = Literal["built", "left_out", "failed"]


@dataclass(frozen=True)
class Shapes:
    """The sizes of one forward pass, as the exercise's notebook prints them.

    Attributes:
        size_hw: the image's height and width in pixels.
        input_hw: height and width of the network's input, in pixels.
        grid_hw: rows and columns of the feature map.
        stride: pixels of the network's input from one cell's centre to the next one's.
        first_centre: the pixel of the network's input, counted from 0, that the first cell is
            centred on.
        num_classes: without "no object".
        decoder_layers, heads: of the attention from queries to the image.
        encoder_heads: of the encoder's self-attention.
        answers: after how many layers there are classes and boxes.
        score: how logits become scores.
        mapped: the attentions whose weights are maps, by name; `sampled`, those that read points.
        levels_hw: rows and columns of the feature maps that points are in; `points_each`, how many
            a head reads in each.
        has_one_stack: whether patches and detection tokens sit in one stack of self-attention.
        keeps_places: whether cross-attention compares contents and places side by side.
    """

    size_hw: tuple[int, int]
    input_hw: tuple[int, int]
    grid_hw: tuple[int, int]
    stride: int
    first_centre: float
    feature_channels: int
    hidden_dim: int
    num_queries: int
    num_classes: int
    encoder_layers: int
    decoder_layers: int
    heads: int
    encoder_heads: int = 8
    answers: int = 6
    score: Score = "softmax"
    mapped: tuple[str, ...] = STACKS
    sampled: tuple[str, ...] = ()
    levels_hw: tuple[tuple[int, int], ...] = ()
    points_each: int = 0
    has_one_stack: bool = False
    keeps_places: bool = False

    @property
    def tokens(self) -> int:
        """The number of cells, which is the length of the encoder's sequence."""
        return self.grid_hw[0] * self.grid_hw[1]

    @property
    def printed(self) -> tuple[tuple[str, tuple[int, ...]], ...]:
        """The three shapes that the exercise's notebook prints, each with its words."""
        h, w = self.grid_hw
        features = ("Feature map", (1, self.feature_channels, h, w))
        if "encoder_self" not in self.mapped:
            return (features,)
        return (
            ("Encoder attention", (self.tokens, self.tokens)),
            features,
            ("Reshaped self-attention", (h, w, h, w)),
        )

    @classmethod
    def of(cls, forward: ForwardPass) -> Shapes:
        """The sizes of a forward pass."""
        encoder, cross = (
            forward.points.get(stack) or getattr(forward, stack)
            for stack in ("encoder_self", "decoder_cross")
        )
        read = forward.points.get("decoder_cross")
        answers, num_queries, _ = forward.logits.shape
        return cls(
            size_hw=forward.size_hw,
            input_hw=forward.input_hw,
            grid_hw=forward.grid_hw,
            stride=forward.stride,
            first_centre=forward.first_centre,
            feature_channels=forward.feature_channels,
            hidden_dim=forward.profile.shapes["queries"][1],
            num_queries=num_queries,
            num_classes=len(forward.category_names),
            encoder_layers=len(encoder),
            decoder_layers=len(cross),
            heads=cross.heads,
            encoder_heads=encoder.heads,
            answers=answers,
            score=forward.score,
            mapped=tuple(stack for stack in STACKS if len(getattr(forward, stack))),
            sampled=tuple(forward.points),
            levels_hw=read.levels_hw if read else (),
            points_each=read.weights.shape[-1] if read else 0,
            has_one_stack=forward.joint is not None,
            keeps_places=forward.decoder_cross.place > 0,
        )


@dataclass(frozen=True)
class ImageResult:
    """One gallery entry that was built.

    Attributes:
        profile: the shapes, parameters and multiply-adds of its forward pass.
        weights_sha256: of the model's weights file, 64 hex digits.
        points: the reference points, (x, y) as fractions of width and height.
        image: the published copy of the image.
        thumbnail: a small copy with its detections, for the gallery's index.
        figures: by the name of their kind, those of `IMAGE_FIGURES` (`figures.image.image_set`)
            that there is something to show in.
        matching: which query is matched with which object; None without annotations.
        explorer: the scripts that the page of the image loads; None if it has no explorer.
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
    explorer: Explorer | None = None

    @property
    def query_colours(self) -> dict[int, str]:
        """The colours of the kept queries."""
        return query_colours(self.detections.queries)


@dataclass(frozen=True)
class MeasuredImage:
    """One gallery entry that was run and measured, and has no page."""

    entry: GalleryImage
    detections: Detections


@dataclass(frozen=True)
class EntryStatus:
    """The status of a gallery entry, with the reason as a sentence."""

    slug: str
    title: str
    status: Status
    reason: str = ""


@dataclass(frozen=True)
class MeasuredGallery:
    """The measurements of all images, loaded when a page or a figure needs a number.

    Attributes:
        images: the number of images of each model, in the gallery's order of models.
        numbers: the measurements; their key covers all numbers.
    """

    images: Mapping[str, int]
    numbers: Deferred[GalleryMeasures]

    @classmethod
    def of(cls, measures: GalleryMeasures, key: str = "") -> MeasuredGallery:
        """Measurements that are loaded already."""
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
    """All that the pages of a site show.

    Attributes:
        results: the entries that have a page, in the order of the gallery.
        statuses: of every entry that was to be built, in the same order.
        titles: by slug, of every entry of the gallery, built or not.
        comparisons: the titles of its comparisons likewise.
        cards: of every model that an entry names.
        curves: the training curves that are known, by model.
        limits: the figures of where models end, likewise.
        measures: the measurements of all results, and of all entries without a page.
        q3_figures: the figures of these measurements, by name.
        prepared: the prepared scenes of the lab, by the names of their experiments.
        without_pages: the entries that were measured and have no page, in the order of the gallery.
        chosen: why an entry has a page, by slug; empty where all have one.
    """

    results: tuple[ImageResult, ...] = ()
    statuses: tuple[EntryStatus, ...] = ()
    titles: Mapping[str, str] = field(default_factory=dict)
    cards: tuple[ModelCard, ...] = ()
    curves: Mapping[str, FigureFile] = field(default_factory=dict)
    limits: Mapping[str, FigureFile] = field(default_factory=dict)
    measures: MeasuredGallery = NOTHING_MEASURED
    q3_figures: Mapping[str, FigureFile] = field(default_factory=dict)
    prepared: Mapping[str, FigureFile] = field(default_factory=dict)
    without_pages: tuple[MeasuredImage, ...] = ()
    chosen: Mapping[str, str] = field(default_factory=dict)
    comparisons: Mapping[str, str] = field(default_factory=dict)

    @property
    def images(self) -> tuple[ImageResult | MeasuredImage, ...]:
        """All entries that were run, in the order of the gallery."""
        if not self.without_pages:
            return self.results
        every: list[ImageResult | MeasuredImage] = [*self.results, *self.without_pages]
        by_slug = {one.entry.slug: one for one in every}
        return tuple(by_slug[one.slug] for one in self.statuses if one.slug in by_slug)
