"""Initial weights of large layers, drawn once for all submissions. Needs torch.

In: nothing. Out: a PyTorch that fills a large tensor with numbers that are there already. A
ResNet-50 draws 25 million numbers twice, which is a third of what a submission costs; the probe
gives the class other weights anyway. Forks of this process have the numbers, too. What a
submission draws for itself with `rand` or `randn`, and every small tensor, is drawn as ever.
"""

from __future__ import annotations

import functools
import math
from typing import Any

import torch

_LARGE = 50_000
_MOST = 2_400_000
"""The most numbers of a layer of a ResNet-50."""


def draw_once() -> None:
    """From now on large tensors get their first numbers from one supply of each kind."""
    generator = torch.Generator().manual_seed(0)
    normal = torch.empty(_MOST).normal_(generator=generator)
    uniform = torch.empty(_MOST).uniform_(generator=generator)
    draw_normal, draw_uniform = torch.Tensor.normal_, torch.Tensor.uniform_

    @functools.wraps(draw_normal)
    def normal_(self: torch.Tensor, *moments: float, **rest: Any) -> torch.Tensor:
        mean, std = moments if len(moments) == 2 else (math.nan, math.nan)
        if rest.keys() - {"generator"} or std < 0 or not _is_served(self, mean, std):
            return draw_normal(self, *moments, **rest)
        served = normal[: self.numel()].view(self.shape)
        return self.copy_(served).mul_(std).add_(mean)

    @functools.wraps(draw_uniform)
    def uniform_(self: torch.Tensor, *ends: float, **rest: Any) -> torch.Tensor:
        begin, end = ends if len(ends) == 2 else (math.nan, math.nan)  # as `nn.init` calls it
        if rest.keys() - {"generator"} or begin > end or not _is_served(self, begin, end):
            return draw_uniform(self, *ends, **rest)
        served = uniform[: self.numel()].view(self.shape)
        return self.copy_(served).mul_(end - begin).add_(begin)

    tensors: Any = torch.Tensor
    tensors.normal_, tensors.uniform_ = normal_, uniform_


def _is_served(tensor: torch.Tensor, *parameters: float) -> bool:
    """Whether a tensor is large, and nothing about the call is out of the ordinary."""
    return (
        _LARGE <= tensor.numel() <= _MOST
        and tensor.device.type == "cpu"
        and tensor.is_floating_point()
        and all(isinstance(one, int | float) and math.isfinite(one) for one in parameters)
    )
