import itertools

import pytest
import torch
from torch import Tensor

from generator.training.loss import dense_loss, set_loss
from generator.training.matcher import MatchingCost, Truth, match, matching_costs

CLASSES = 3


def random_truth(n: int) -> Truth:
    boxes = torch.cat([torch.rand(n, 2) * 0.6 + 0.2, torch.rand(n, 2) * 0.2 + 0.1], 1)
    return Truth(torch.randint(CLASSES, (n,)), boxes)


def perfect(truth: Truth, queries: int) -> tuple[Tensor, Tensor]:
    """Outputs (1, 1, Q, C + 1) and (1, 1, Q, 4) that are right about everything."""
    n = len(truth.classes)
    logits = torch.full((1, 1, queries, CLASSES + 1), -20.0)
    logits[..., CLASSES] = 20.0
    logits[0, 0, torch.arange(n)] = -20.0
    logits[0, 0, torch.arange(n), truth.classes] = 20.0
    boxes = torch.full((1, 1, queries, 4), 0.5)
    boxes[0, 0, :n] = truth.boxes_cxcywh
    return logits, boxes


@pytest.mark.parametrize("n", [0, 1, 4])
def test_matching_is_the_cheapest_of_all(n: int) -> None:
    torch.manual_seed(n)
    truth, logits = random_truth(n), torch.randn(2, 5, CLASSES + 1)
    boxes = torch.rand(2, 5, 4) * 0.5 + 0.2
    other = random_truth(6)  # another image of the batch, with more objects
    both = (torch.stack([one, torch.rand_like(one)], 1) for one in (logits, boxes))
    logits, boxes = both
    sets, images, queries, objects = match(logits, boxes, [truth, other])
    assert (images == 1).sum() == 2 * 5
    sets, queries, objects = (one[images == 0] for one in (sets, queries, objects))
    costs = matching_costs(logits, boxes, [truth, other], MatchingCost())
    for number in range(2):
        cost = costs[number, 0, :, :n]  # (5, n)
        rows = sets == number
        found = sum(float(cost[q, o]) for q, o in zip(queries[rows], objects[rows], strict=True))
        best = min(
            sum(float(cost[q, o]) for o, q in enumerate(order))
            for order in itertools.permutations(range(5), n)
        )
        assert found == pytest.approx(best, abs=1e-5)
        assert sorted(objects[rows].tolist()) == list(range(n))


def test_matching_prefers_the_right_class_and_the_right_box() -> None:
    truth = Truth(torch.tensor([1]), torch.tensor([[0.5, 0.5, 0.2, 0.2]]))
    logits = torch.zeros(1, 2, CLASSES + 1)
    logits[0, 1, 1] = 5.0
    boxes = torch.tensor([[[0.5, 0.5, 0.2, 0.2], [0.5, 0.5, 0.2, 0.2]]])
    assert match(logits[None], boxes[None], [truth])[2].tolist() == [1]
    boxes[0, 1] = torch.tensor([0.1, 0.1, 0.05, 0.05])
    assert match(logits[None], boxes[None], [truth])[2].tolist() == [0]


def test_a_perfect_prediction_costs_nothing_and_a_wrong_one_does() -> None:
    torch.manual_seed(0)
    truth = random_truth(3)
    logits, boxes = perfect(truth, 6)
    assert set_loss(logits, boxes, [truth], groups=1) < 1e-4
    moved = boxes.clone()
    moved[0, 0, 0, 0] += 0.1
    assert set_loss(logits, moved, [truth], groups=1) > 0.1
    duplicate = logits.clone()
    duplicate[0, 0, 3] = logits[0, 0, 0]  # a second query claims the first object
    assert set_loss(duplicate, boxes, [truth], groups=1) > 0.1


def test_groups_are_matched_separately_and_layers_add_up() -> None:
    torch.manual_seed(1)
    truth = random_truth(2)
    one = torch.randn(1, 1, 4, CLASSES + 1), torch.rand(1, 1, 4, 4) * 0.4 + 0.2
    alone = set_loss(*one, [truth], groups=1)
    logits, boxes = (torch.cat([part, part], 2) for part in one)
    torch.testing.assert_close(set_loss(logits, boxes, [truth], groups=2), alone)
    logits, boxes = (torch.cat([part, part, part], 0) for part in one)
    torch.testing.assert_close(set_loss(logits, boxes, [truth], groups=1), 3 * alone)


def test_a_scene_without_objects_has_a_loss_too() -> None:
    truth = random_truth(0)
    logits, boxes = perfect(truth, 4)
    assert set_loss(logits, boxes, [truth], groups=1) < 1e-4
    assert set_loss(-logits, boxes, [truth], groups=1) > 1


def test_dense_loss_takes_the_smallest_object_around_each_cell() -> None:
    truth = Truth(torch.tensor([0, 2]), torch.tensor([[0.5, 0.5, 1.0, 1.0], [0.5, 0.5, 0.3, 0.3]]))
    logits = torch.full((1, 25, CLASSES + 1), -20.0)
    logits[..., CLASSES] = 20.0
    boxes = torch.full((1, 25, 4), 0.5)
    for cell in range(25):
        row, column = divmod(cell, 5)
        owner = 1 if (row, column) == (2, 2) else 0 if {row, column} <= {1, 2, 3} else None
        if owner is not None:
            logits[0, cell] = -20.0
            logits[0, cell, truth.classes[owner]] = 20.0
            boxes[0, cell] = truth.boxes_cxcywh[owner]
    assert dense_loss(logits, boxes, (5, 5), [truth]) < 1e-4
