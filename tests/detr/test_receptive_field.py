"""What a cell's centre is said to be is where the gradient of its features is centred."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from generator.detr.backbone import Backbone
from generator.detr.minimal import MinimalDETR
from generator.detr.receptive_field import centres_of_cells
from generator.detr.weights import load_model
from generator.detr.zoo import model_card
from tests.undrawn import undrawn_weights

BACKBONES = [
    ("resnet50", False, 32, 0.0),
    ("resnet50", True, 16, 0.0),  # DC5
    ("resnet101", False, 32, 0.0),
    ("small", False, 16, 1.5),
    ("wide", False, 16, 1.5),
]


def undrawn(name: str, dilation: bool = False) -> Backbone:
    with undrawn_weights():
        return Backbone(name, dilation)


def seen_by(backbone: nn.Module, images: Tensor, column: int) -> Tensor:
    """How much each column of pixels changes a column of the feature map: (W,)."""
    images = images.clone().requires_grad_()
    features = backbone(images)  # (B, C, h, w)
    features[..., column].sum().backward()
    assert images.grad is not None
    return images.grad.abs().sum((0, 1, 2))


def centre_of_gravity(weights: Tensor) -> float:
    pixels = torch.arange(len(weights), dtype=weights.dtype)
    return float((weights * pixels).sum() / weights.sum())


@pytest.mark.parametrize(("name", "dilation", "stride", "first"), BACKBONES)
def test_kernels_strides_and_paddings_give_the_centres(
    name: str, dilation: bool, stride: int, first: float
) -> None:
    assert centres_of_cells(undrawn(name, dilation)) == (stride, first)


@pytest.mark.slow
def test_minimal_model_has_the_centres_of_its_resnet() -> None:
    with undrawn_weights():
        model = MinimalDETR(91)
    assert centres_of_cells(model.get_submodule("backbone")) == (32, 0.0)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "dilation"), [(name, dc5) for name, dc5, _, _ in BACKBONES[:2]])
def test_gradient_of_a_resnet_is_centred_on_multiples_of_its_stride(
    name: str, dilation: bool
) -> None:
    """A width of 1066, where an even division would be up to 20 pixels off.

    Rows are all alike, so eight will do.
    """
    backbone, stride = flattened(undrawn(name, dilation)), 16 if dilation else 32
    for column in (8, 9, 12):
        cell = column * 32 // stride
        seen = seen_by(backbone, torch.ones(1, 3, 8, 1066, dtype=torch.float64), cell)
        (reached,) = seen.nonzero(as_tuple=True)
        assert (int(reached[0]) + int(reached[-1])) / 2 == stride * cell == 32 * column
        assert centre_of_gravity(seen) == pytest.approx(32 * column, abs=1e-6)


@pytest.mark.slow
def test_gradient_of_the_small_backbone_is_centred_between_pixels() -> None:
    backbone = flattened(undrawn("small"))
    for cell in (6, 9):
        seen = seen_by(backbone, torch.ones(1, 3, 40, 310, dtype=torch.float64), cell)
        (reached,) = seen.nonzero(as_tuple=True)
        assert (int(reached[0]) + int(reached[-1])) / 2 == 16 * cell + 1.5
        assert centre_of_gravity(seen) == pytest.approx(16 * cell + 1.5, abs=1e-6)


def flattened(backbone: Backbone) -> Backbone:
    """The same kernels, strides and paddings, but every weight alike and nothing cut off.

    So the gradient has no zeros and no asymmetry but those of the geometry. A maximum sends it to a
    single pixel; the mean over the same window sends it to all of them.
    """
    with torch.no_grad():
        for part in backbone.modules():
            if isinstance(part, nn.Conv2d):
                part.weight.fill_(1 / part.weight[0].numel())
    for name, part in list(backbone.named_modules()):
        if isinstance(part, nn.MaxPool2d):
            mean = nn.AvgPool2d(part.kernel_size, part.stride, part.padding)
            backbone.set_submodule(name, mean)
    return backbone.double().eval()


@pytest.mark.slow
@pytest.mark.parametrize(("dilation", "stride"), [(False, 32), (True, 16)])
def test_gradient_of_random_weights_is_centred_there_too(
    dilation: bool, stride: int, randomise: Callable[[nn.Module], nn.Module]
) -> None:
    backbone = randomise(Backbone("resnet50", dilation)).eval()
    images = torch.randn(2, 3, 96, 640, generator=torch.Generator().manual_seed(0))
    cell = 320 // stride
    assert centre_of_gravity(seen_by(backbone, images, cell)) == pytest.approx(320, abs=4)


@pytest.mark.slow
def test_gradient_of_the_embedded_model_reaches_equally_far_to_both_sides() -> None:
    """With its own weights, and the centre between two pixels.

    What it learned need not be even over that: most of the gradient lies some pixels to the right
    of the centre, but within half a cell of it.
    """
    card = model_card("detr_emoji")
    backbone = load_model(card, card.file).get_submodule("backbone").double().eval()
    stride, first = centres_of_cells(backbone)
    assert (stride, first) == (16, 1.5)
    images = torch.randn(4, 3, 96, 384, generator=torch.Generator().manual_seed(0)).double()
    for cell in (6, 12, 17):
        seen = seen_by(backbone, images, cell)
        (reached,) = seen.nonzero(as_tuple=True)
        assert (int(reached[0]) + int(reached[-1])) / 2 == stride * cell + first
        assert centre_of_gravity(seen) == pytest.approx(stride * cell + first, abs=stride / 2)
