"""A class -> what each of its blanks does by itself, as plain values.

In: a class and, where it can be had, the syntax of its methods. Out: numbers. Known parts are put
in the place of all others: a backbone, a convolution, a transformer and heads whose outputs are
known numbers. So what comes out of one blank depends on that blank alone, and a mistake elsewhere
costs it nothing. What the right class makes of the same parts was written down when this package
was made.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from generator.exercises.homework.detr_check.noise import fill, noise
from generator.exercises.homework.detr_check.whole import (
    ARGUMENTS,
    State,
    Values,
    numbers,
    quietly,
)

GRIDS_HW = ((2, 3), (3, 2))
_STEPS = ("conv1", "bn1", "relu", "maxpool", "layer1", "layer2", "layer3", "layer4")
_WIDTH, _QUERIES = ARGUMENTS["hidden_dim"], ARGUMENTS["num_queries"]


class _Known(nn.Module):
    """Gives a known output, whatever comes in, and keeps what came in."""

    def __init__(self, output: Tensor | None = None) -> None:
        super().__init__()
        self.output = output
        self.given: list[Any] | None = None

    def forward(self, *positional: Any, **named: Any) -> Any:
        self.given = [*positional, *(named[key] for key in ("src", "tgt") if key in named)]
        return positional[0] if self.output is None else self.output


def look(
    kind: type[nn.Module],
    methods: Mapping[str, ast.FunctionDef],
    names: Mapping[str, str],
    theirs: State,
    batch_first: bool = False,
) -> Values:
    """What the blanks of the forward pass do, on two grids; missing where nothing was reached.

    Args:
        kind: the class.
        methods: the syntax of its methods, to go on behind a line that fails.
        names: its own names of the parts, where they are others.
        theirs: names and shapes of the reference's state.
        batch_first: whether its transformer wants the batch in front.
    """
    seen: Values = {}
    with quietly(), torch.enable_grad():
        for number, grid in enumerate(GRIDS_HW):
            parts = names.get("transformer", "transformer"), names.get("conv", "conv")
            for front in (batch_first, False):

                def make(grid: tuple[int, int] = grid, front: bool = front) -> nn.Module:
                    return _stand_in(kind, grid, names, theirs, front)

                found, is_front = _on_grid(make, grid, methods, *parts)
                found["mixed"] = batch_first and not front
                seen[f"grid {number}"] = found
                if not front or is_front:
                    break
    return seen


def _on_grid(
    make: Callable[[], nn.Module],
    grid: tuple[int, int],
    methods: Mapping[str, ast.FunctionDef],
    transformer: str,
    conv: str,
) -> tuple[Values, bool]:
    """What is found on a grid, and whether the class put the batch in front."""
    found: Values = {}
    cells = grid[0] * grid[1]
    known = noise(f"positions {grid}", (cells, 1, _WIDTH))
    model = make()
    positions = _Steps(model, methods, found, grid).call("positions", *grid)
    if isinstance(positions, Tensor):
        model.__dict__["positions"] = lambda *_, **__: known
    output, given = _run(model, methods, found, grid, transformer)
    source, target = (*given, None, None)[:2]
    if not isinstance(positions, Tensor):  # without their method they are seen beside empty cells
        empty = make()
        getattr(empty, conv).output.zero_()
        _, alone = _run(empty, methods, {}, grid, transformer)
        positions = (*alone, None)[0]
        if isinstance(positions, Tensor) and isinstance(source, Tensor):
            same = positions.shape == source.shape == known.shape
            source = source - positions + known if same else source
    if isinstance(positions, Tensor):
        found["positions"] = (
            numbers(positions.reshape(-1)) if positions.numel() == known.numel() else None
        )
        found["learns"] = positions.requires_grad
    found["source"], found["target"] = numbers(source), numbers(target)
    if isinstance(output, dict):
        found["boxes"] = numbers(output.get("pred_boxes"))
    elif isinstance(output, tuple) and len(output) == 2:
        found["boxes"] = numbers(output[1])
    return found, isinstance(source, Tensor) and source.shape[:2] == (cells, 1)


def _run(
    model: nn.Module,
    methods: Mapping[str, ast.FunctionDef],
    found: Values,
    grid: tuple[int, int],
    transformer: str,
) -> tuple[Any, list[Any]]:
    """What the class returns, and what its transformer was given, with the batch in the middle."""
    stub = getattr(model, transformer)
    output = _Steps(model, methods, found, grid).call(
        "forward", torch.zeros(1, 3, 32 * grid[0], 32 * grid[1])
    )
    given = stub.given or []
    if stub.output.shape[0] == 1:  # this class has the batch in front
        given = [
            one.transpose(0, 1) if isinstance(one, Tensor) and one.ndim == 3 else one
            for one in given
        ]
    return output, given


def _stand_in(
    kind: type[nn.Module],
    grid: tuple[int, int],
    names: Mapping[str, str],
    theirs: State,
    batch_first: bool,
) -> nn.Module:
    """An object of the class that was not built, with known parts."""
    model = kind.__new__(kind)
    nn.Module.__init__(model)
    backbone = nn.Module()
    for step in _STEPS:
        backbone.add_module(step, _Known())
    backbone.layer4 = _Known(noise("features", (1, 2048, *grid)))
    answers = noise("answers", (_QUERIES, 1, _WIDTH))
    parts: dict[str, Any] = {
        "backbone": backbone,
        "conv": _Known(noise("cells", (1, _WIDTH, *grid))),
        "transformer": _Known(answers.transpose(0, 1) if batch_first else answers),
        "linear_class": _linear(theirs["linear_class.weight"]),
        "linear_bbox": _linear(theirs["linear_bbox.weight"]),
    }
    for name in ("query_pos", "row_embed", "col_embed"):
        parts[name] = nn.Parameter(torch.empty(theirs[name]))
    for name, part in parts.items():
        if "." not in names.get(name, name):
            setattr(model, names.get(name, name), part)
    fill(
        model.state_dict(),
        {
            f"{own}{rest}": f"{name}{rest}"
            for name, own in names.items()
            for rest in ("", ".weight", ".bias")
        },
    )
    return model.eval()


def _linear(shape: tuple[int, ...]) -> nn.Linear:
    return nn.Linear(shape[1], shape[0])


class _Steps:
    """Calls methods; where one fails, statement by statement, going on behind what fails."""

    def __init__(
        self,
        model: nn.Module,
        methods: Mapping[str, ast.FunctionDef],
        found: Values,
        grid: tuple[int, int],
    ) -> None:
        self._model, self._methods = model, methods
        self._found, self._grid = found, grid

    def call(self, name: str, *arguments: Any) -> Any:
        """What a method returns; None if it returns nothing, or does not exist."""
        method = getattr(self._model, name, None)
        if not callable(method):
            return None
        try:
            return method(*arguments)
        except Exception as error:
            self._found.setdefault("errors", []).append(error)
        syntax = self._methods.get(name)
        return None if syntax is None else self._stepwise(syntax, method, arguments)

    def _stepwise(self, syntax: ast.FunctionDef, method: Callable[..., Any], given: Any) -> Any:
        function = inspect.unwrap(method)
        around = getattr(getattr(function, "__func__", function), "__globals__", {})
        names = [one.arg for one in syntax.args.args]
        scope = dict(zip(names, (self._model, *given), strict=False))
        for statement in syntax.body:
            if isinstance(statement, ast.Return):
                return self._returned(statement, around, scope)
            try:
                code = compile(ast.Module([statement], []), "<class>", "exec")
                exec(code, around, scope)
            except Exception:
                for target in _targets(statement):
                    scope[target] = self._in_place_of(target)
        return None

    def _returned(self, statement: ast.Return, around: Any, scope: dict[str, Any]) -> Any:
        """The value of a return statement; of a dictionary those values that can be had."""
        value = statement.value
        if not isinstance(value, ast.Dict):
            return _value(value, around, scope)
        keys = [one.value if isinstance(one, ast.Constant) else None for one in value.keys]
        return {
            key: _value(one, around, scope) for key, one in zip(keys, value.values, strict=True)
        }

    def _in_place_of(self, target: str) -> Any:
        """Numbers that let the rest run, in place of what a failing line would have made."""
        h, w = self._grid
        if target in ("columns", "rows"):
            return torch.zeros(h, w, _WIDTH // 2)
        return noise("answers", (1, _QUERIES, _WIDTH)) if target == "answers" else None


def _value(expression: ast.expr | None, around: Any, scope: dict[str, Any]) -> Any:
    if expression is None:
        return None
    try:
        return eval(compile(ast.Expression(expression), "<class>", "eval"), around, scope)
    except Exception:
        return None


def _targets(statement: ast.stmt) -> list[str]:
    targets = statement.targets if isinstance(statement, ast.Assign) else []
    return [one.id for one in targets if isinstance(one, ast.Name)]


def partly_built(kind: type[nn.Module], syntax: ast.FunctionDef | None) -> nn.Module | None:
    """The class built as far as that goes: statement by statement, going on behind what fails."""
    if syntax is None:
        return None
    model = kind.__new__(kind)
    nn.Module.__init__(model)
    around = getattr(kind.__init__, "__globals__", {})
    scope: dict[str, Any] = {"self": model, "__class__": kind, **ARGUMENTS}
    with quietly():
        for statement in syntax.body:
            if "super" in ast.dump(statement):
                continue
            try:
                exec(compile(ast.Module([statement], []), "<class>", "exec"), around, scope)
            except Exception:
                continue
    return model.eval()
