"""The convolutional backbones: images to one feature map.

In: normalised images, (B, 3, H, W). Out: the last feature map, (B, C, h, w). Parameter
names are those of the official checkpoints (`body.layer1.0.conv1.weight`, ...). No
weights are ever downloaded here.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable

import torchvision
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval
from torchvision.models.resnet import BasicBlock
from torchvision.ops import FrozenBatchNorm2d

from generator.detr.architecture import SMALL_BODIES, SMALL_BODY_PADDING, SmallBodySizes

NormLayer = Callable[[int], nn.Module]


class ResNetBody(nn.Module):
    """A torchvision ResNet up to `layer4`, without pooling and classifier."""

    def __init__(self, name: str, dilation: bool, norm_layer: NormLayer) -> None:
        super().__init__()
        resnet = getattr(torchvision.models, name)(
            weights=None,
            norm_layer=norm_layer,
            replace_stride_with_dilation=[False, False, dilation],
        )
        self.num_channels: int = resnet.fc.in_features
        for part in ("conv1", "bn1", "relu", "maxpool", "layer1", "layer2", "layer3", "layer4"):
            self.add_module(part, getattr(resnet, part))

    def forward(self, x: Tensor) -> Tensor:
        """Maps (B, 3, H, W) to (B, 2048, ceil(H / 32), ceil(W / 32)); stride 16 with dilation."""
        for part in self.children():
            x = part(x)
        return x


class SmallBody(nn.Module):
    """A residual network for small images: one stem, two stages of two blocks."""

    def __init__(self, sizes: SmallBodySizes, norm_layer: NormLayer) -> None:
        super().__init__()
        first, self.num_channels = sizes.planes
        self.conv1 = nn.Conv2d(
            3, sizes.stem, sizes.kernel, sizes.stride, padding=SMALL_BODY_PADDING, bias=False
        )
        self.bn1 = norm_layer(sizes.stem)
        self.relu = nn.ReLU(inplace=True)
        self.layer1 = self._stage(sizes.stem, first, norm_layer)
        self.layer2 = self._stage(first, self.num_channels, norm_layer)

    @staticmethod
    def _stage(inplanes: int, planes: int, norm_layer: NormLayer) -> nn.Sequential:
        downsample = nn.Sequential(
            nn.Conv2d(inplanes, planes, kernel_size=1, stride=2, bias=False), norm_layer(planes)
        )
        return nn.Sequential(
            BasicBlock(inplanes, planes, 2, downsample, norm_layer=norm_layer),
            BasicBlock(planes, planes, norm_layer=norm_layer),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Maps (B, 3, H, W) to (B, num_channels, h, w), with s the stem's stride."""
        x = self.relu(self.bn1(self.conv1(x)))  # (B, 32, H / s, W / s)
        x = self.layer1(x)  # (B, 64 or 80, H / 2s, W / 2s)
        return self.layer2(x)  # type: ignore[no-any-return]  # (B, num_channels, H / 4s, W / 4s)


class Backbone(nn.Module):
    """A body, as an attribute with the name that the official checkpoints use."""

    def __init__(
        self, name: str, dilation: bool = False, norm_layer: NormLayer = FrozenBatchNorm2d
    ) -> None:
        super().__init__()
        self.body: ResNetBody | SmallBody = (
            SmallBody(SMALL_BODIES[name], norm_layer)
            if name in SMALL_BODIES
            else ResNetBody(name, dilation, norm_layer)
        )
        self.num_channels: int = self.body.num_channels

    def forward(self, images: Tensor) -> Tensor:
        """Maps images (B, 3, H, W) to features (B, C, h, w)."""
        return self.body(images)  # type: ignore[no-any-return]


def fold_batch_norm(module: nn.Module) -> None:
    """Folds each batch norm into the convolution before it, in place; for inference only.

    With frozen statistics a batch norm is an affine map per channel, so it can be
    multiplied into the kernel: the same function with one less pass over memory.
    """
    module.eval()
    children = list(module.named_children())
    for (conv_name, conv), (norm_name, norm) in itertools.pairwise(children):
        if isinstance(conv, nn.Conv2d) and isinstance(norm, FrozenBatchNorm2d | nn.BatchNorm2d):
            setattr(module, conv_name, fuse_conv_bn_eval(conv, _as_batch_norm(norm)))
            setattr(module, norm_name, nn.Identity())
    for _, child in module.named_children():
        fold_batch_norm(child)


def _as_batch_norm(norm: FrozenBatchNorm2d | nn.BatchNorm2d) -> nn.BatchNorm2d:
    """The same affine map as a `BatchNorm2d` in evaluation mode."""
    if isinstance(norm, nn.BatchNorm2d):
        return norm
    same = nn.BatchNorm2d(norm.weight.shape[0], eps=norm.eps)
    same.load_state_dict(norm.state_dict(), strict=False)
    return same.eval()
