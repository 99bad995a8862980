"""The profile of a relative's forward pass: shapes, parameters and multiply-adds by part.

In: a network of transformers, and the image that runs through it while `counting` is open. Out: a
`ModelProfile`, whose parts are those of DETR, each with what does its work here. What
`detr.profiler` counts for DETR is counted alike.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from torch import nn

from generator.detr.model_profile import PARTS, STAGES, ModelProfile, Part
from generator.detr.profiler import convolution_work, linear_work
from generator.detr.relatives.recorded import Recorded

# By the beginning of a name; the longest that fits counts.
_PART_OF = {
    "model.backbone": "backbone",
    "model.backbone.position_embedding": "positions",
    "vit.embeddings.patch_embeddings": "backbone",
    "model.input_proj": "projection",
    "model.encoder_input_proj": "projection",
    "model.level_embed": "positions",
    "model.position_embedding": "positions",
    "vit.embeddings.position_embeddings": "positions",
    "vit.encoder.interpolation": "positions",
    "model.encoder": "encoder",
    "vit": "encoder",
    "model": "queries",  # embeddings, reference points, and the choice of two-stage models
    "vit.embeddings.cls_token": "queries",
    "vit.embeddings.detection_tokens": "queries",
    "model.decoder": "decoder",
    "model.decoder_input_proj": "decoder",
    "class_": "class_head",
    "model.decoder.class_embed": "class_head",
    "bbox_": "box_head",
    "model.decoder.bbox_embed": "box_head",
}
_HEADS = ("class_head", "box_head")


@dataclass
class Count:
    """Multiply-adds of one image by part; a head counts once, however many layers it reads."""

    work: dict[str, int] = field(default_factory=lambda: dict.fromkeys(PARTS, 0))
    heads: dict[str, int] = field(default_factory=dict)

    def add(self, name: str, multiply_adds: int) -> None:
        """Adds the work of a module."""
        part = part_of(name)
        if part in _HEADS:
            self.heads[name] = multiply_adds
        else:
            self.work[part] += multiply_adds

    def add_attentions(self, recorded: Recorded) -> None:
        """Adds Q K^T and A V of each attention, and the four corners that a point reads."""
        for name, (q, k) in recorded.pairs.items():
            self.add(name, 2 * math.prod(q.shape) * k.shape[1])
        for name, weights in recorded.weights.items():
            width = recorded.widths[name]
            self.add(name, 5 * weights.numel() * width)

    def profile(self, model: nn.Module, shapes: Mapping[str, tuple[int, ...]]) -> ModelProfile:
        """Puts together what was counted."""
        parameters = dict.fromkeys(PARTS, 0)
        for name, parameter in model.named_parameters():
            parameters[part_of(name)] += parameter.numel()
        work = dict(self.work)
        for head, part in ((name, part_of(name)) for name in self.heads):
            layer = _last_of_list(head, self.heads)
            work[part] += self.heads[head] if layer else 0
        return ModelProfile(
            {stage: shapes[stage] for stage in STAGES},
            {part: Part(parameters[part], work[part]) for part in PARTS},
        )


@contextmanager
def counting(model: nn.Module) -> Iterator[Count]:
    """While open, counts the work of convolutions and linear layers."""
    count = Count()
    handles = []
    for name, module in model.named_modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            handles.append(module.register_forward_hook(_counter(name, count)))
    try:
        yield count
    finally:
        for handle in handles:
            handle.remove()


def part_of(name: str) -> str:
    """The part of DETR whose work a module or parameter does, by its name."""
    fitting = [beginning for beginning in _PART_OF if name.startswith(beginning)]
    return _PART_OF[max(fitting, key=len)]


def _counter(name: str, count: Count) -> Any:
    def add(module: nn.Module, inputs: Any, output: Any) -> None:
        if isinstance(module, nn.Conv2d):
            count.add(name, convolution_work(module, inputs, output))
        elif isinstance(module, nn.Linear):
            count.add(name, linear_work(module, inputs, output))

    return add


def _last_of_list(name: str, names: Mapping[str, int]) -> bool:
    """Whether a head is that of the last layer, where each layer has one: "class_embed.5"."""
    list_name, _, rest = name.partition("_embed.")
    number, _, rest = rest.partition(".")
    if not number.isdigit():
        return True
    numbers = [
        int(one.removeprefix(f"{list_name}_embed.").partition(".")[0])
        for one in names
        if one.startswith(f"{list_name}_embed.")
    ]
    return int(number) == max(numbers)
