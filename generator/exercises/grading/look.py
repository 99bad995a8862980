"""A class -> what is seen of it: its state, what passes through it, and one training step.

In: a class, the arguments and images of a case, and the shared weights. Out: JSON values, which
`observation.Observation` describes. Needs torch. It judges nothing.
"""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from generator.exercises.grading.request import MAY_BE_MISSING, Case
from generator.exercises.grading.roles import reference_names, renamed_parts
from generator.exercises.grading.weights import Weights

_MOST_NUMBERS = 5000
_MOST_NAMES = 3000
_MOST_TEXT = 300
_WEIGHT_OF_BOXES = 10  # their sigmoid makes their gradients so much shorter than the classes'

# A submission may put something else in their place.
_state_dict, _load, _train = nn.Module.state_dict, nn.Module.load_state_dict, nn.Module.train
_Transformer = nn.Transformer
_conv2d = functional.conv2d

Described = Callable[[BaseException, str], dict[str, Any]]


class Look:
    """Builds a class and runs it; what was seen is in the dictionary that `at` returns."""

    def __init__(self, case: Case, weights: Weights, described: Described) -> None:
        self._case, self._weights, self._described = case, weights, described
        self._seen: dict[str, Any] = {"errors": [], "state": None, "runs": []}
        self._names: dict[str, str] = {}
        self._transformer: nn.Module | None = None

    def at(self, kind: Callable[..., nn.Module]) -> dict[str, Any]:
        """Everything that is seen of a class."""
        built: list[nn.Module] = []
        defaults = torch.get_default_dtype()
        torch.set_default_dtype(torch.float32)
        try:
            with torch.no_grad(), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                if self._attempt("build", lambda: built.append(self._build(kind))):
                    self._attempt("build", lambda: self._prepare(built[0]))
            if self._seen["state"] is not None:
                self._run(built[0])
        finally:
            torch.set_default_dtype(defaults)
        return self._seen

    def _attempt(self, stage: str, action: Callable[[], None]) -> bool:
        """Runs code of a submission; records whatever it raises."""
        try:
            action()
        except BaseException as error:  # SystemExit and KeyboardInterrupt, too
            self._seen["errors"].append(self._described(error, stage))
            return False
        return True

    def _build(self, kind: Callable[..., nn.Module]) -> nn.Module:
        torch.manual_seed(0)
        arguments = dict(self._case.arguments)
        try:
            known = inspect.signature(kind).parameters
        except (TypeError, ValueError):
            known = inspect.signature(lambda **_: None).parameters
        if not any(one.kind is one.VAR_KEYWORD for one in known.values()):
            left = sorted(arguments.keys() - known.keys())
            if left and len(known) == len(arguments):  # other names, in the same order
                self._seen["renamed_arguments"] = list(known)
                return _train(kind(*arguments.values()), False)
            if set(left) <= MAY_BE_MISSING:
                self._seen["left_out"] = left
                arguments = {name: one for name, one in arguments.items() if name not in left}
        return _train(kind(**arguments), False)

    def _prepare(self, model: nn.Module) -> None:
        """Records the state, and gives the model the shared weights."""
        state = _state_dict(model)
        named = list(state.items())[:_MOST_NAMES]
        shapes = {name: tuple(tensor.shape) for name, tensor in named}
        theirs = dict(self._case.state) or shapes
        renamed = renamed_parts(shapes, theirs)
        self._names = reference_names(shapes, theirs, renamed)
        self._seen["state"] = [[cut(self._names[name]), list(shapes[name])] for name in shapes]
        self._seen["renamed"] = {part: cut(name) for part, name in renamed.items()}
        self._parts = renamed
        for name, tensor in named:
            tensor.copy_(self._weights.of(self._names[name], tensor))
        self._seen["codes"] = {  # parameters of the model itself, not of a part of it
            cut(self._names[name]): array(tensor)
            for name, tensor in named
            if "." not in self._names[name]
        }
        transformer = self._module(model, "transformer")
        heads = getattr(transformer, "nhead", None)
        self._seen["heads"] = heads if type(heads) is int else None
        self._seen["batch_first"] = getattr(transformer, "batch_first", None) is True
        self._seen["dropout"] = sorted(round(one, 4) for one in _dropouts(model))[:_MOST_NAMES]

    def _module(self, model: nn.Module, part: str) -> nn.Module | None:
        """The module that plays a part of the reference, under whatever name."""
        found = dict(model.named_modules()).get(self._parts.get(part, part))
        if found is None and part == "transformer":
            kinds = [one for one in model.modules() if isinstance(one, _Transformer)]
            return kinds[0] if len(kinds) == 1 else None
        return found

    def _run(self, model: nn.Module) -> None:
        for size_hw in self._case.image_sizes_hw:
            run: dict[str, Any] = {"size": list(size_hw)}
            self._seen["runs"].append(run)

            def once(run: dict[str, Any] = run) -> None:
                with torch.no_grad():
                    self._run_image(model, run)

            if not self._attempt("forward", once):
                return
        if all(run["logits"] and run["boxes"] for run in self._seen["runs"]):
            self._attempt("train", lambda: self._train_step(model))

    def _run_image(self, model: nn.Module, run: dict[str, Any]) -> Any:
        """Runs one image and records what passes through the model's parts."""
        passing: dict[str, Any] = {}
        handles = [
            hook
            for part in ("conv", "transformer", "linear_class", "linear_bbox")
            if (module := self._module(model, part)) is not None
            for hook in _watch(module, part, passing)
        ]
        _watch_method(model, "positions", passing)
        height, width = run["size"]
        random = torch.Generator().manual_seed(height)
        image = torch.randn(1, 3, height, width, generator=random)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                output = model(image)
        finally:
            for handle in handles:
                handle.remove()
            model.__dict__.pop("positions", None)
            self._record(model, run, passing)
        run |= {"output": cut(type(output).__name__), "logits": None, "boxes": None}
        if isinstance(output, dict):
            run["keys"] = [cut(str(key)) for key in list(output)[:20]]
            run["logits"] = array(output.get("pred_logits"))
            run["boxes"] = array(output.get("pred_boxes"))
        return output

    def _record(self, model: nn.Module, run: dict[str, Any], passing: Mapping[str, Any]) -> None:
        """Writes down what passed, and what the parts alone make of what they were given."""
        both = passing.get("transformer in", {})
        source, target = both.get("src"), both.get("tgt")
        answers = passing.get("transformer out")
        if self._seen["batch_first"] and isinstance(source, Tensor) and source.shape[:1] == (1,):
            source, target, answers = (
                one.transpose(0, 1) if isinstance(one, Tensor) and one.ndim == 3 else one
                for one in (source, target, answers)
            )
        positions = passing.get("positions")
        run["positions_learn"] = getattr(positions, "requires_grad", None) is True
        run |= {
            "source": array(source),
            "target": array(target),
            "answers": array(answers),
            "positions": array(positions),
            "projected": array(passing.get("conv out")),
            "class_input": array(_first(passing.get("linear_class in"))),
            "box_input": array(_first(passing.get("linear_bbox in"))),
            "box_output": array(passing.get("linear_bbox out")),
        }
        conv, features = self._module(model, "conv"), _first(passing.get("conv in"))
        with torch.no_grad(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if isinstance(conv, nn.Conv2d) and conv.kernel_size == (1, 1):
                run["projected_alone"] = _quietly(lambda: _conv2d(features, conv.weight, conv.bias))
            run["answers_alone"] = _quietly(lambda: self._transformed(model, source, target))

    def _transformed(self, model: nn.Module, source: Any, target: Any) -> Tensor:
        """What PyTorch's own transformer, with the model's weights, makes of its inputs."""
        module = self._module(model, "transformer")
        assert module is not None
        if self._transformer is None:  # once: to build it takes longer than what follows
            words = ("hidden_dim", "nheads", "num_encoder_layers", "num_decoder_layers")
            arguments: list[Any] = [self._case.arguments[word] for word in words]
            self._transformer = _train(_Transformer(*arguments), False)
        _load(self._transformer, _state_dict(module))
        result: Tensor = self._transformer(source, target)
        return result

    def _train_step(self, model: nn.Module) -> None:
        """One step of training, without dropout: its outputs, and how long each gradient is."""
        _train(model, True)
        for module in model.modules():
            if isinstance(module, nn.Dropout):
                module.p = 0.0
            if isinstance(module, nn.MultiheadAttention):
                module.dropout = 0.0
        for one in model.parameters():
            one.grad = None
        run: dict[str, Any] = {"size": list(self._case.image_sizes_hw[0])}
        with torch.enable_grad():
            output = self._run_image(model, run)
            wanted = ("size", "output", "keys", "logits", "boxes", "positions_learn")
            kept = {key: run[key] for key in wanted if key in run}
            self._seen["training"] = kept
            values = [output["pred_logits"], _WEIGHT_OF_BOXES * output["pred_boxes"]]
            random = torch.Generator().manual_seed(1)
            loss = sum((one * torch.randn(one.shape, generator=random)).sum() for one in values)
            if isinstance(loss, Tensor) and loss.requires_grad:
                loss.backward()
        self._seen["gradients"] = {
            cut(self._names.get(name, name)): {
                "wanted": one.requires_grad,
                "length": None if one.grad is None else float(one.grad.double().norm()),
            }
            for name, one in model.named_parameters()
        }


def _watch(module: nn.Module, part: str, passing: dict[str, Any]) -> list[Any]:
    """Notes what goes into a module and what comes out, the first time."""

    def before(_: nn.Module, positional: tuple[Any, ...], named: dict[str, Any]) -> None:
        words = ("src", "tgt") if part == "transformer" else ("input",)
        both = {**dict(zip(words, positional, strict=False)), **named}
        passing.setdefault(f"{part} in", both)

    def after(_: nn.Module, __: Any, output: Any) -> None:
        passing.setdefault(f"{part} out", output)

    return [
        module.register_forward_pre_hook(before, with_kwargs=True),
        module.register_forward_hook(after),
    ]


def _watch_method(model: nn.Module, name: str, passing: dict[str, Any]) -> None:
    """Notes what a method returns; the method of the model itself stays as it is."""
    method = getattr(type(model), name, None)
    if not callable(method):
        return
    bound = getattr(model, name)

    def noting(*positional: Any, **named: Any) -> Any:
        passing[name] = bound(*positional, **named)
        return passing[name]

    model.__dict__[name] = noting


def _dropouts(model: nn.Module) -> list[float]:
    found: list[float] = []
    for module in model.modules():
        if isinstance(module, nn.Dropout):
            found.append(float(module.p))
        if isinstance(module, nn.MultiheadAttention):
            found.append(float(module.dropout))
    return found


def _first(values: Mapping[str, Any] | None) -> Any:
    return next(iter(values.values()), None) if values else None


def _quietly(action: Callable[[], Tensor]) -> dict[str, Any] | None:
    try:
        return array(action())
    except Exception:  # what it was given does not fit; the class's own error tells that
        return None


def array(value: object) -> dict[str, Any] | None:
    """Shape and numbers of a tensor; no numbers if there are very many."""
    if not isinstance(value, Tensor):
        return None
    numbers = None
    if value.numel() <= _MOST_NUMBERS and not value.is_complex():
        numbers = value.detach().double().flatten().tolist()
    return {"shape": list(value.shape), "numbers": numbers}


def cut(text: str) -> str:
    """A text that is not too long to be passed on."""
    return text[:_MOST_TEXT]
