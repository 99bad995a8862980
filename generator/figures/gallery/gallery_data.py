"""What the figures of the gallery are drawn from: measurements, and an example of each model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from generator.analysis.attention import AttentionMaps
from generator.analysis.detections import Detections
from generator.measures.summary import ImageMeasures, Summary


@dataclass(frozen=True, eq=False)
class Example:
    """One image, whose decoder self-attention is drawn.

    Attributes:
        title: of the image.
        maps, detections: of its forward pass.
    """

    title: str
    maps: AttentionMaps
    detections: Detections


@dataclass(frozen=True, eq=False)
class GalleryData:
    """What there is to draw of a whole gallery.

    Attributes:
        images: in the gallery's order.
        summaries: of the same images.
        titles: what models are called, by name.
        examples: by model, an image of it.
    """

    images: Sequence[ImageMeasures]
    summaries: Sequence[Summary]
    titles: Mapping[str, str] = field(default_factory=dict)
    examples: Mapping[str, Example] = field(default_factory=dict)
