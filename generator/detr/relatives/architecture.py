"""What is known of a relative of DETR without running it: its kind and its numbers.

In: the mapping of a model's `config.json`. Out: a `RelativeArchitecture`. No torch and no
transformers here: listing models stays instant, and pages need neither.

transformers writes into `config.json` only what differs from its defaults, so the defaults of the
fields that are read stand here as well.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from generator.errors import WeightsError

Score = Literal["softmax", "sigmoid"]
"""How logits become scores: among all classes and "no object", or each class for itself."""

QueryStart = Literal["point", "box", "cells", "tokens"]
"""What an object query is before the decoder reads anything: a learned vector that gives a point, a
learned box, one of the encoder's best cells, or a token of the only stack."""


@dataclass(frozen=True)
class Kind:
    """A kind of relative.

    Attributes:
        title: its name in its paper.
        paper: its arXiv number.
        class_name: of the network in transformers.
        layers, heads: names and defaults of the two fields, of the encoder and the decoder; for
            a model with one stack both are the same.
        queries: name and default.
        is_sampled: whether cross-attention reads sampled points, not all cells.
        has_two_stacks: whether there is an encoder and a decoder, not one stack for everything.
        has_timm_backbone: whether its backbone is timm's where the configuration names none.
    """

    title: str
    paper: str
    class_name: str
    score: Score = "sigmoid"
    layers: tuple[tuple[str, int], tuple[str, int]] = (("encoder_layers", 6), ("decoder_layers", 6))
    heads: tuple[tuple[str, int], tuple[str, int]] = (
        ("encoder_attention_heads", 8),
        ("decoder_attention_heads", 8),
    )
    queries: tuple[str, int] = ("num_queries", 300)
    is_sampled: bool = False
    has_two_stacks: bool = True
    has_timm_backbone: bool = True


KINDS: Mapping[str, Kind] = {
    "conditional_detr": Kind("Conditional DETR", "2108.06152", "ConditionalDetrForObjectDetection"),
    "dab-detr": Kind("DAB-DETR", "2201.12329", "DabDetrForObjectDetection"),
    "yolos": Kind(
        "YOLOS",
        "2106.00666",
        "YolosForObjectDetection",
        score="softmax",
        layers=(("num_hidden_layers", 12),) * 2,
        heads=(("num_attention_heads", 12),) * 2,
        queries=("num_detection_tokens", 100),
        has_two_stacks=False,
        has_timm_backbone=False,
    ),
    "deformable_detr": Kind(
        "Deformable DETR", "2010.04159", "DeformableDetrForObjectDetection", is_sampled=True
    ),
    "rt_detr": Kind(
        "RT-DETR",
        "2304.08069",
        "RTDetrForObjectDetection",
        layers=(("encoder_layers", 1), ("decoder_layers", 6)),
        is_sampled=True,
        has_timm_backbone=False,
    ),
}
"""Every kind that can run, by transformers' `model_type`."""

# What the same field is called in the configuration that a file may come with.
_ALIASES = {"encoder_attention_heads": "num_attention_heads", "encoder_layers": "num_hidden_layers"}


def is_relative(model_type: object) -> bool:
    """Whether a `model_type` of `config.json` is a relative that runs through transformers."""
    return isinstance(model_type, str) and model_type in KINDS


@dataclass(frozen=True)
class RelativeArchitecture:
    """A relative's kind and configuration.

    Attributes:
        kind: transformers' `model_type`, a key of `KINDS`.
        config: the mapping of `config.json`.
    """

    kind: str
    config: Mapping[str, Any]

    @property
    def about(self) -> Kind:
        """What all models of this kind have in common."""
        return KINDS[self.kind]

    @property
    def layers(self) -> tuple[int, int]:
        """Layers of the encoder and of the decoder; the same number twice for a single stack."""
        first, second = (self._number(*one) for one in self.about.layers)
        return first, second

    @property
    def heads(self) -> tuple[int, int]:
        """Heads of the encoder's and of the decoder's attentions."""
        first, second = (self._number(*one) for one in self.about.heads)
        return first, second

    @property
    def queries(self) -> int:
        """The number of object queries, or of detection tokens."""
        if self.kind == "deformable_detr" and self.config.get("two_stage"):
            return self._number("two_stage_num_proposals", 300)
        patterns = self._number("num_patterns", 0) if self.kind == "dab-detr" else 0
        return self._number(*self.about.queries) * max(1, patterns)

    @property
    def score(self) -> Score:
        """How logits become scores."""
        return self.about.score

    @property
    def most_pairs(self) -> int | None:
        """How many pairs of a query and a class transformers lists at most, the best ones.

        None where a query answers with one class. `post_process_object_detection` of RT-DETR lists
        as many as there are queries, that of the others `top_k`, 100 if nothing else is asked for.
        """
        if self.score == "softmax":
            return None
        return self.queries if self.kind == "rt_detr" else 100

    @property
    def has_encoder(self) -> bool:
        """Whether it has an encoder of its own."""
        return self.about.has_two_stacks

    @property
    def has_decoder(self) -> bool:
        """Whether it has a decoder of its own."""
        return self.about.has_two_stacks

    @property
    def is_sampled(self) -> bool:
        """Whether its cross-attention reads sampled points, not all cells."""
        return self.about.is_sampled

    @property
    def has_timm_backbone(self) -> bool:
        """Whether transformers takes its backbone from the package timm."""
        if isinstance(inner := self.config.get("backbone_config"), Mapping):
            return inner.get("model_type") == "timm_backbone"
        if self.config.get("use_timm_backbone") is not None:
            return bool(self.config["use_timm_backbone"])
        return self.about.has_timm_backbone

    @property
    def query_start(self) -> QueryStart:
        """What an object query begins as."""
        if self.kind == "deformable_detr":
            return "cells" if self.config.get("two_stage") else "point"
        starts: Mapping[str, QueryStart] = {
            "conditional_detr": "point",
            "dab-detr": "box",
            "yolos": "tokens",
            "rt_detr": "cells",
        }
        return starts[self.kind]

    @property
    def chooses_queries(self) -> bool:
        """Whether queries are chosen from what the encoder gives, so that they change with it."""
        return self.query_start == "cells"

    @property
    def refines_boxes(self) -> bool:
        """Whether each decoder layer corrects the box of the layer before, and asks from there."""
        if self.kind == "deformable_detr":
            return bool(self.config.get("with_box_refine"))
        return self.kind in ("dab-detr", "rt_detr")

    @property
    def keeps_places(self) -> bool:
        """Whether cross-attention has contents and places side by side, not added up."""
        return self.kind in ("conditional_detr", "dab-detr")

    @property
    def samples_in_encoder(self) -> bool:
        """Whether its encoder reads sampled points, too."""
        return self.kind == "deformable_detr"

    @property
    def levels(self) -> int:
        """How many feature maps it reads."""
        default = {"deformable_detr": 4, "rt_detr": 3}.get(self.kind)
        return 1 if default is None else self._number("num_feature_levels", default)

    @property
    def points_each(self) -> int:
        """How many points a head reads in each feature map; 0 where it reads all cells."""
        return self._number("decoder_n_points", 4) if self.is_sampled else 0

    @property
    def repeats_positions(self) -> bool:
        """Whether positions come in again after the first layer, not once for all."""
        return self.kind != "yolos" or bool(self.config.get("use_mid_position_embeddings", True))

    @property
    def size_multiple(self) -> int:
        """The pixels that both sides of the input have to be a multiple of; they are cut down.

        The feature maps of RT-DETR are doubled and joined, and YOLOS drops what is no whole patch.
        """
        if self.kind == "yolos":
            return self._number("patch_size", 16)
        return 32 if self.kind == "rt_detr" else 1

    @property
    def matching_weights(self) -> tuple[float, float, float]:
        """Weights of class, L1 and GIoU in the matching of training."""
        if self.kind == "rt_detr":
            return matching_weights_of(self.config, "matcher_{}_cost", 2)
        of_class = 1 if self.kind in ("yolos", "deformable_detr") else 2
        return matching_weights_of(self.config, "{}_cost", of_class)

    def check(self) -> None:
        """Refuses numbers that are none, and weights that have to be unpacked first.

        Raises:
            WeightsError: in one sentence, without the name of the file.
        """
        if self.config.get("quantization_config"):
            raise WeightsError("its weights are quantised; save the model in float32 and name that")
        for numbers in (self.layers, self.heads, (self.queries, self.size_multiple)):
            if min(numbers) < 1:
                raise WeightsError(f"it tells of {min(numbers)} layers, heads or queries; mend it")
        _ = self.matching_weights

    def _number(self, name: str, default: int) -> int:
        found = self.config.get(name)
        if found is None:
            found = self.config.get(_ALIASES.get(name, name))
        found = default if found is None else found
        if type(found) is not int:
            raise WeightsError(f"{name} is {found!r}, not a whole number")
        return found


def matching_weights_of(
    told: Mapping[str, Any], key: str, of_class: float = 1
) -> tuple[float, float, float]:
    """Weights of class, L1 and GIoU in the matching of training; 5 and 2 if nothing is told.

    Args:
        told: a configuration, or the command line of a training.
        key: of the three, with `{}` for `class`, `bbox` and `giou`.
        of_class: if nothing is told.

    Raises:
        WeightsError: one of them is no number; the sentence is without the name of the file.
    """
    weights = []
    for part, usual in (("class", of_class), ("bbox", 5), ("giou", 2)):
        found = told.get(key.format(part))
        found = usual if found is None else found
        if type(found) not in (int, float) or not math.isfinite(found):
            raise WeightsError(f"{key.format(part)} is {found!r}, not a number")
        weights.append(float(found))
    return weights[0], weights[1], weights[2]
