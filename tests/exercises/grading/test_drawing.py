from __future__ import annotations

import pytest
import torch
from torch import nn

from generator.exercises.grading.drawing import draw_once


@pytest.fixture(autouse=True)
def drawn_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("normal_", "uniform_"):
        monkeypatch.setattr(torch.Tensor, name, getattr(torch.Tensor, name))
    draw_once()
    return


def test_a_large_tensor_gets_numbers_of_the_kind_that_was_asked_for() -> None:
    normal, uniform = torch.empty(2, 300, 200), torch.empty(400, 300, dtype=torch.float64)
    nn.init.normal_(normal, 3, 2)
    nn.init.uniform_(uniform, -1, 5)
    assert abs(float(normal.mean()) - 3) < 0.05
    assert abs(float(normal.std()) - 2) < 0.05
    assert abs(float(uniform.mean()) - 2) < 0.05
    assert -1 <= float(uniform.min()) < -0.99 < 4.99 < float(uniform.max()) <= 5
    again = torch.empty(2, 300, 200)
    nn.init.normal_(again, 3, 2)
    assert torch.equal(normal, again)  # the same supply


@pytest.mark.slow
def test_what_else_is_asked_for_is_drawn_as_ever() -> None:
    small, whole = torch.empty(100), torch.empty(2_400_001)
    for one in (small, whole):
        assert not torch.equal(one.normal_(0, 1).clone(), one.normal_(0, 1))
    large = torch.empty(60_000)
    assert not torch.equal(large.normal_().clone(), large.normal_())
    assert not torch.equal(large.uniform_(to=2.0).clone(), large.uniform_(to=2.0))
    assert not torch.equal(torch.randn(60_000), torch.randn(60_000))
    with pytest.raises(RuntimeError, match="std"):
        large.normal_(0, -1)
    with pytest.raises(RuntimeError, match="leaf"):
        nn.Parameter(large).normal_(0, 1)
    with torch.no_grad():
        assert nn.Parameter(large).uniform_(0, 1).requires_grad
