"""What is worked out without PyTorch is what PyTorch makes: values, shapes, and refusals."""

from __future__ import annotations

import inspect
import random
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as functional
from torch import nn

from generator.exercises.meaning import tensors as t
from generator.exercises.meaning.code import UnclearError, statements_of, tokens_of
from generator.exercises.meaning.evaluate import Evaluator
from generator.exercises.meaning.functions import bound
from generator.exercises.meaning.layers import LAYERS
from generator.exercises.meaning.tensors import Tensor

OWN = {"x": t.probe((2, 3, 4), 1), "y": t.probe((3, 4), 2), "v": t.probe((1, 4), 3), "n": 3}
THEIRS: dict[str, Any] = {
    name: torch.from_numpy(value.values.copy()) if isinstance(value, Tensor) else value
    for name, value in OWN.items()
} | {"torch": torch, "nn": nn, "F": functional, "np": np}


REFUSALS = (
    RuntimeError, TypeError, ValueError, IndexError, ArithmeticError, AttributeError, NameError,
)  # fmt: skip


def own_value(code: str) -> Any:
    [[_, node]] = statements_of(tokens_of(code))
    return Evaluator(dict(OWN), {}).value(node)


def assert_same(code: str, own: Any, theirs: Any) -> None:
    if isinstance(own, Tensor):
        assert own.shape == tuple(theirs.shape), code
        if not own.is_any:
            np.testing.assert_allclose(own.values, theirs.numpy(), atol=1e-12, err_msg=code)
    else:
        assert own == (tuple(theirs) if isinstance(theirs, torch.Size) else theirs), code


@pytest.mark.parametrize(
    "code",
    [
        "x[:, 1]", "x[..., 0]", "x[0]", "x[-1, :, 2]", "x[None]", "x[:, None, ::2]", "x[1:, :2]",
        "x[..., None]", "x[:, [2, 0]]", "x[:, torch.arange(2)]", "x[range(2)]", "x[:9]", "x[-1:]",
        "y.T", "y.t()", "x.view(6, 4)", "x.view(2, -1)", "x.reshape((4, 6))",
        "torch.reshape(x, (-1, 2))", "x.permute(2, 0, 1)", "torch.permute(x, (1, 0, 2))",
        "x.transpose(0, -1)", "x.swapaxes(0, 1)", "x.movedim(0, 2)", "torch.moveaxis(x, 2, 0)",
        "x.flatten()", "x.flatten(1)", "torch.flatten(x, start_dim=0, end_dim=1)",
        "x.unflatten(2, (2, 2))", "x.unsqueeze(-1)", "torch.unsqueeze(x, dim=1)", "v.squeeze(0)",
        "v.squeeze()", "y.squeeze(0)", "v.expand(3, 4)", "v.expand(2, -1, -1)", "v.repeat(2, 3)",
        "y.repeat(2, 1, 1)", "torch.broadcast_to(v, (3, 4))", "v.expand_as(y)", "x.narrow(1, 1, 2)",
        "x.select(1, 2)", "x.size()", "x.size(-1)", "x.shape[1]", "x.shape[-2:]", "x.ndim",
        "x.dim()", "x.numel()", "torch.cat([x, x], dim=1)", "torch.cat((y, v))",
        "torch.stack([y, y], 1)", "torch.stack((y, y), dim=-1)", "x + y", "x - 2", "2 / x", "x * v",
        "x ** 2", "-x", "torch.add(x, y, alpha=0.5)", "x.sub(y, alpha=2)", "x.mul(0.1)",
        "torch.mul(0.1, x)",
        "torch.div(x, 4)", "x.sigmoid()", "torch.sigmoid(x)", "F.relu(x)", "torch.tanh(x)",
        "x.softmax(-1)", "F.softmax(x, dim=0)", "x.clamp(0, 1)", "x.clip(min=0)", "x.exp()",
        "1 / (1 + torch.exp(-x))", "nn.Sigmoid()(x)", "nn.Softmax(dim=1)(x)",
        "nn.Sequential(nn.Identity(), nn.Tanh())(x)", "F.logsigmoid(x).exp()",
        "torch.special.expit(x)", "x.square().sqrt()", "x.reciprocal()", "x.abs().log()",
        "torch.zeros_like(x)", "torch.ones(2, 3)", "torch.full((2, 3), 0.5)", "torch.rand(2, 3)",
        "torch.randn([2, 3])", "torch.empty(size=(2, 3))", "torch.normal(0.0, 1.0, (2, 3))",
        "torch.Tensor(2, 3)", "nn.Embedding(3, 4).weight", "nn.Linear(3, 4).weight", "len(x)",
        "n // 2 + n % 2 - n ** 2", "-7 // 2", "int(7 / 2)", "round(2.5)", "round(3.5)", "7 >> 1",
        "x.view_as(x)", "x.reshape_as(x)", "x.contiguous().clone()", "x[:, :2].flatten(1)",
    ],
)  # fmt: skip
def test_values_are_those_of_pytorch(code: str) -> None:
    assert_same(code, own_value(code), eval(code, dict(THEIRS)))


@pytest.mark.parametrize(
    "code",
    [
        "x.permute(2, 0, 1).view(8, 3)", "x.transpose(0, 1).view(6, 4)", "x.view(5, 5)",
        "x[:, :2].view(4, 4)", "v.expand(3, 4).view(12)", "x.unsqueeze(4)", "x.permute(0, 1)",
        "x[0, 0, 0, 0]", "x[5]", "x.expand(2, 3)", "y.expand(-1, 3, 4)", "v.repeat(3)",
        "torch.cat([x, y])", "torch.stack([x, y])", "torch.cat(x)", "x + torch.ones(5)", "x.view()",
        "torch.rand(2, 1.5)", "torch.rand(2, -1)", "x.softmax()", "F.add(x, y)",
        "torch.add(x, y, 0.5)", "x.unsqueeze()", "x.unsqueeze(dim=1, axis=2)", "x.narrow(1, 2, 2)",
        "nn.Linear(3)", "nn.Conv2d(3, 4)", "nn.Linear(3, 4, n=5)", "nn.Sigmoid(x)", "x @ 2",
        "1 / 0",
        "x.sigmoid().nothing()", "torch.nothing(x)", "unheard", "len(n)", "int(x.shape)",
        "x.add_(torch.ones(5, 2, 3, 4))", "torch.unsqueeze(2, x)", "torch.permute(x, 0, 2, 1)",
    ],
)  # fmt: skip
def test_what_pytorch_refuses_is_unclear(code: str) -> None:
    with pytest.raises(UnclearError):
        own_value(code)
    with pytest.raises(REFUSALS):
        eval(code, dict(THEIRS))


@pytest.mark.slow
def test_chains_that_are_worked_out_are_worked_out_as_pytorch_does() -> None:
    chance = random.Random(4)

    def step() -> str:
        a, b, c = (chance.choice([-2, -1, 0, 1, 2]) for _ in range(3))
        sizes = ", ".join(
            str(chance.choice([-1, 1, 2, 3, 4, 6])) for _ in range(chance.randint(1, 4))
        )
        return chance.choice([
            f".view({sizes})", f".reshape({sizes})", f".expand({sizes})", f".repeat({sizes})",
            f".unsqueeze({a})", f".squeeze({a})", f".transpose({a}, {b})", f".flatten({a}, {b})",
            f".permute({a}, {b}, {c})", f".movedim({a}, {b})", "[None]", f"[:, {a}]",
            f"[..., {a}:]",
            f"[:{b}]", "[:, None]", f".narrow({a}, 0, 1)", ".T", " + y", " * v", f".softmax({a})",
            ".sigmoid()", f"[{a}]", f".size({a})", "[[0, 1]]", ".contiguous()",
            f".unflatten({a}, (2, 2))",
        ])  # fmt: skip

    worked_out = 0
    for _ in range(1500):
        code = chance.choice(["x", "y", "v"])
        for _ in range(chance.randint(1, 4)):
            code = f"({code}{step()})"
        try:
            own = own_value(code)
        except UnclearError:
            continue
        worked_out += 1
        assert_same(code, own, eval(code, dict(THEIRS)))
    assert worked_out > 200


@pytest.mark.parametrize(
    "name", sorted(set(LAYERS) - {"Sequential", "Identity", "Sigmoid", "Tanh"})
)
def test_signatures_of_layers_are_those_of_pytorch(name: str) -> None:
    theirs = [
        (one.name, one.default)
        for one in inspect.signature(getattr(nn, name)).parameters.values()
        if one.name not in ("device", "dtype", "self")
    ]
    required = [one for one, default in theirs if default is inspect.Parameter.empty]
    own = bound(LAYERS[name], [1] * len(required), {})
    assert list(own) == [one for one, _ in theirs][: len(own)]
    for one, default in theirs[len(required) : len(own)]:
        expected = "relu" if default is functional.relu else default
        assert own[one] == expected, one
