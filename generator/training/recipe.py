"""The recipe that the embedded model is trained with: every number in one place.

In: nothing. Out: `RECIPE` and the architecture. The model card of the shipped weights shows
them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from generator.detr.architecture import DetrArchitecture
from generator.training.glyphs import CLASSES

ARCHITECTURE = DetrArchitecture(
    backbone="small",
    num_classes=len(CLASSES),
    num_queries=20,
    hidden_dim=128,
    nheads=4,
    num_encoder_layers=3,
    num_decoder_layers=3,
    dim_feedforward=256,
    dropout=0.0,
    # A coarse grid has few cells to tell apart: short waves, several turns over the image.
    position_temperature=20.0,
    position_scale=6 * math.pi,
)


@dataclass(frozen=True)
class Recipe:
    """How to train.

    Attributes:
        scenes: the total number of scenes seen.
        short_sides: pairs of a share of `scenes` and the short side, in pixels, from then on.
        aspects: width over height of a batch's scenes, with the share of batches.
        batch: scenes per step, over all processes.
        learning_rate: after `warmup_steps`, until the last `decay_share` of the scenes, over
            which it falls to 0 along a cosine.
        query_groups: sets of queries trained side by side; only the first is shipped.
        no_object_weight: of "no object" in the cross-entropy, before the decay and at its end.
            A low weight lets queries predict objects at first; a higher one then teaches
            them to leave an object to its matched query, which removes duplicates.
        dense_weight: of the helper head's loss at first; it falls to 0 until the decay begins.
        crops: single glyphs that the backbone learns to classify before anything else.
    """

    scenes: int = 280_000
    short_sides: tuple[tuple[float, int], ...] = ((0.0, 128), (0.325, 160), (0.65, 224))
    aspects: tuple[tuple[float, float], ...] = ((1.0, 0.6), (4 / 3, 0.2), (3 / 4, 0.2))
    batch: int = 24
    learning_rate: float = 7e-4
    warmup_steps: int = 300
    decay_share: float = 0.35
    weight_decay: float = 0.01
    clip_norm: float = 0.1
    no_object_weight: tuple[float, float] = (0.1, 0.4)
    query_groups: int = 3
    dense_weight: float = 1.0
    average_decay: float = 0.999
    crops: int = 150_000
    crop_side: int = 64
    crop_batch: int = 64

    def short_side(self, seen: int) -> int:
        """Short side of the scenes of the next step, in pixels."""
        return [side for share, side in self.short_sides if seen >= share * self.scenes][-1]

    def rate(self, step: int, seen: int) -> float:
        """Learning rate of the next step."""
        warm = min((step + 1) / self.warmup_steps, 1.0)
        return self.learning_rate * warm * (1 + math.cos(math.pi * self._decayed(seen))) / 2

    def no_object(self, seen: int) -> float:
        """Weight of the class "no object" in the next step."""
        first, last = self.no_object_weight
        return first + (last - first) * self._decayed(seen)

    def _decayed(self, seen: int) -> float:
        """The progress of the decay, from 0 to 1."""
        start = (1 - self.decay_share) * self.scenes
        return min(max((seen - start) / (self.scenes - start), 0.0), 1.0)

    def dense(self, seen: int) -> float:
        """Weight of the helper head's loss in the next step."""
        return self.dense_weight * max(1 - seen / ((1 - self.decay_share) * self.scenes), 0.0)


RECIPE = Recipe()
SHORT_SIDE = RECIPE.short_sides[-1][1]
"""The short side that the shipped model sees, in pixels."""
STRIDE = 16
"""Pixels per cell; the sides of all scenes are multiples of it."""
LONG_SIDE_CAP = round(SHORT_SIDE * 1.5)
"""Longer images are shrunk, so that their long side is this many pixels."""
