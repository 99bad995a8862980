"""Official models from files of random weights to figures, at a small input size."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.special import softmax
from torch import nn

from generator.analysis.entry_analysis import analyse
from generator.detr.weights import build_model
from generator.detr.zoo import model_card
from generator.figures.figure_file import FigurePlace
from generator.figures.image.image_set import IMAGE_FIGURES
from generator.figures.redraw import redraw
from generator.inference.detector import Detector
from generator.pages.contents import Shapes
from generator.project.config import FigureOptions
from tests.undrawn import undrawn_weights

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("name", "grid_hw", "wrapped", "zipped"),
    [
        ("detr_resnet50", (3, 4), True, True),
        ("detr_resnet50_dc5", (6, 8), True, False),  # in the format of PyTorch before 1.6
        ("detr_demo", (3, 4), False, True),
    ],
)
def test_from_checkpoint_to_figures(
    name: str,
    grid_hw: tuple[int, int],
    wrapped: bool,
    zipped: bool,
    tmp_path: Path,
    randomise: Callable[[nn.Module], nn.Module],
) -> None:
    card = replace(model_card(name), short_side=96, long_side_cap=160)
    torch.manual_seed(0)
    state = randomise(build_model(card)).state_dict()
    file = tmp_path / "official.pth"
    torch.save({"model": state} if wrapped else state, file, _use_new_zipfile_serialization=zipped)
    pixels = np.random.default_rng(0).integers(0, 256, (60, 80, 3), dtype=np.uint8)

    with undrawn_weights():
        forward = Detector.load(card, file, "ab" * 32).run(pixels)
    assert forward.input_hw == (96, 128)
    assert forward.grid_hw == grid_hw
    assert (forward.stride, forward.first_centre) == (96 // grid_hw[0], 0)
    assert forward.logits.shape == (6, 100, 92)

    scores = np.sort(softmax(forward.logits[-1].astype(np.float64), axis=-1)[:, :-1].max(1))
    threshold = float(scores[-6:-4].mean())  # between the fifth and the sixth
    analysis = analyse(pixels, forward, threshold)
    assert len(analysis.detections) == 5
    assert Shapes.of(forward).tokens == grid_hw[0] * grid_hw[1]
    place = FigurePlace(tmp_path, tmp_path, False, "figures", ".webp")
    drawn = redraw(IMAGE_FIGURES, analysis, "key", FigureOptions(dpi=72), place, {})
    assert len(drawn) == 9
    assert all(sum(figure.site_bytes) > 100 for figure in drawn.values())
