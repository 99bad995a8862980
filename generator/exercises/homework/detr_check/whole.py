"""A class -> what it does as a whole, as plain values: its state, its outputs, one training step.

In: a class. Out: a dictionary of numbers. The reference was looked at in the same way when this
package was made; the results are compared, and no formula stands here that would tell one.
"""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torchvision import models

from generator.exercises.grading.roles import reference_names, renamed_parts
from generator.exercises.homework.detr_check.noise import fill, noise

ARGUMENTS = {
    "num_classes": 9,
    "hidden_dim": 32,
    "nheads": 2,
    "num_encoder_layers": 1,
    "num_decoder_layers": 3,
    "num_queries": 5,
}
"""All differ from each other and from every default, so that a mistaken one shows."""
SIZES_HW = ((64, 96), (96, 64))
_NOTHING: dict[str, Any] = {}
_WEIGHT_OF_BOXES = 10
_KEPT = 400
State = Mapping[str, tuple[int, ...]]
Values = dict[str, Any]


@contextmanager
def quietly() -> Iterator[None]:
    """PyTorch as it is by default, without its warnings, and without downloads."""
    dtype = torch.get_default_dtype()
    torch.set_default_dtype(torch.float32)
    kind: Any = getattr(models._api, "WeightsEnum", None)
    published, load = getattr(kind, "get_state_dict", None), nn.Module.load_state_dict

    def load_nothing(self: nn.Module, state: Any, *rest: Any, **named: Any) -> Any:
        return None if state is _NOTHING else load(self, state, *rest, **named)

    try:
        if kind is not None:  # published weights are not downloaded: they would be replaced
            kind.get_state_dict = lambda *_, **__: _NOTHING
            nn.Module.load_state_dict = load_nothing  # type: ignore[method-assign, assignment]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        torch.set_default_dtype(dtype)
        nn.Module.load_state_dict = load  # type: ignore[method-assign]
        if kind is not None:
            kind.get_state_dict = published


def built(
    kind: Callable[..., nn.Module], seen: Values, given: Mapping[str, int] = ARGUMENTS
) -> nn.Module:
    """Builds a class, whatever its arguments are called; raises what the class raises."""
    arguments = dict(given)
    known = inspect.signature(kind).parameters
    if not any(one.kind is one.VAR_KEYWORD for one in known.values()):
        left = sorted(arguments.keys() - known.keys())
        if left and len(known) == len(arguments):  # other names, in the same order
            seen["renamed_arguments"] = list(known)
            return kind(*arguments.values()).eval()
        if left == ["num_queries"]:
            seen["left_out"] = left
            del arguments["num_queries"]
    return kind(**arguments).eval()


def look(
    kind: Callable[..., nn.Module],
    theirs: State | None,
    arguments: Mapping[str, int] = ARGUMENTS,
) -> Values:
    """Everything that is seen of a class; the error that it stops with is kept.

    Args:
        kind: the class.
        theirs: names and shapes of the reference; None while it is looked at itself.
        arguments: what it is built with.
    """
    seen: Values = {}
    with quietly():
        try:
            model = built(kind, seen, arguments)
            seen["stage"] = "built"
            seen |= state_of(model, theirs)
            with torch.no_grad():
                seen["modules"] = _modules(model, seen)
            with torch.no_grad():
                seen["runs"] = [_outputs(model(_image(size))) for size in SIZES_HW]
            seen["stage"] = "ran"
            _train(model, seen)
            seen["stage"] = "trained"
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                raise
            seen["error"] = error
    return seen


def _image(size_hw: tuple[int, int]) -> Tensor:
    return noise(f"image {size_hw[0]}", (1, 3, *size_hw))


def shapes_of(model: nn.Module) -> dict[str, tuple[int, ...]]:
    """Names and shapes of a model's state."""
    return {name: tuple(one.shape) for name, one in model.state_dict().items()}


def state_of(model: nn.Module, theirs: State | None) -> Values:
    """What a model is made of, under the reference's names; it gets the shared numbers."""
    own = shapes_of(model)
    theirs = own if theirs is None else theirs
    renamed = renamed_parts(own, theirs)
    names = reference_names(own, theirs, renamed)
    fill(model.state_dict(), names)
    transformer = dict(model.named_modules()).get(renamed.get("transformer", "transformer"))
    heads = getattr(transformer, "nhead", None)
    return {
        "state": {names[name]: list(shape) for name, shape in own.items()},
        "renamed": renamed,
        "names": names,
        "batch_first": getattr(transformer, "batch_first", None) is True,
        "heads": heads if isinstance(heads, int) else None,
        "dropout": sorted(round(rate, 4) for rate in _dropouts(model)),
        "wanted": {
            names.get(name, name): one.requires_grad for name, one in model.named_parameters()
        },
    }


def _dropouts(model: nn.Module) -> Iterator[float]:
    for module in model.modules():
        if isinstance(module, nn.Dropout):
            yield float(module.p)
        if isinstance(module, nn.MultiheadAttention):
            yield float(module.dropout)


def _modules(model: nn.Module, seen: Values) -> Values:
    """What the convolution and the transformer make of known numbers, each by itself."""
    parts = dict(model.named_modules())
    renamed, width = seen["renamed"], ARGUMENTS["hidden_dim"]
    source, target = noise("source", (6, 1, width)), noise("target", (5, 1, width))
    if seen["batch_first"]:
        source, target = source.transpose(0, 1), target.transpose(0, 1)
    given = {"conv": (noise("features", (1, 2048, 2, 3)),), "transformer": (source, target)}
    found: Values = {}
    for name, inputs in given.items():
        module = parts.get(renamed.get(name, name))
        try:
            found[name] = None if module is None else numbers(module(*inputs).reshape(-1))
        except Exception:  # what it is given does not fit it
            found[name] = None
    return found


def _outputs(output: Any) -> Values:
    """Both outputs as numbers; an output that is missing is None."""
    both = output if isinstance(output, dict) else {}
    return {key: numbers(both.get(f"pred_{key}")) for key in ("logits", "boxes")}


def numbers(value: Any) -> list[Any] | None:
    """Shape, the first numbers and the mean of a tensor; None if it is none."""
    if not isinstance(value, Tensor) or value.numel() > 100_000 or value.is_complex():
        return None
    values = value.detach().double().flatten()
    first = [_short(one) for one in values[:_KEPT].tolist()]
    return [list(value.shape), first, _short(float(values.mean())) if len(values) else 0.0]


def _short(number: float) -> float:
    return float(f"{number:.6g}")


def _train(model: nn.Module, seen: Values) -> None:
    """One step of training without dropout: its outputs, and how long each part's gradient is."""
    model.train()
    for module in model.modules():
        if isinstance(module, nn.Dropout):
            module.p = 0.0
        if isinstance(module, nn.MultiheadAttention):
            module.dropout = 0.0
    model.zero_grad()
    with torch.enable_grad():
        output = model(_image(SIZES_HW[0]))
        seen["training"] = _outputs(output)
        values = [output["pred_logits"], _WEIGHT_OF_BOXES * output["pred_boxes"]]
        loss = sum((one * noise("loss", one.shape)).sum() for one in values)
        if isinstance(loss, Tensor) and loss.requires_grad:
            loss.backward()
    squares: dict[str, float] = {}
    for own, one in model.named_parameters():
        part = seen["names"].get(own, own).partition(".")[0]
        length = 0.0 if one.grad is None else float(one.grad.double().norm())
        squares[part] = squares.get(part, 0.0) + length**2
    seen["gradients"] = {part: _short(total**0.5) for part, total in squares.items()}
