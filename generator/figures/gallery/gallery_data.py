"""The data of the gallery's figures: measurements, and an example image for each model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from generator.analysis.attention import AttentionMaps
from generator.analysis.detections import Detections
from generator.measures.summary import ImageMeasures, Summary


@dataclass(frozen=True, eq=False)
class Example:
    """The image whose decoder self-attention is drawn.

    Attributes:
        title: of the image.
        maps, detections: of its forward pass.
    """

    title: str
    maps: AttentionMaps
    detections: Detections


@dataclass(frozen=True, eq=False)
class GalleryData:
    """The data of a whole gallery.

    Attributes:
        images: in the gallery's order.
        summaries: of the same images.
        titles: the models' titles, by name.
        examples: an image for each model, by name.
    """

    images: Sequence[ImageMeasures]
    summaries: Sequence[Summary]
    titles: Mapping[str, str] = field(default_factory=dict)
    examples: Mapping[str, Example] = field(default_factory=dict)
