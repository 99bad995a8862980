"""What the shipped card says, and where from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from click.testing import CliRunner

from generator.detr.model import DETR
from generator.training import ship
from generator.training.recipe import ARCHITECTURE, RECIPE
from generator.training.sprites import SpriteWorld

MEASURED = {
    "AP": 0.123456, "found": {"side": []}, "by_class": {"cat": {"AP": 0.5}}, "by_size": {},
}  # fmt: skip


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run's folder with random weights."""
    folder = tmp_path / "run"
    folder.mkdir()
    average = {f"detr.{name}": value for name, value in DETR(ARCHITECTURE).state_dict().items()}
    told = ship.recipe_of(RECIPE)
    saved = {"average": average, "told": told, "progress": {"scenes_seen": 9}}
    torch.save(saved, folder / ship.CHECKPOINT)
    (folder / ship.CURVE).write_text('{"scenes": 5, "loss": 2.0}\n')
    return folder


def test_a_run_is_shipped_with_photographs_and_a_second_training(
    run: Path, tmp_path: Path, world: SpriteWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ship, "find_packages", lambda folder: folder)
    for name in ("training_world", "unseen_world"):
        monkeypatch.setattr(ship, name, lambda root, cache: world)
    asked: list[Any] = []

    def evaluate(*arguments: Any, photographs: list[Path]) -> dict[str, Any]:
        asked.append([file.name for file in photographs])
        return {"all_styles": dict(MEASURED), "unseen_family": dict(MEASURED), "encoder": {}}

    monkeypatch.setattr(ship, "evaluate_all", evaluate)
    photographs, first, second = (tmp_path / name for name in ("photographs", "first", "second"))
    for folder in (photographs, first, second):
        folder.mkdir()
    (photographs / "cat.jpg").touch()

    def shipped(output: Path, *options: str) -> dict[str, Any]:
        done = CliRunner().invoke(ship.main, ["--run", str(run), "--output", str(output), *options])
        assert done.exit_code == 0, done.output
        assert (output / "detr_emoji.safetensors").stat().st_size > 1_000_000
        card: dict[str, Any] = json.loads((output / "detr_emoji.json").read_text())
        return card

    other = shipped(second)
    card = shipped(first, "--photographs", str(photographs),
                   "--again", str(second / "detr_emoji.json"))  # fmt: skip
    assert asked == [[], ["cat.jpg"]]
    assert "trained_again" not in other
    assert card["held_out"]["AP"] == 0.1235  # four decimals are enough
    assert card["limits"] == {"side": []}
    assert card["progress"] == {"scenes_seen": 9}
    again = card["trained_again"]
    assert again["recipe"] == {"seed": RECIPE.seed}
    assert again["held_out"]["AP"] == 0.1235
    assert "by_class" in card["held_out"]
    assert "by_class" not in again["held_out"]


def test_a_folder_without_a_checkpoint_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ship, "find_packages", lambda folder: folder)
    done = CliRunner().invoke(ship.main, ["--run", str(tmp_path), "--output", str(tmp_path)])
    assert done.exit_code == 1
    assert "there is no checkpoint.pt; name a run's folder with --run" in done.output
