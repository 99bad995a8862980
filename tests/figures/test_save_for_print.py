from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure

from generator.figures.save import save_figure, save_for_print


def drawn() -> Figure:
    figure = Figure(figsize=(4, 2))
    noise = np.random.default_rng(0).integers(0, 255, (300, 400, 3), np.uint8)
    for place, pixels in ((0.0, noise), (0.5, np.eye(4))):
        axes = figure.add_axes((place, 0, 0.45, 0.8))
        axes.set_axis_off()
        axes.imshow(pixels, interpolation="nearest")
    figure.text(0.1, 0.9, "query 12, $5")
    return figure


def test_words_stay_words_and_images_become_jpeg(tmp_path: Path) -> None:
    path = tmp_path / "a.svg"
    save_for_print(drawn(), path)
    text = path.read_text()
    assert ">query 12, $5</text>" in text
    assert "DejaVu Sans" in text
    assert re.findall(r"data:image/(\w+);", text) == ["jpeg", "png"]  # cells are smaller as PNG


@pytest.mark.slow
def test_same_figure_gives_the_same_bytes_and_can_be_saved_again(tmp_path: Path) -> None:
    figure = drawn()
    save_for_print(figure, tmp_path / "a.svg")
    save_figure(figure, tmp_path / "a.webp", dpi=72)
    save_for_print(drawn(), tmp_path / "b.svg")
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()
    assert (tmp_path / "a.webp").stat().st_size > 1000
