from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from generator.detr.architecture import DetrArchitecture
from generator.detr.interventions import Replay, evenly, shuffled, silently
from generator.detr.minimal import MinimalDETR, run_minimal
from generator.detr.model import DETR
from generator.detr.weights import prepare
from tests.detr.conftest import Randomise
from tests.detr.planted import PlantedDETR

SMALL = DetrArchitecture(
    "small", 7, num_queries=6, hidden_dim=32, nheads=4, num_encoder_layers=2,
    num_decoder_layers=3, dim_feedforward=16,
)  # fmt: skip
KINDS = ("encoder_self", "decoder_self", "decoder_cross")


@pytest.fixture(scope="module", params=["full", "minimal"])
def prepared(request: pytest.FixtureRequest, randomise: Randomise) -> nn.Module:
    torch.manual_seed(1)
    model = DETR(SMALL) if request.param == "full" else MinimalDETR(7, 32, 4, 2, 3, 6)
    return prepare(randomise(model))


@pytest.fixture
def network(prepared: nn.Module) -> nn.Module:
    """A copy, since some tests change the weights."""
    return deepcopy(prepared)


@pytest.fixture
def image() -> Tensor:
    return torch.randn(1, 3, 96, 128, generator=torch.Generator().manual_seed(2))


@pytest.fixture(autouse=True)
def _without_gradients() -> Iterator[None]:
    with torch.no_grad():
        yield


def logits_of(network: nn.Module, image: Tensor) -> Tensor:
    """The last layer's, (1, Q, C + 1)."""
    output = run_minimal(network, image) if isinstance(network, MinimalDETR) else network(image)
    return output.logits[-1]


@contextmanager
def weights_of(attention: nn.MultiheadAttention) -> Iterator[list[Tensor]]:
    """While open, notes the weights (B, heads, queries, keys) that an attention itself gives."""
    seen: list[Tensor] = []

    def ask(_: nn.Module, arguments: Any, options: Any) -> Any:
        return arguments, options | {"need_weights": True, "average_attn_weights": False}

    handles = (
        attention.register_forward_pre_hook(ask, with_kwargs=True),
        attention.register_forward_hook(lambda _, __, output: seen.append(output[1])),
    )
    yield seen
    for handle in handles:
        handle.remove()


@pytest.mark.slow
def test_to_take_nothing_changes_nothing(network: nn.Module, image: Tensor) -> None:
    wanted, replay = logits_of(network, image), Replay(network, image)
    cells = len(replay.memory)
    nothing = torch.zeros(3, 1, cells, dtype=torch.bool)
    answers = (
        replay.decode(),
        replay.decode(batch=2),
        replay.decode(nothing),
        replay.decode(nothing.expand(-1, replay.queries, -1)),
        replay.decode(memory=replay.encode()),
        replay.decode(memory=replay.encode(1), first=2),
    )
    for answer in answers:
        for item in answer.logits:
            torch.testing.assert_close(item, wanted[0], atol=1e-6, rtol=0)


@pytest.mark.slow
def test_what_is_masked_has_no_weight_at_all(network: nn.Module, image: Tensor) -> None:
    replay = Replay(network, image)
    cells, generator = len(replay.memory), torch.Generator().manual_seed(0)
    blocked = torch.rand(2, replay.queries, cells, generator=generator) < 0.4
    blocked[0, 0], blocked[1, 1] = False, True  # one query sees all, one nothing
    for layer, attention in enumerate(replay.attentions("decoder_cross")):
        with weights_of(attention) as seen:
            answer = replay.decode(blocked, [0, 1])
        weights = seen[0][0].unflatten(1, (2, replay.queries))  # (heads, B, Q, N)
        assert answer.logits.isfinite().all()
        masked = blocked.clone()
        masked[1, 1] = False  # it reads nothing, whatever its weights
        assert ((weights == 0).all(0) == masked).all() == (layer < 2)
        torch.testing.assert_close(weights.sum(-1), torch.ones(weights.shape[:-1]))


@pytest.mark.slow
def test_a_query_that_may_look_nowhere_reads_nothing(network: nn.Module, image: Tensor) -> None:
    replay = Replay(network, image)
    everything = torch.ones(1, 1, len(replay.memory), dtype=torch.bool)
    found = replay.decode(everything).logits
    for attention in replay.attentions("decoder_cross"):
        attention.out_proj.weight.zero_()
    torch.testing.assert_close(found, replay.decode().logits, atol=1e-6, rtol=0)


@pytest.mark.slow
def test_only_the_query_that_is_masked_looks_away(network: nn.Module, image: Tensor) -> None:
    replay = Replay(network, image)
    blocked = torch.zeros(1, replay.queries, len(replay.memory), dtype=torch.bool)
    blocked[0, 2, ::2] = True
    before, after = replay.decode().logits, replay.decode(blocked, [2]).logits  # the last layer
    same = (before == after).all(-1)[0].tolist()
    assert same == [query != 2 for query in range(replay.queries)]


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_a_head_that_is_evened_looks_at_all_alike(
    network: nn.Module, image: Tensor, kind: str
) -> None:
    replay = Replay(network, image)
    attention = replay.attentions(kind)[1]
    kept = attention.in_proj_weight.clone(), attention.in_proj_bias.clone()
    with weights_of(attention) as seen:
        replay.decode(memory=replay.encode())
        with evenly(attention, [2]):
            replay.decode(memory=replay.encode())
    before, after = seen
    even = torch.full_like(after[:, 2], 1 / after.shape[-1])
    torch.testing.assert_close(after[:, 2], even)
    others = [0, 1, 3]
    torch.testing.assert_close(after[:, others], before[:, others])
    assert torch.equal(kept[0], attention.in_proj_weight)
    assert torch.equal(kept[1], attention.in_proj_bias)


def test_the_first_self_attention_of_the_full_model_has_nothing_to_choose(image: Tensor) -> None:
    torch.manual_seed(0)
    replay = Replay(prepare(DETR(SMALL)), image)
    before = replay.decode().logits
    for layer, differs in enumerate((False, True, True)):
        with evenly(replay.attentions("decoder_self")[layer]):
            after = replay.decode(first=layer).logits
        assert ((after - before).abs().max() > 1e-5) == differs


@pytest.mark.slow
def test_an_attention_can_be_silenced(network: nn.Module, image: Tensor) -> None:
    replay, outputs = Replay(network, image), []
    attention = replay.attentions("decoder_self")[1]
    attention.register_forward_hook(lambda _, __, output: outputs.append(output[0].abs().max()))
    with silently(attention):
        replay.decode()
    replay.decode()
    assert [one > 0 for one in outputs] == [False, True]


@pytest.mark.slow
def test_shuffled_weights_are_the_same_numbers_and_come_back(
    network: nn.Module, image: Tensor
) -> None:
    replay = Replay(network, image)
    before = replay.decode().logits
    kept = [one.clone() for one in replay.decoder.parameters()]
    again = []
    for _ in range(2):
        with shuffled(replay.decoder, torch.Generator().manual_seed(3)):
            again.append(replay.decode().logits)
            for one, other in zip(kept, replay.decoder.parameters(), strict=True):
                assert torch.equal(one.flatten().sort().values, other.flatten().sort().values)
    assert torch.equal(*again)
    assert (again[0] - before).abs().max() > 0.1
    assert torch.equal(replay.decode().logits, before)


def test_a_planted_detection_depends_on_its_cells_alone() -> None:
    replay = Replay(PlantedDETR([[1, 2], [4]], 6), torch.ones(1, 1, 1, 6))
    sure = replay.decode().logits.softmax(-1)
    assert sure[0, 0, 0] > 0.99
    assert sure[0, 1, 1] > 0.99
    image = torch.ones(6)
    image[[1, 2]] = 0  # there is nothing in the cells of query 0
    replay = Replay(PlantedDETR([[1, 2], [4]], 6), image.view(1, 1, 1, 6))
    empty = replay.decode().logits.softmax(-1)
    assert empty[0, 0, 0] < 0.01
    blocked = torch.zeros(1, 1, 6, dtype=torch.bool)
    blocked[0, 0, [1, 2]] = True  # so it looks at the others alike, and they are full
    assert replay.decode(blocked).logits.softmax(-1)[0, 0, 0] > 0.99
