from collections.abc import Callable

import pytest
import torch
from torch import nn
from torchvision.ops import FrozenBatchNorm2d

Randomise = Callable[[nn.Module], nn.Module]


@pytest.fixture(scope="session")
def randomise() -> Randomise:
    """Gives a model random weights that keep its activations at an ordinary size."""

    def fill(model: nn.Module) -> nn.Module:
        generator = torch.Generator().manual_seed(7)

        def uniform(tensor: torch.Tensor, low: float, high: float) -> None:
            tensor.copy_(torch.rand(tensor.shape, generator=generator) * (high - low) + low)

        with torch.no_grad():
            for name, module in model.named_modules():
                if isinstance(module, FrozenBatchNorm2d | nn.BatchNorm2d):
                    last = name.endswith(("bn3", "downsample.1"))
                    uniform(module.weight, 0.3, 0.5) if last else uniform(module.weight, 0.7, 1.3)
                    uniform(module.bias, -0.2, 0.2)
                    mean, variance = module.running_mean, module.running_var
                    assert isinstance(mean, torch.Tensor)
                    assert isinstance(variance, torch.Tensor)
                    uniform(mean, -0.2, 0.2)
                    uniform(variance, 0.7, 1.3)
                elif isinstance(module, nn.MultiheadAttention):
                    uniform(module.in_proj_bias, -0.5, 0.5)
                    uniform(module.out_proj.bias, -0.5, 0.5)
                elif isinstance(module, nn.LayerNorm):
                    uniform(module.weight, 0.5, 1.5)
                    uniform(module.bias, -0.5, 0.5)
        return model.eval()

    return fill
