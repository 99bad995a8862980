from collections.abc import Callable

import pytest
import torch
from torch import nn
from torchvision.ops import FrozenBatchNorm2d

from generator.detr.backbone import Backbone, fold_batch_norm
from tests.undrawn import undrawn_weights


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "dilation", "grid_hw", "channels"),
    [
        ("resnet50", False, (3, 5), 2048),
        ("resnet50", True, (6, 9), 2048),
        ("small", False, (6, 8), 128),
        ("wide", False, (6, 8), 192),
    ],
)
def test_feature_map_has_the_stride_of_the_model(
    name: str, dilation: bool, grid_hw: tuple[int, int], channels: int
) -> None:
    with undrawn_weights():
        backbone = Backbone(name, dilation)
    assert backbone.num_channels == channels
    with torch.inference_mode():
        assert backbone(torch.zeros(1, 3, 96, 130)).shape == (1, channels, *grid_hw)


@pytest.mark.slow
@pytest.mark.parametrize("norm", [FrozenBatchNorm2d, nn.BatchNorm2d])
@pytest.mark.parametrize("name", ["resnet50", "small", "wide"])
def test_folding_changes_nothing_but_speed(
    name: str, norm: type[nn.Module], randomise: Callable[[nn.Module], nn.Module]
) -> None:
    backbone = randomise(Backbone(name, norm_layer=norm))
    images = torch.randn(2, 3, 96, 130, generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        before = backbone(images)
        fold_batch_norm(backbone)
        after = backbone(images)
    assert before.std() > 0.01
    assert not any(isinstance(m, FrozenBatchNorm2d | nn.BatchNorm2d) for m in backbone.modules())
    torch.testing.assert_close(after, before, atol=1e-4, rtol=1e-4)
