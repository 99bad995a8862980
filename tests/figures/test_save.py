from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from generator.figures.panels import add_panel, add_text, draw_map, new_figure
from generator.figures.save import save_figure
from generator.figures.style import figure_style
from tests.grids import resnet_grid


def a_figure(weight: float = 1.0, height: float = 1.0) -> Figure:
    with figure_style():
        figure = new_figure(height)
        axes = add_panel(figure, 0.1, 0.1, 2, 0.5)
        weights = np.array([[0.0, weight], [1.0, 0.5]], dtype=np.float32)
        draw_map(axes, weights, resnet_grid(40, 64), (20, 80), "viridis")
        add_text(figure, 3, 0.2, "a text")
    return figure


@pytest.mark.slow
@pytest.mark.parametrize("suffix", [".png", ".webp", ".svg"])
def test_the_same_figure_has_the_same_bytes(tmp_path: Path, suffix: str) -> None:
    first, second = tmp_path / f"first{suffix}", tmp_path / "folder" / f"second{suffix}"
    save_figure(a_figure(), first, 72)
    save_figure(a_figure(), second, 72)
    assert first.read_bytes() == second.read_bytes()
    save_figure(a_figure(weight=0.2), second, 72)
    assert first.read_bytes() != second.read_bytes()


@pytest.mark.parametrize("suffix", [".png", ".svg"])
def test_no_version_or_date_is_written(tmp_path: Path, suffix: str) -> None:
    save_figure(a_figure(), tmp_path / f"figure{suffix}", 72)
    content = (tmp_path / f"figure{suffix}").read_bytes().lower()
    assert b"matplotlib" not in content
    assert not re.search(rb"<dc:date>|tEXt|tIME", content)


@pytest.mark.parametrize(("suffix", "kind"), [(".png", "PNG"), (".webp", "WEBP")])
def test_dots_per_inch_set_the_size(tmp_path: Path, suffix: str, kind: str) -> None:
    save_figure(a_figure(), tmp_path / f"figure{suffix}", 100)
    with Image.open(tmp_path / f"figure{suffix}") as image:
        assert (image.size, image.format) == ((700, 100), kind)


@pytest.mark.slow
def test_a_file_with_the_same_bytes_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "figure.png"
    save_figure(a_figure(), path, 72)
    before = path.stat()
    save_figure(a_figure(), path, 72)
    assert (path.stat().st_mtime_ns, path.stat().st_ino) == (before.st_mtime_ns, before.st_ino)
    save_figure(a_figure(weight=0.2), path, 72)
    assert path.stat().st_ino != before.st_ino
    assert [other.name for other in tmp_path.iterdir()] == ["figure.png"]


@pytest.mark.slow
def test_a_figure_longer_than_webp_allows_gets_fewer_dots(tmp_path: Path) -> None:
    save_figure(a_figure(height=400.0), tmp_path / "long.webp", 72)
    with Image.open(tmp_path / "long.webp") as image:
        assert image.size == (280, 16_000)


def test_a_saved_figure_is_empty(tmp_path: Path) -> None:
    figure = a_figure()
    save_figure(figure, tmp_path / "figure.png", 72)
    assert not figure.axes


def test_another_format_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"figure.bmp: figures are saved as"):
        save_figure(a_figure(), tmp_path / "figure.bmp", 72)
    assert not list(tmp_path.iterdir())
