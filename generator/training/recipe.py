"""The recipe that the embedded model is trained with: every number in one place.

In: nothing. Out: `RECIPE` and the architecture. The model card of the shipped weights shows
them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from generator.detr.architecture import DetrArchitecture
from generator.training.scenes import SceneOptions
from generator.training.vocabulary import CLASSES

ARCHITECTURE = DetrArchitecture(
    backbone="wide",
    num_classes=len(CLASSES),
    num_queries=24,
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
class Stage:
    """A part of training: from `start` scenes on, scenes of this short side, in pixels.

    Attributes:
        others: other short sides; a batch has any of them, or `short_side`, equally often.
    """

    start: int
    short_side: int
    options: SceneOptions
    others: tuple[int, ...] = ()

    @property
    def measured(self) -> SceneOptions:
        """Of the scenes on which it is measured: with drawings as their makers drew them."""
        return replace(self.options, restyled=0.0)


@dataclass(frozen=True)
class Recipe:
    """How to train.

    Attributes:
        seed: of the weights at the start; the scenes are the same.
        scenes: the total number of scenes seen.
        stages: small scenes first, since they cost less, and in them larger objects: what has
            fewer than some 24 pixels can hardly be told apart. Drawings are restyled once the
            classes are learned: before, it slows that down, afterwards it keeps the network from
            learning the drawings by heart.
        aspects: width over height of a batch's scenes, with the share of batches.
        batch: scenes per step, over all processes.
        matrix_rate: learning rate of the backbone's matrices, which Muon trains, after
            `warmup_steps`, until the last `decay_share` of the scenes, over which it falls to 0
            along a cosine.
        transformer_rate: the same of the transformer's matrices.
        learning_rate: of all other weights, which AdamW trains; it rises and falls likewise.
        query_groups: sets of queries trained side by side; only the first is shipped, and it is
            trained alone in the second half of the decay.
        no_object_weight: of "no object" in the cross-entropy, before the decay and at its end.
            A low weight lets queries predict objects at first; a higher one then teaches
            them to leave an object to its matched query, which removes duplicates.
        dense_weight: of the loss of the helper head on the backbone's features at first; it falls
            to 0 until the decay begins. Nothing tells the encoder where objects are.
        crops: single things that the backbone learns to classify before anything else.
        backbone_scenes: scenes that backbone and helper head see before the transformer joins: to
            tell the classes apart takes longest, and costs half without it.
        bf16: whether the backbone computes in bfloat16, a third faster where a machine has it; its
            weights, the transformer and all losses stay in float32.
    """

    seed: int = 0
    scenes: int = 1_300_000
    stages: tuple[Stage, ...] = (
        Stage(0, 128, SceneOptions(min_side=0.18, usual_sides=(0.22, 0.65), max_objects=7,
                                   max_distractors=3)),
        Stage(450_000, 176, SceneOptions(min_side=0.12, usual_sides=(0.16, 0.62), restyled=0.5)),
        Stage(750_000, 224, SceneOptions(restyled=0.5)),
        Stage(1_000_000, 288, SceneOptions(restyled=0.5), others=(224, 320)),
    )  # fmt: skip
    aspects: tuple[tuple[float, float], ...] = ((1.0, 0.6), (4 / 3, 0.2), (3 / 4, 0.2))
    batch: int = 32
    matrix_rate: float = 0.02
    transformer_rate: float = 0.0016
    learning_rate: float = 8e-4
    warmup_steps: int = 300
    decay_share: float = 0.3
    weight_decay: float = 0.01
    clip_norm: float = 0.1
    no_object_weight: tuple[float, float] = (0.1, 0.4)
    query_groups: int = 3
    dense_weight: float = 1.0
    average_decay: float = 0.999
    crops: int = 200_000
    crop_side: int = 64
    crop_batch: int = 64
    backbone_scenes: int = 200_000
    bf16: bool = False

    def with_batch(self, batch: int) -> Recipe:
        """The same recipe with larger or smaller steps, and a learning rate that fits them."""
        factor = math.sqrt(batch / self.batch)
        return replace(
            self,
            batch=batch,
            matrix_rate=factor * self.matrix_rate,
            transformer_rate=factor * self.transformer_rate,
            learning_rate=factor * self.learning_rate,
        )

    def stage(self, seen: int) -> Stage:
        """What the scenes of the next step are like."""
        return [stage for stage in self.stages if seen >= stage.start][-1]

    def groups(self, seen: int) -> int:
        """Sets of queries of the next step: none without the transformer, and one at the end."""
        if seen < self.backbone_scenes:
            return 0
        return self.query_groups if self._decayed(seen) < 0.5 else 1

    def rate_share(self, seen: int) -> float:
        """Share of the full learning rates in the next step.

        It begins anew when the transformer joins.
        """
        begun = self.backbone_scenes if seen >= self.backbone_scenes else 0
        warm = min(((seen - begun) / self.batch + 1) / self.warmup_steps, 1.0)
        return warm * (1 + math.cos(math.pi * self._decayed(seen))) / 2

    def no_object(self, seen: int) -> float:
        """Weight of the class "no object" in the next step."""
        first, last = self.no_object_weight
        return first + (last - first) * self._decayed(seen)

    def _decayed(self, seen: int) -> float:
        """The progress of the decay, from 0 to 1."""
        start = (1 - self.decay_share) * self.scenes
        return min(max((seen - start) / (self.scenes - start), 0.0), 1.0)

    def dense(self, seen: int) -> float:
        """Weight of the helper head's loss in the next step: from its full weight to 0."""
        return self.dense_weight * max(1 - seen / ((1 - self.decay_share) * self.scenes), 0.0)


RECIPE = Recipe()
SHORT_SIDE = RECIPE.stages[-1].short_side
"""The short side that the shipped model sees, in pixels."""
STRIDE = 16
"""Pixels per cell; the sides of all scenes are multiples of it."""
LONG_SIDE_CAP = round(SHORT_SIDE * 1.5)
"""Longer images are shrunk, so that their long side is this many pixels."""
