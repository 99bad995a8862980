"""Profiles a forward pass: the shape at each stage, the parameters and work of each part.

In: a DETR, full or minimal, and the image that runs through it while `profile_forward` is open.
Out: a `ModelProfile`. Work is not timed but counted, from the shapes that pass through each
convolution, linear layer and attention, so that every machine counts the same.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from generator.detr.minimal import MinimalDETR
from generator.detr.model_profile import PARTS, STAGES, ModelProfile, Part
from generator.detr.weights import build_model
from generator.detr.zoo import ModelCard

Shape = tuple[int, ...]
Probe = tuple[str, Callable[[Any, Any], Tensor], Callable[[Shape], Shape]]

# By the beginning of a module's or parameter's name, in the full model or the minimal one.
_PART_OF = {
    "backbone": "backbone",
    "input_proj": "projection",
    "conv": "projection",
    "row_embed": "positions",
    "col_embed": "positions",
    "transformer.encoder": "encoder",
    "query_embed": "queries",
    "query_pos": "queries",
    "transformer.decoder": "decoder",
    "class_embed": "class_head",
    "linear_class": "class_head",
    "bbox_embed": "box_head",
    "linear_bbox": "box_head",
}


def _grid(shape: Shape) -> Shape:
    """Takes the batch off (B, C, h, w)."""
    return shape[-3:]


def _sequence(shape: Shape) -> Shape:
    """Takes the batch off (length, B, d), and the axis of layers that a decoder may have."""
    return (shape[-3], shape[-1])


def _answers(shape: Shape) -> Shape:
    """Takes the batch off (B, Q, n), and the axis of layers, if there is one."""
    return shape[-2:]


def _first(inputs: Any, _output: Any) -> Tensor:
    return inputs[0]  # type: ignore[no-any-return]


def _second(inputs: Any, _output: Any) -> Tensor:
    return inputs[1]  # type: ignore[no-any-return]


def _third(inputs: Any, _output: Any) -> Tensor:
    return inputs[2]  # type: ignore[no-any-return]


def _out(_inputs: Any, output: Any) -> Tensor:
    return output  # type: ignore[no-any-return]


# Where the shape of a stage is read: the module, which of its tensors, how to read it.
_FULL: dict[str, Probe] = {
    "input": ("", _first, _grid),
    "features": ("input_proj", _first, _grid),
    "projected": ("input_proj", _out, _grid),
    "tokens": ("transformer.encoder", _first, _sequence),
    "positions": ("transformer.encoder", _second, _sequence),
    "memory": ("transformer.encoder", _out, _sequence),
    "queries": ("transformer.decoder", _third, _sequence),  # its first input are zeros
    "decoded": ("transformer.decoder", _out, _sequence),
    "classes": ("class_embed", _out, _answers),
    "boxes": ("bbox_embed", _out, _answers),
}
_MINIMAL: dict[str, Probe] = _FULL | {
    "features": ("conv", _first, _grid),
    "projected": ("conv", _out, _grid),
    "positions": ("transformer.encoder", _first, _sequence),  # added to the tokens before
    "queries": ("transformer.decoder", _first, _sequence),
    "classes": ("linear_class", _out, _answers),
    "boxes": ("linear_bbox", _out, _answers),
}


@dataclass
class Profiler:
    """What was recorded during a forward pass.

    Attributes:
        shapes: by stage, without the batch axis.
        work: multiply-adds of one image by module name. A module that runs again, as the
            heads of the minimal model do, counts once.
    """

    shapes: dict[str, Shape] = field(default_factory=dict)
    work: dict[str, int] = field(default_factory=dict)

    def profile(self, size_hw: tuple[int, int], parameters: dict[str, int]) -> ModelProfile:
        """Puts together what was recorded.

        Args:
            size_hw: height and width of the image before it was resized, in pixels.
            parameters: by part, from `parameters_of`.
        """
        work = dict.fromkeys(PARTS, 0)
        for name, multiply_adds in self.work.items():
            work[part_of(name)] += multiply_adds
        shapes = {"image": (3, *size_hw), **self.shapes}
        return ModelProfile(
            shapes={stage: shapes[stage] for stage in STAGES},
            parts={part: Part(parameters[part], work[part]) for part in PARTS},
        )


@contextmanager
def profile_forward(model: nn.Module) -> Iterator[Profiler]:
    """While open, records the shapes and the work of a forward pass over one image."""
    seen = Profiler()
    handles = []
    for name, module in model.named_modules():
        # Not `isinstance`: an attention's own linear map is of a subclass, and counted with it.
        if type(module) in _WORK:
            handles.append(module.register_forward_hook(_worker(name, seen)))
    probes = _MINIMAL if isinstance(model, MinimalDETR) else _FULL
    for stage, probe in probes.items():
        hook = _observer(stage, probe, seen)
        handles.append(model.get_submodule(probe[0]).register_forward_hook(hook))
    try:
        yield seen
    finally:
        for handle in handles:
            handle.remove()


def parameters_of(card: ModelCard) -> dict[str, int]:
    """Number of parameters by part, batch norm not yet folded; no weights are needed."""
    with torch.device("meta"):
        model = build_model(card)
    counts = dict.fromkeys(PARTS, 0)
    for name, parameter in model.named_parameters():
        counts[part_of(name)] += parameter.numel()
    return counts


def part_of(name: str) -> str:
    """The part that a module or parameter belongs to, by its name."""
    beginnings = (name.split(".")[0], ".".join(name.split(".")[:2]))
    return next(_PART_OF[beginning] for beginning in beginnings if beginning in _PART_OF)


def _observer(stage: str, probe: Probe, seen: Profiler) -> Any:
    _, pick, read = probe

    def observe(_module: nn.Module, inputs: Any, output: Any) -> None:
        seen.shapes[stage] = read(tuple(pick(inputs, output).shape))

    return observe


def _worker(name: str, seen: Profiler) -> Any:
    def count(module: nn.Module, inputs: Any, output: Any) -> None:
        seen.work[name] = _WORK[type(module)](module, inputs, output)

    return count


def convolution_work(module: nn.Conv2d, _inputs: Any, output: Tensor) -> int:
    """Each number of the output, (B, C', h, w), takes one kernel over its input channels."""
    kernel = math.prod(module.kernel_size) * module.in_channels // module.groups
    return math.prod(output.shape[-3:]) * kernel


def linear_work(module: nn.Linear, inputs: tuple[Tensor], _output: Any) -> int:
    """Each vector of (N, B, d) or (layers, B, Q, d) takes one matrix; only one layer counts."""
    vectors = math.prod(inputs[0].shape[-3:-1])
    return vectors * module.in_features * module.out_features


def attention_work(module: nn.MultiheadAttention, inputs: tuple[Tensor, ...], _output: Any) -> int:
    """Four linear maps of width d, then Q K^T and A V, each divided among the heads.

    The inputs are (queries, B, d) and twice (keys, B, d).
    """
    d: int = module.embed_dim
    queries, keys = inputs[0].shape[0], inputs[1].shape[0]
    maps = (2 * queries + 2 * keys) * d * d  # in: queries, keys, values; out: outputs
    return maps + 2 * queries * keys * d


_WORK: dict[type[nn.Module], Callable[[Any, Any, Any], int]] = {
    nn.Conv2d: convolution_work,
    nn.Linear: linear_work,
    nn.MultiheadAttention: attention_work,
}
