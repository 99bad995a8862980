import pytest
import torch
from torch import nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from generator.detr.architecture import DetrArchitecture
from generator.detr.minimal import MinimalDETR, run_minimal
from generator.detr.model import DETR
from generator.detr.model_profile import ModelProfile, Part
from generator.detr.profiler import (
    attention_work,
    convolution_work,
    linear_work,
    parameters_of,
    part_of,
    profile_forward,
)
from generator.detr.weights import build_model, prepare
from generator.detr.zoo import model_card, model_names
from generator.pages.model_diagram import TWO_CATS
from tests.undrawn import undrawn_weights

LAYERS, QUERIES, WIDTH, CLASSES = 3, 5, 16, 7


def full_model() -> DETR:
    return DETR(
        DetrArchitecture(
            "small", CLASSES, num_queries=QUERIES, hidden_dim=WIDTH, nheads=2,
            num_encoder_layers=2, num_decoder_layers=LAYERS, dim_feedforward=8,
        )
    ).eval()  # fmt: skip


def minimal_model() -> MinimalDETR:
    with undrawn_weights():
        return MinimalDETR(CLASSES, WIDTH, 2, 2, LAYERS, QUERIES).eval()


def run(model: nn.Module, images: torch.Tensor) -> None:
    if isinstance(model, MinimalDETR):
        run_minimal(model, images)
    else:
        model(images)


def profile_of(model: nn.Module, height: int = 64, width: int = 96) -> ModelProfile:
    parameters = dict.fromkeys(TWO_CATS.parts, 1)
    device = next(model.parameters()).device
    with torch.inference_mode(), profile_forward(model) as seen:
        run(model, torch.zeros(1, 3, height, width, device=device))
    return seen.profile((480, 640), parameters)


def test_a_convolution_by_hand() -> None:
    module = nn.Conv2d(6, 4, kernel_size=(3, 5), stride=2, groups=2)
    images = torch.zeros(1, 6, 9, 13)
    output = module(images)
    assert output.shape == (1, 4, 4, 5)
    # 4 channels of 4 x 5 places, each 3 of the 6 channels (two groups) under a 3 x 5 kernel
    assert convolution_work(module, (images,), output) == 4 * 4 * 5 * 3 * 3 * 5


def test_a_linear_layer_by_hand_and_of_decoder_layers_only_the_last() -> None:
    module = nn.Linear(7, 11)
    assert linear_work(module, (torch.zeros(10, 1, 7),), None) == 10 * 7 * 11
    assert linear_work(module, (torch.zeros(6, 1, 10, 7),), None) == 10 * 7 * 11


def test_an_attention_by_hand() -> None:
    module = nn.MultiheadAttention(8, 2)
    queries, keys = torch.zeros(3, 1, 8), torch.zeros(5, 1, 8)
    in_and_out = 3 * 8 * 8 + 5 * 8 * 8 + 5 * 8 * 8 + 3 * 8 * 8  # Q, K, V, then the outputs
    q_by_k, a_by_v = 2 * (3 * 4 * 5), 2 * (3 * 5 * 4)  # two heads of width 4
    expected = in_and_out + q_by_k + a_by_v
    assert attention_work(module, (queries, keys, keys), None) == expected


@pytest.mark.slow
@pytest.mark.parametrize("build", [full_model, minimal_model])
def test_torch_itself_counts_the_same(build: type[nn.Module]) -> None:
    """PyTorch's own counter sees matrix products and convolutions below all modules."""
    model, images = build(), torch.zeros(1, 3, 64, 96)
    profile = profile_of(model)
    with FlopCounterMode(display=False) as counter, sdpa_kernel(SDPBackend.MATH):
        model(images)  # not `run_minimal`, which runs the heads once more
    work = profile.multiply_adds
    if isinstance(model, DETR):  # its heads read every decoder layer
        heads = profile.parts["class_head"], profile.parts["box_head"]
        work += (LAYERS - 1) * sum(head.multiply_adds for head in heads)
    assert counter.get_total_flops() == 2 * work
    assert all(part.multiply_adds for name, part in profile.parts.items() if name in (
        "backbone", "projection", "encoder", "decoder", "class_head", "box_head"))  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(
    ("build", "grid", "channels"), [(full_model, (4, 6), 128), (minimal_model, (2, 3), 2048)]
)
def test_shape_of_every_stage(build: type[nn.Module], grid: tuple[int, int], channels: int) -> None:
    tokens = grid[0] * grid[1]
    assert profile_of(build()).shapes == {
        "image": (3, 480, 640),
        "input": (3, 64, 96),
        "features": (channels, *grid),
        "projected": (WIDTH, *grid),
        "tokens": (tokens, WIDTH),
        "positions": (tokens, WIDTH),
        "memory": (tokens, WIDTH),
        "queries": (QUERIES, WIDTH),
        "decoded": (QUERIES, WIDTH),
        "classes": (QUERIES, CLASSES + 1),
        "boxes": (QUERIES, 4),
    }


def test_folding_the_batch_norms_changes_no_count() -> None:
    model = full_model()
    before = profile_of(model)
    assert profile_of(prepare(model)) == before


def test_nothing_is_left_on_the_model() -> None:
    model = full_model()
    with pytest.raises(ZeroDivisionError), profile_forward(model):
        raise ZeroDivisionError
    assert not any(module._forward_hooks for module in model.modules())


@pytest.mark.parametrize("name", model_names())
def test_parameters_of_the_parts_sum_to_the_models(name: str) -> None:
    with undrawn_weights():
        counts = parameters_of(model_card(name))
    assert sum(counts.values()) == model_card(name).parameters
    assert (counts["positions"] > 0) == (name == "detr_demo")


@pytest.mark.slow
def test_documented_profile_equals_the_counted_one() -> None:
    card = model_card("detr_resnet50")
    with torch.device("meta"), undrawn_weights():  # shapes without numbers: no time
        model = build_model(card).eval()
        parameters = parameters_of(card)
    counted = profile_of(model, 800, 1066)
    assert counted.shapes == TWO_CATS.shapes
    assert TWO_CATS.parts == {
        name: Part(parameters[name], part.multiply_adds) for name, part in counted.parts.items()
    }


def test_parts_go_by_whole_names() -> None:
    assert part_of("conv.weight") == "projection"
    assert part_of("backbone.conv1.weight") == "backbone"
    assert part_of("transformer.encoder.norm.weight") == "encoder"
    assert part_of("transformer.decoder.layers.0.linear1.bias") == "decoder"
    assert part_of("query_pos") == "queries"
