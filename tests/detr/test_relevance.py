import pytest
import torch
from torch import Tensor

from generator.detr.interventions import Replay
from generator.detr.model import DETR
from generator.detr.relevance import relevance_of, relevance_rule
from generator.detr.weights import prepare
from tests.detr.planted import PlantedDETR
from tests.detr.test_interventions import SMALL


def test_the_rule_against_an_example_by_hand() -> None:
    """Two queries, two cells, two layers.

    Layer 1: R_qq = 1 + A = [[1, 0.5], [0, 1]]. Its rows less 1, scaled: [[1, 1], [0, 1]].
        R_qi = [[1, 1], [0, 1]]^T [[0.2, 0], [0, 0.4]] = [[0.2, 0], [0.2, 0.4]].
    Layer 2: self-attention [[0, 0], [1, 0]] gives R_qi += [[0, 0], [0.2, 0]], so
        [[0.2, 0], [0.4, 0.4]], and R_qq = [[1, 0.5], [1, 1.5]], which scales to
        [[1, 1], [2/3, 4/3]]. Cross-attention [[0, 0.3], [0, 0]] adds its transpose times that:
        [[0, 0.3], [0, 0.3]].
    """
    found = relevance_rule(
        [torch.tensor([[0.0, 0.5], [0.0, 0.0]]), torch.tensor([[0.0, 0.0], [1.0, 0.0]])],
        [torch.tensor([[0.2, 0.0], [0.0, 0.4]]), torch.tensor([[0.0, 0.3], [0.0, 0.0]])],
    )
    torch.testing.assert_close(found, torch.tensor([[0.2, 0.3], [0.4, 0.7]]))


def test_without_self_attention_layers_add_up() -> None:
    across = [torch.rand(3, 5) for _ in range(2)]
    torch.testing.assert_close(relevance_rule([torch.zeros(3, 3)] * 2, across), sum(across))


def test_only_the_cells_that_a_planted_detection_reads_are_relevant() -> None:
    image = torch.zeros(6)
    image[[1, 2, 4]] = 1
    replay = Replay(PlantedDETR([[1, 2], [4]], 6), image.view(1, 1, 1, 6))
    maps = relevance_of(replay, [0, 1], [0, 1])
    assert (maps > 1e-6).int().tolist() == [[0, 1, 1, 0, 0, 0], [0, 0, 0, 0, 1, 0]]
    # The last layer alone reaches the answer: d logit / d A = 20 times the value, 1, times 1 / 2.
    torch.testing.assert_close(maps[0, 1], torch.tensor(10.0))
    torch.testing.assert_close(maps[1, 4], torch.tensor(20.0))


@pytest.mark.slow
@pytest.mark.parametrize(("query", "label"), [(1, 0), (4, 2)])
def test_the_gradient_is_that_of_the_weights(query: int, label: int) -> None:
    """It is told from the output's gradient; here it is taken from the weights themselves."""
    torch.manual_seed(3)
    network = prepare(DETR(SMALL))
    replay = Replay(network, torch.randn(1, 3, 96, 128))
    found = relevance_of(replay, [query], [label])[0]
    for parameter in network.parameters():
        parameter.requires_grad_()
    weights: list[Tensor] = []
    handles = []
    for pair in zip(
        replay.attentions("decoder_self"), replay.attentions("decoder_cross"), strict=True
    ):
        for attention in pair:
            handles.append(attention.register_forward_pre_hook(
                lambda _, arguments, options: (
                    arguments, options | {"need_weights": True, "average_attn_weights": False}
                ), with_kwargs=True,
            ))  # fmt: skip
            # What is returned is a view; its base is what the values were multiplied with.
            handles.append(attention.register_forward_hook(
                lambda _, __, output: weights.append(output[1]._base)
            ))  # fmt: skip
    score = replay.decode().logits[0, query, label]
    slopes = torch.autograd.grad(score, weights)
    maps = [(one * slope).clamp(min=0).mean(0).detach()
            for one, slope in zip(weights, slopes, strict=True)]  # fmt: skip
    wanted = relevance_rule(maps[::2], maps[1::2])[query]
    assert wanted.max() > 0
    torch.testing.assert_close(found, wanted, atol=1e-6, rtol=1e-3)


def test_no_query_has_no_map() -> None:
    replay = Replay(PlantedDETR([[1]], 3), torch.ones(1, 1, 1, 3))
    assert relevance_of(replay, [], []).shape == (0, 3)
