"""A source with a class in it -> what is observed of the class, as JSON values. Needs torch.

In: Python that nobody has read. Out: a dictionary that `observation.Observation` describes:
names and shapes of the state, and with shared weights the transformer's inputs and the model's
outputs. It judges nothing: it shares its process with the submission, so another process, which
never ran the submission, compares the results.
"""

from __future__ import annotations

import builtins
import sys
import traceback
import types
import zlib
from collections.abc import Callable
from functools import partial
from typing import Any

import torch
import torchvision.models  # noqa: F401, imported before the clock of a submission runs
from torch import Tensor, nn

from generator.exercises.grading.request import CLASS_NAME, Case

_FILE = "submission.py"
_MOST_NUMBERS = 5000
_MOST_NAMES = 3000
_MOST_TEXT = 300

_state_dict = nn.Module.state_dict  # the class's own may return anything


class Probe:
    """Builds and runs classes; keeps the shared weights."""

    def __init__(self, case: Case) -> None:
        self._case = case
        self._weights: dict[tuple[str, tuple[int, ...]], Tensor] = {}

    def observe(self, source: str) -> dict[str, Any]:
        """Runs a source; returns what was observed, errors of the source included."""
        seen: dict[str, Any] = {"errors": [], "classes": [], "state": None, "runs": []}
        module = types.ModuleType("submission")
        module.__file__ = _FILE
        sys.modules["submission"] = module
        self._attempt(seen, "import", lambda: _execute(source, module))
        seen["classes"] = _modules_of(module)
        kind = module.__dict__.get(CLASS_NAME)
        if CLASS_NAME not in seen["classes"] or kind is None:
            return seen
        built: list[nn.Module] = []
        with torch.no_grad():
            self._attempt(seen, "build", lambda: built.append(self._build(kind)))
            if built:
                self._attempt(seen, "build", lambda: self._look(built[0], seen))
        return seen

    def _attempt(self, seen: dict[str, Any], stage: str, action: Callable[[], None]) -> bool:
        """Runs code of a submission; records whatever it raises."""
        try:
            action()
        except BaseException as error:  # SystemExit and KeyboardInterrupt, too
            seen["errors"].append(_described(error, stage))
            return False
        return True

    def _build(self, kind: Callable[..., nn.Module]) -> nn.Module:
        torch.manual_seed(0)
        return kind(**self._case.arguments).eval()

    def _look(self, model: nn.Module, seen: dict[str, Any]) -> None:
        """Records the state, loads the shared weights and runs the images."""
        state = _state_dict(model)
        named = list(state.items())[:_MOST_NAMES]
        seen["state"] = [[_cut(name), list(tensor.shape)] for name, tensor in named]
        for name, tensor in named:
            tensor.copy_(self._weight(name, tensor))
        seen["heads"] = _number(getattr(getattr(model, "transformer", None), "nhead", None))
        seen["codes"] = {  # parameters of the model itself, not of a part of it
            name: _array(tensor) for name, tensor in named if "." not in name
        }
        for size_hw in self._case.image_sizes_hw:
            run: dict[str, Any] = {"size": list(size_hw)}
            seen["runs"].append(run)
            if not self._attempt(seen, "forward", partial(self._run, model, run)):
                break

    def _run(self, model: nn.Module, run: dict[str, Any]) -> None:
        """Runs one image and records the inputs and outputs."""

        def note(_: nn.Module, positional: tuple[Any, ...], named: dict[str, Any]) -> None:
            both = {**dict(zip(("src", "tgt"), positional, strict=False)), **named}
            run["source"], run["target"] = _array(both.get("src")), _array(both.get("tgt"))

        transformer = getattr(model, "transformer", None)
        handle = (
            transformer.register_forward_pre_hook(note, with_kwargs=True)
            if isinstance(transformer, nn.Module)
            else None
        )
        height, width = run["size"]
        random = torch.Generator().manual_seed(height)
        image = torch.randn(1, 3, height, width, generator=random)
        try:
            output = model(image)
        finally:
            if handle is not None:
                handle.remove()
        run["output"] = _cut(type(output).__name__)
        if isinstance(output, dict):
            run["keys"] = [_cut(str(key)) for key in list(output)[:20]]
            run["logits"] = _array(output.get("pred_logits"))
            run["boxes"] = _array(output.get("pred_boxes"))

    def _weight(self, name: str, like: Tensor) -> Tensor:
        """The shared weights of that name and shape, the same in every process.

        They are drawn so that every difference shows in the outputs: activations neither
        grow nor vanish, and box numbers leave [0, 1] if there is no sigmoid.
        """
        key = (name, tuple(like.shape))
        if key not in self._weights:
            self._weights[key] = _draw(name, like)
        return self._weights[key]


def _draw(name: str, like: Tensor) -> Tensor:
    if not like.is_floating_point():
        return torch.zeros_like(like)
    random = torch.Generator().manual_seed(zlib.crc32(name.encode()))
    if name.endswith("running_var"):
        return torch.ones_like(like)
    drawn = torch.randn(like.shape, generator=random)
    if name.endswith("bias") or name.endswith("running_mean"):
        return drawn * (2.0 if name == "linear_bbox.bias" else 0.1)
    if like.ndim == 1:  # scales of norms; the last of a residual block adds little
        return (0.2 if ".bn3." in name else 1.0) * (1 + 0.1 * drawn)
    if "." not in name:  # queries and positions
        return drawn
    return drawn.mul((2 / like[0].numel()) ** 0.5)


def _execute(source: str, module: types.ModuleType) -> None:
    builtins.exec(compile(source, _FILE, "exec"), module.__dict__)


def _modules_of(module: types.ModuleType) -> list[str]:
    """Names of the network classes in a module that it did not import."""
    return [
        _cut(name)
        for name, value in list(module.__dict__.items())
        if isinstance(value, type) and issubclass(value, nn.Module)
        if value.__module__ == module.__name__ or name == CLASS_NAME
    ][:20]


def _array(value: object) -> dict[str, Any] | None:
    """Shape and numbers of a tensor; no numbers if there are very many."""
    if not isinstance(value, Tensor):
        return None
    numbers = None
    if value.numel() <= _MOST_NUMBERS and not value.is_complex():
        numbers = value.detach().double().flatten().tolist()
    return {"shape": list(value.shape), "numbers": numbers}


def _described(error: BaseException, stage: str) -> dict[str, Any]:
    """An error as JSON values, with the last line of the submission in its traceback."""
    try:
        text = str(error)
    except BaseException:
        text = ""
    line = error.lineno if isinstance(error, SyntaxError) else None
    for frame, number in traceback.walk_tb(error.__traceback__):
        if frame.f_code.co_filename == _FILE:
            line = number
    if isinstance(error, SyntaxError) and error.filename == _FILE:
        text = error.msg
    kind = _cut(type(error).__name__)
    first = _cut(next(iter(text.splitlines()), ""))
    return {"stage": stage, "kind": kind, "text": first, "line": line}


def _cut(text: str) -> str:
    return text[:_MOST_TEXT]


def _number(value: object) -> int | None:
    return value if type(value) is int else None
