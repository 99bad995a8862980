import dataclasses
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import pytest
import torch
from torch import Tensor, nn

from generator.detr.architecture import DetrArchitecture
from generator.detr.minimal import MinimalDETR
from generator.detr.weights import build_model, prepare
from generator.detr.zoo import model_card
from generator.inference.causal_tests import (
    ATTENTION,
    NEARNESS,
    ORDERS,
    OTHER_BOX,
    OWN_BOX,
    RANDOM_CELLS,
    RELEVANCE,
    CausalPlan,
    save_causal_tests,
)
from generator.inference.detector import Detector
from generator.inference.intervene import intervene
from generator.measures.causal.deletion import area_under
from generator.measures.causal.knock_out import drops, kept, overlaps
from generator.measures.causal.plan import plan_of
from tests.detr.planted import PlantedDETR

CELLS = 8
OWN = [[1, 2], [5]]
PIXELS = np.zeros((2, 2, 3), np.uint8)


class PlantedDetector:
    """Gives a toy network an image in which two objects lie in cells 1 and 2, and in 5."""

    def __init__(self, own: list[list[int]] = OWN) -> None:
        self.model = PlantedDETR(own, CELLS)
        self.image = torch.zeros(CELLS)
        for cells in own:
            self.image[cells] = 1

    def computing(self) -> AbstractContextManager[object]:
        return nullcontext()

    def prepared(self, _: npt.NDArray[np.uint8]) -> Tensor:
        return self.image.view(1, 1, 1, CELLS)


def planted_plan(own: list[list[int]] = OWN) -> CausalPlan:
    n = len(own)
    masks = np.zeros((3, n, CELLS), bool)
    for row, cells in enumerate(own):
        masks[0, row, cells] = True  # its own
        masks[1, row, [0, 7][: len(cells)]] = True  # as many in which there is nothing
        if n > 1:
            masks[2, row, own[row - 1]] = True
    first = np.array([[*cells, *(one for one in range(CELLS) if one not in cells)]
                      for cells in own], np.int64).reshape(n, CELLS)  # fmt: skip
    last = first[:, ::-1]
    return CausalPlan(
        queries=np.arange(n),
        classes=np.arange(n),
        middles=first[:, 0],
        kinds=(OWN_BOX, RANDOM_CELLS, OTHER_BOX),
        knock_outs=masks,
        counts=np.arange(CELLS + 1),
        orders=np.stack([first, first, last, last]),
    )


def run(detector: Any, plan: CausalPlan) -> Any:
    return intervene(cast(Detector, detector), PIXELS, plan)


@pytest.mark.slow
def test_a_planted_attention_gives_the_planted_answer() -> None:
    tests = run(PlantedDetector(), planted_plan())
    assert (tests.before.probability > 0.99).all()
    np.testing.assert_allclose(tests.before.similarity, 1, atol=1e-3)
    assert (drops(tests, OWN_BOX) > 0.98).all()
    assert np.abs(drops(tests, RANDOM_CELLS)).max() < 1e-6
    assert np.abs(drops(tests, OTHER_BOX)).max() < 1e-6
    assert kept(tests, OWN_BOX, 0.9).tolist() == [[0, 0]]
    assert kept(tests, RANDOM_CELLS, 0.9).tolist() == [[1, 1]]
    assert (overlaps(tests, OWN_BOX) < 0.1).all()
    assert (overlaps(tests, RANDOM_CELLS) > 0.999).all()
    # The last layer reads anew, so that nothing is lost if it may look.
    assert np.abs(drops(tests, OWN_BOX, layer=0)).max() < 1e-6
    assert np.isnan(drops(tests, OTHER_BOX, layer=0)).all()  # not tried


@pytest.mark.slow
def test_planted_cells_go_first_by_relevance_too() -> None:
    tests = run(PlantedDetector(), planted_plan())
    np.testing.assert_array_equal(np.sort(tests.orders()[-1][0, :2]), [1, 2])
    assert tests.orders()[-1][1, 0] == 5
    deleted, inserted = (dict(zip(ORDERS, area_under(tests, one), strict=True))
                         for one in (tests.deleted, tests.inserted))  # fmt: skip
    np.testing.assert_allclose(deleted[ATTENTION][1], 0.5 / CELLS, atol=1e-3)  # one cell of eight
    np.testing.assert_allclose(deleted[RELEVANCE][1], deleted[ATTENTION][1], atol=1e-3)
    np.testing.assert_allclose(deleted[NEARNESS][1], 1 - 0.5 / CELLS, atol=1e-3)  # it went last
    np.testing.assert_allclose(inserted[ATTENTION][1], 1 - 0.5 / CELLS, atol=1e-3)
    assert (tests.deleted.similarity[:, 0] == tests.before.similarity).all()
    assert tests.inserted.similarity[:, 0].max() < 1e-3  # nothing to read
    np.testing.assert_allclose(
        tests.inserted.similarity[:, -1], np.tile(tests.before.similarity, (len(ORDERS), 1))
    )


@pytest.mark.slow
def test_planted_ablations() -> None:
    tests = run(PlantedDetector(), planted_plan())
    cross = tests.alone["decoder_cross"].probability  # (L, 1 + H, n)
    assert cross.shape == (2, 2, 2)
    assert (cross[1] < 0.05).all()  # the last layer reads everything alike, and most is empty
    assert (cross[0] > 0.99).all()
    assert (tests.up_to["decoder_cross"].probability[1] < 0.05).all()
    assert (tests.silent["decoder_cross"].probability[1] < 0.01).all()
    assert (tests.silent["decoder_self"].probability > 0.99).all()
    assert (tests.alone["encoder_self"].probability > 0.99).all()  # it adds nothing anyway


@pytest.mark.slow
@pytest.mark.parametrize("own", [[], [[3]]])
def test_nothing_detected_and_one_query(own: list[list[int]], tmp_path: Path) -> None:
    detector = PlantedDetector([[3]])
    tests = run(detector, planted_plan(own))
    assert tests.before.probability.shape == (len(own),)
    assert np.isnan(drops(tests, OTHER_BOX)).all()  # there is no other
    assert np.isfinite(tests.silent["decoder_self"].scores).all()
    save_causal_tests(tests, tmp_path / "x.npz")


SMALL = DetrArchitecture(
    "small", 91, num_queries=5, hidden_dim=16, nheads=2, num_encoder_layers=2,
    num_decoder_layers=3, dim_feedforward=8,
)  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("minimal", [False, True])
def test_the_same_bytes_twice(tmp_path: Path, minimal: bool) -> None:
    card = dataclasses.replace(
        model_card("detr_resnet50"), architecture=SMALL, short_side=64, long_side_cap=128
    )
    torch.manual_seed(0)
    network: nn.Module = MinimalDETR(91, 16, 2, 2, 3, 5) if minimal else build_model(card)
    prepare(network)
    detector = Detector(card, network, "0" * 64)
    pixels = np.random.default_rng(0).integers(0, 256, (96, 128, 3), dtype=np.uint8)
    forward = detector.run(pixels)
    plan = plan_of(forward, 0.0)
    before = {name: one.clone() for name, one in network.state_dict().items()}
    for name in ("1/key.npz", "2/key.npz"):
        save_causal_tests(intervene(detector, pixels, plan), tmp_path / name)
    assert (tmp_path / "1/key.npz").read_bytes() == (tmp_path / "2/key.npz").read_bytes()
    after = network.state_dict()
    assert all(torch.equal(one, after[name]) for name, one in before.items())
    np.testing.assert_array_equal(detector.run(pixels).logits, forward.logits)
