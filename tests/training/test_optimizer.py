"""The optimiser of training: which weights are whose, and what a step does to each."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import Tensor, nn

from generator.training.network import TrainingNetwork
from generator.training.optimizer import Optimizer, Rates
from generator.training.recipe import ARCHITECTURE

RATES = Rates(backbone=0.01, transformer=0.002, others=0.001, weight_decay=0.0)


@pytest.fixture
def network() -> TrainingNetwork:
    torch.manual_seed(0)
    return TrainingNetwork(ARCHITECTURE, 2, 5).to(memory_format=torch.channels_last)


def give_gradients(network: nn.Module) -> None:
    for weight in network.parameters():
        weight.grad = torch.randn_like(weight)


def moves(network: nn.Module, optimizer: Optimizer, share: float = 1.0) -> dict[str, Tensor]:
    """What one step adds to each weight."""
    before = {name: weight.detach().clone() for name, weight in network.named_parameters()}
    optimizer.step(share)
    return {name: weight.detach() - before[name] for name, weight in network.named_parameters()}


def test_a_matrix_moves_in_all_directions_by_the_same_amount(network: TrainingNetwork) -> None:
    """Up to what five iterations leave: nearly all singular values are about the rate."""
    optimizer = Optimizer(network, RATES)
    give_gradients(network)
    moved = moves(network, optimizer)
    filters = moved["detr.backbone.0.body.layer2.1.conv2.weight"].flatten(1)
    queries, keys, values = moved[
        "detr.transformer.decoder.layers.0.self_attn.in_proj_weight"
    ].chunk(3)
    late = RATES.transformer
    for matrix, rate in ((filters, RATES.backbone), *((m, late) for m in (queries, keys, values))):
        sizes = torch.linalg.svdvals(matrix) / rate
        assert 0.4 < sizes.quantile(0.05) < sizes.max() < 1.6


@pytest.mark.parametrize(
    "name",
    [
        "detr.query_embed.weight",
        "more_queries",
        "detr.class_embed.weight",
        "detr.class_embed.bias",
        "detr.bbox_embed.layers.2.weight",
        "detr.backbone.0.body.conv1.weight",
        "detr.transformer.encoder.layers.0.norm1.weight",
    ],
)
def test_queries_ends_and_vectors_are_adams(network: TrainingNetwork, name: str) -> None:
    """Its first step moves each number by the rate."""
    optimizer = Optimizer(network, RATES)
    give_gradients(network)
    moved = moves(network, optimizer, share=0.5)[name]
    torch.testing.assert_close(moved.abs(), torch.full_like(moved, 0.5 * RATES.others), rtol=1e-2,
                               atol=0.0)  # fmt: skip


def test_what_has_no_gradient_stays(network: TrainingNetwork) -> None:
    optimizer = Optimizer(network, RATES)
    give_gradients(network)
    optimizer.step(1.0)
    network.zero_grad()
    network.detr.input_proj.weight.grad = torch.randn_like(network.detr.input_proj.weight)
    moved = moves(network, optimizer)
    assert {name for name, by in moved.items() if by.abs().sum() > 0} == {"detr.input_proj.weight"}


def test_a_loaded_optimiser_goes_on_as_the_saved_one(network: TrainingNetwork) -> None:
    first = Optimizer(network, RATES)
    give_gradients(network)
    first.step(1.0)
    state = {name: weight.clone() for name, weight in network.state_dict().items()}
    remembered = copy.deepcopy(first.state_dict())
    give_gradients(network)
    expected = moves(network, first)
    gradients = {name: weight.grad for name, weight in network.named_parameters()}
    network.load_state_dict(state)
    second = Optimizer(network, RATES)
    second.load_state_dict(remembered)
    for name, weight in network.named_parameters():
        weight.grad = gradients[name]
    for name, by in moves(network, second).items():
        torch.testing.assert_close(by, expected[name])


def test_a_weight_that_would_have_to_be_copied_is_refused() -> None:
    network = nn.Sequential(nn.Conv2d(8, 16, 3))
    with pytest.raises(ValueError, match="cannot be seen without copying"):
        Optimizer(network, RATES)
