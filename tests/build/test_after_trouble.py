"""After a build that failed, or with files that were damaged, the next one makes good."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.build.recipe import build
from generator.build.report import BuildReport
from generator.errors import LossError, StorageError
from generator.figures import redraw
from generator.figures.tiles import Tile, save_tile
from tests.tiny_project import options
from tests.tiny_project import replace_in as replace

pytestmark = pytest.mark.slow


def run(project: Path) -> BuildReport:
    return build(options(project))


def test_an_error_that_may_pass_is_tried_again(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace(project / "content/gallery.yml", 'title: "Pets"', 'title: "Pets"\n    threshold: 0.9')
    with monkeypatch.context() as full:
        full.setattr(redraw, "save_tile", save_until_the_disk_is_full)
        with pytest.raises(StorageError, match="disk is full"):
            run(project)
    report = run(project)
    assert not report.is_unchanged
    assert report.count("built") == 3
    assert run(project).is_unchanged


def save_until_the_disk_is_full(tile: Tile, path: Path) -> None:
    if path.parent.name == "pets":
        raise OSError(28, "No space left on device")
    save_tile(tile, path)


@pytest.mark.parametrize("damage", ["cut short", "other bytes"])
def test_damaged_measures_are_made_again(project: Path, damage: str) -> None:
    before = (project / "build/measures.json").read_bytes()
    for file in (project / ".cache/measures").iterdir():
        whole = file.read_bytes()
        file.write_bytes(whole[:100] if damage == "cut short" else b"\0" * len(whole))
    (project / "build/measures.json").unlink()
    run(project)
    assert (project / "build/measures.json").read_bytes() == before


def test_an_image_with_more_pixels_than_are_allowed_now(project: Path) -> None:
    replace(project / "site_config.yml", "threshold:", "max_pixels: 20_000\nthreshold:")
    with pytest.raises(LossError, match=r"pets: .* more than the limit"):
        run(project)


def test_the_curve_of_a_model_that_is_gone(project: Path) -> None:
    curve = project / "build/docs/models/detr_emoji-training.svg"
    assert curve.is_file()
    replace(project / "site_config.yml", "threshold:", "model: detr_resnet50\nthreshold:")
    with pytest.raises(LossError, match="no image could be built"):
        run(project)
    assert curve.is_file()  # what was published before stays
