import dataclasses
import json
from pathlib import Path

import pytest
import torch

from generator.detr.model import DETR
from generator.errors import GeneratorError
from generator.training import train
from generator.training.network import TrainingNetwork, shipped_state
from generator.training.recipe import ARCHITECTURE, RECIPE, Recipe
from generator.training.train import Run, train_on_crops, train_on_scenes

TINY = dataclasses.replace(
    RECIPE, scenes=64, short_sides=((0.0, 64),), batch=4, crops=64, crop_batch=16, crop_side=32,
    warmup_steps=4,
)  # fmt: skip
TEN_STEPS = dataclasses.replace(TINY, scenes=20, batch=2)


@pytest.fixture(autouse=True)
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(train, "LOG_EVERY", 1)
    monkeypatch.setattr(train, "SAVE_EVERY", 4)


def losses(folder: Path) -> list[float]:
    rows = [json.loads(line) for line in (folder / "curve.jsonl").read_text().splitlines()]
    return [row["loss"] for row in rows if "loss" in row]


@pytest.mark.slow
def test_the_loss_falls(no_font: Path, tmp_path: Path) -> None:
    run = Run(tmp_path, TINY, no_font, rank=0, processes=1)
    train_on_crops(run)
    assert run.progress.crops_seen == 64
    train_on_scenes(run)
    curve = losses(tmp_path)
    assert len(curve) == 16
    assert sum(curve[-4:]) < 0.8 * sum(curve[:4])


@pytest.mark.slow
def test_a_killed_run_continues_where_it_was(no_font: Path, tmp_path: Path) -> None:
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    for folder in (whole, killed):
        folder.mkdir()
    run = Run(whole, TEN_STEPS, no_font, 0, 1)
    train_on_scenes(run)

    class KilledError(Exception):
        pass

    first = Run(killed, TEN_STEPS, no_font, 0, 1)
    real_log = first.log

    def log(**row: float) -> None:
        real_log(**row)
        if first.progress.steps == 6:  # two steps after the checkpoint
            raise KilledError

    first.log = log  # type: ignore[method-assign]
    with pytest.raises(KilledError):
        train_on_scenes(first)
    second = Run(killed, TEN_STEPS, no_font, 0, 1)
    assert second.progress.steps == 4
    assert len(losses(killed)) == 4
    train_on_scenes(second)
    assert losses(killed) == pytest.approx(losses(whole), rel=1e-3)
    for name, value in run.average.items():
        torch.testing.assert_close(second.average[name], value, rtol=1e-2, atol=1e-3)


@pytest.mark.slow
def test_another_recipe_is_refused_but_a_longer_run_is_not(no_font: Path, tmp_path: Path) -> None:
    Run(tmp_path, TINY, no_font, 0, 1).save()
    Run(tmp_path, dataclasses.replace(TINY, scenes=128), no_font, 0, 1)
    with pytest.raises(GeneratorError, match="another recipe"):
        Run(tmp_path, dataclasses.replace(TINY, learning_rate=1.0), no_font, 0, 1)


def test_curve_of_a_run_that_left_no_checkpoint_is_dropped(no_font: Path, tmp_path: Path) -> None:
    (tmp_path / "curve.jsonl").write_text('{"scenes": 8, "loss": 3.0}\n')
    Run(tmp_path, TINY, no_font, 0, 1)
    assert losses(tmp_path) == []


def test_shipped_state_is_a_plain_detr() -> None:
    network = TrainingNetwork(ARCHITECTURE, 3, 5)
    state = shipped_state(network.state_dict())
    model = DETR(ARCHITECTURE)
    model.load_state_dict(state)
    assert state["query_embed.weight"].shape == (20, 128)


def test_query_groups_do_not_see_each_other() -> None:
    torch.manual_seed(0)
    network = TrainingNetwork(ARCHITECTURE, 2, 5).eval()
    images = torch.randn(1, 3, 64, 64)
    queries = torch.cat([network.detr.query_embed.weight, network.more_queries])
    with torch.inference_mode():
        both = network.detr(images, query_embed=queries, query_mask=network.query_mask)
        alone = network.detr(images)
    torch.testing.assert_close(both.logits[:, :, :20], alone.logits, atol=1e-4, rtol=1e-4)


def test_schedule() -> None:
    recipe = Recipe(scenes=1000, decay_share=0.5, warmup_steps=10, learning_rate=1.0,
                    short_sides=((0.0, 64), (0.5, 96)), dense_weight=2.0)  # fmt: skip
    assert recipe.rate(0, 0) == pytest.approx(0.1)
    assert recipe.rate(50, 500) == 1.0
    assert recipe.rate(75, 750) == pytest.approx(0.5)
    assert recipe.rate(100, 1000) == pytest.approx(0.0)
    assert [recipe.short_side(seen) for seen in (0, 499, 500, 999)] == [64, 64, 96, 96]
    assert [recipe.no_object(seen) for seen in (0, 500, 750)] == pytest.approx([0.1, 0.1, 0.25])
    assert [recipe.dense(seen) for seen in (0, 250, 500, 900)] == [2.0, 1.0, 0.0, 0.0]
