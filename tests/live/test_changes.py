"""What is taken away in JavaScript is what `generator.detr.interventions` takes away in Python."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
import torch

from generator.detr.interventions import Answer, Replay, evenly, silently
from generator.detr.preprocessing import input_size_hw
from tests.live.node import run
from tests.live.scenes import GALLERY, pixels_of
from tests.live.twin import (
    MECHANISMS,
    NETWORK_SCRIPTS,
    Pixels,
    Twin,
    embedded,
    embedded_detector,
    embedded_network,
    picture_of,
    twins,
    write_bundle,
)

pytestmark = pytest.mark.node

SIZE_HW = (448, 512)
"""Of the picture: so that its cells fill the kernels' panels, and none is spare."""


def grid_hw() -> tuple[int, int]:
    card = embedded()
    rule = (card.short_side, card.long_side_cap, card.size_multiple)
    height, width = (side // card.size_multiple for side in input_size_hw(SIZE_HW, *rule))
    return height, width


H, W = grid_hw()
EVERYWHERE = list(range(H * W))
CELLS = [row * W + column for row in range(H // 4, 3 * H // 4) for column in range(W // 4, W // 2)]


class Case(NamedTuple):
    """A change as JavaScript is told of it, and the same in Python."""

    changes: dict[str, Any]
    python: Callable[[Replay], Answer]


def evened(mechanism: str, layer: int, heads: list[int] | None) -> Case:
    def python(replay: Replay) -> Answer:
        with evenly(replay.attentions(mechanism)[layer], heads):
            return replay.decode(memory=replay.encode())

    what = {"mechanism": mechanism, "layer": layer}
    return Case({"even": [what if heads is None else {**what, "heads": heads}]}, python)


def silenced(mechanism: str, layers: list[int]) -> Case:
    def python(replay: Replay) -> Answer:
        with ExitStack() as changed:
            for layer in layers:
                changed.enter_context(silently(replay.attentions(mechanism)[layer]))
            return replay.decode(memory=replay.encode())

    return Case({"silent": [{"mechanism": mechanism, "layer": one} for one in layers]}, python)


def blocked(cells: list[int], layers: list[int] | None) -> Case:
    def python(replay: Replay) -> Answer:
        mask = torch.zeros(1, 1, len(replay.memory), dtype=torch.bool)
        mask[..., cells] = True
        return replay.decode(mask, layers)

    changes: dict[str, Any] = {"blocked": cells}
    return Case(changes if layers is None else {**changes, "blockedLayers": layers}, python)


CASES = {
    **{f"a head of {name}": evened(name, 1, [2]) for name in MECHANISMS},
    **{f"two heads of {name}": evened(name, 1, [0, 3]) for name in MECHANISMS},
    **{f"a layer of {name}": evened(name, 1, None) for name in MECHANISMS},
    **{f"{name} silenced": silenced(name, [0, 1]) for name in MECHANISMS},
    "a region": blocked(CELLS, None),
    "a region in one layer": blocked(CELLS, [1]),
    "every cell": blocked(EVERYWHERE, None),
    "every cell in the last layer": blocked(EVERYWHERE, [2]),
}


@pytest.fixture(scope="module")
def exact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The embedded model in single precision."""
    return write_bundle(tmp_path_factory.mktemp("changes"), embedded_network(), "float32")


@pytest.fixture(scope="module")
def pixels() -> Pixels:
    height, width = SIZE_HW
    return pixels_of(GALLERY[0].with_name("two-elephants.jpg"))[:height, :width]


@pytest.fixture(scope="module")
def found(exact: Path, pixels: Pixels) -> dict[str, Twin]:
    """What JavaScript finds in each case, and as "nothing" what it finds without a change."""
    changes = [{}, {"withoutPositions": True}, *(case.changes for case in CASES.values())]
    made = twins(exact, [pixels] * len(changes), changes)
    assert made[0].grid_hw == (H, W)
    assert H * W % 8 == 0
    return dict(zip(["nothing", "positions", *CASES], made, strict=True))


@pytest.mark.parametrize("name", CASES)
def test_it_is_the_same_in_both(name: str, found: dict[str, Twin], pixels: Pixels) -> None:
    detector = embedded_detector()
    with torch.no_grad():
        wanted = CASES[name].python(Replay(detector.model, detector.prepared(pixels)))
    twin = found[name]
    np.testing.assert_allclose(twin.logits[-1], wanted.logits[0].numpy(), atol=1e-4, rtol=0)
    np.testing.assert_allclose(twin.boxes_cxcywh[-1], wanted.boxes_cxcywh[0].numpy(), atol=1e-5)
    assert np.abs(twin.logits[-1] - found["nothing"].logits[-1]).max() > 0.01


def test_without_positions_cells_are_not_told_where_they_lie(
    found: dict[str, Twin], pixels: Pixels, monkeypatch: pytest.MonkeyPatch
) -> None:
    detector = embedded_detector()
    position = detector.model.get_submodule("position")
    forward = position.forward
    monkeypatch.setattr(position, "forward", lambda mask: 0 * forward(mask))
    with torch.no_grad():
        wanted = detector.model(detector.prepared(pixels))
    twin = found["positions"]
    np.testing.assert_allclose(twin.logits, wanted.logits[:, 0].numpy(), atol=1e-4, rtol=0)
    assert np.abs(twin.logits - found["nothing"].logits).max() > 0.01


def test_what_is_evened_is_what_the_explorer_reads(found: dict[str, Twin]) -> None:
    for name in MECHANISMS:
        q = found[f"a head of {name}"].pairs[name].q
        assert (q[1, 2] == 0).all()
        assert (q[1, [0, 1, 3]] != 0).any()
        assert (found["nothing"].pairs[name].q[1, 2] != 0).any()


def test_blocked_cells_have_no_weight_in_the_source(exact: Path, pixels: Pixels) -> None:
    body = """
    const model = Live.model.load(Live.bundle);
    const changes = { blocked: value.cells, blockedLayers: [1] };
    const source = Live.detr.forward(model, value.picture, changes);
    return [0, 1, 2].map((layer) => source.layer("decoder_cross", layer).keyBias || null);
    """
    given = {"picture": picture_of(pixels), "cells": CELLS}
    first, second, third = run([*NETWORK_SCRIPTS, exact], body, given)
    assert first is None
    assert third is None
    bias = second.reshape(4, -1)
    assert (bias[:, CELLS] == -np.inf).all()
    assert (np.delete(bias, CELLS, axis=1) == 0).all()
