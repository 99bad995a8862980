import dataclasses
import json
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner

from generator.detr.model import DETR
from generator.detr.preprocessing import normalise
from generator.errors import GeneratorError
from generator.training import train
from generator.training.data import (
    CropBatches,
    SceneBatches,
    Share,
    batch_size_hw,
    loader,
    prepared,
)
from generator.training.kept import keep
from generator.training.loss import dense_loss
from generator.training.matcher import Truth
from generator.training.network import TrainingNetwork, shipped_state
from generator.training.recipe import ARCHITECTURE, RECIPE, Recipe, Stage
from generator.training.run import Run
from generator.training.scenes import SceneOptions
from generator.training.sprites import SpriteWorld
from generator.training.train import Machine, train_on_crops, train_on_scenes

TINY = dataclasses.replace(
    RECIPE, scenes=64, stages=(Stage(0, 60, SceneOptions(min_side=0.3)),), batch=4, crops=64,
    crop_batch=16, crop_side=36, warmup_steps=4, backbone_scenes=0,
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
def test_the_loss_falls(world: SpriteWorld, tmp_path: Path) -> None:
    run = Run(tmp_path, TINY, world)
    train_on_crops(run)
    assert run.progress.crops_seen == 64
    train_on_scenes(run)
    curve = losses(tmp_path)
    assert len(curve) == 16
    assert sum(curve[-4:]) < 0.8 * sum(curve[:4])


@pytest.mark.slow
def test_a_killed_run_continues_where_it_was(world: SpriteWorld, tmp_path: Path) -> None:
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    for folder in (whole, killed):
        folder.mkdir()
    run = Run(whole, TEN_STEPS, world)
    train_on_scenes(run)

    class KilledError(Exception):
        pass

    first = Run(killed, TEN_STEPS, world)
    real_log = first.log

    def log(**row: float) -> None:
        real_log(**row)
        if first.progress.steps == 6:  # two steps after the checkpoint
            raise KilledError

    first.log = log  # type: ignore[method-assign]
    with pytest.raises(KilledError):
        train_on_scenes(first)
    second = Run(killed, TEN_STEPS, world)
    assert second.progress.steps == 4
    assert len(losses(killed)) == 4
    train_on_scenes(second)
    assert losses(killed) == pytest.approx(losses(whole), rel=1e-3)
    for name, value in run.average.items():
        torch.testing.assert_close(second.average[name], value, rtol=1e-2, atol=1e-3)


@pytest.mark.slow
def test_another_recipe_is_refused_but_a_longer_run_is_not(
    world: SpriteWorld, tmp_path: Path
) -> None:
    Run(tmp_path, TINY, world).save()
    Run(tmp_path, dataclasses.replace(TINY, scenes=128), world)
    with pytest.raises(GeneratorError, match="another recipe"):
        Run(tmp_path, dataclasses.replace(TINY, learning_rate=1.0), world)


def test_curve_of_a_run_that_left_no_checkpoint_is_dropped(
    world: SpriteWorld, tmp_path: Path
) -> None:
    (tmp_path / "curve.jsonl").write_text('{"scenes": 8, "loss": 3.0}\n')
    Run(tmp_path, TINY, world)
    assert losses(tmp_path) == []


def test_shipped_state_is_a_plain_detr() -> None:
    network = TrainingNetwork(ARCHITECTURE, 3, 5)
    state = shipped_state(network.state_dict())
    model = DETR(ARCHITECTURE)
    model.load_state_dict(state)
    assert state["query_embed.weight"].shape == (24, 128)


def test_query_groups_do_not_see_each_other() -> None:
    torch.manual_seed(0)
    network = TrainingNetwork(ARCHITECTURE, 2, 5).eval()
    images = torch.randn(1, 3, 60, 60)
    queries = torch.cat([network.detr.query_embed.weight, network.more_queries])
    with torch.inference_mode():
        both = network.detr(images, query_embed=queries, query_mask=network.query_mask)
        alone = network.detr(images)
    torch.testing.assert_close(both.logits[:, :, :24], alone.logits, atol=1e-4, rtol=1e-4)


def test_the_helper_head_leaves_the_transformer_alone() -> None:
    """What it learns reaches the backbone, and nothing of encoder, decoder and queries."""
    torch.manual_seed(0)
    network = TrainingNetwork(ARCHITECTURE, 1, 5)
    truth = Truth(torch.tensor([3]), torch.tensor([[0.5, 0.5, 0.6, 0.6]]))
    features = network.detr.backbone(torch.randn(1, 3, 64, 64))
    cells, places = network.dense_head(features)
    dense_loss(cells, places, (4, 4), [truth]).backward()
    reached = {name for name, p in network.named_parameters() if p.grad is not None}
    assert any(name.startswith("detr.backbone") for name in reached)
    assert all(name.startswith(("detr.backbone", "dense_head")) for name in reached)


@pytest.mark.slow
def test_the_backbone_learns_before_the_transformer_joins(
    world: SpriteWorld, tmp_path: Path
) -> None:
    alone = dataclasses.replace(TINY, scenes=8, backbone_scenes=8)
    run = Run(tmp_path, alone, world)
    before = {name: value.clone() for name, value in run.network.state_dict().items()}
    train_on_scenes(run)
    changed = {
        name
        for name, value in run.network.state_dict().items()
        if not torch.equal(value, before[name])
    }
    assert any(name.startswith("detr.backbone") for name in changed)
    assert not any(name.startswith(("detr.transformer", "more_queries")) for name in changed)


@pytest.mark.slow
def test_at_the_end_one_set_of_queries_learns_by_the_set_loss_alone(
    world: SpriteWorld, tmp_path: Path
) -> None:
    run = Run(tmp_path, TINY, world)
    seen = TINY.scenes - TINY.batch
    pixels, truths = SceneBatches(TINY, seen, Share(), world)[0]
    images = prepared(pixels)
    groups, dense = TINY.groups(seen), TINY.dense(seen)
    run.network(images, truths, groups, dense, TINY.no_object(seen)).backward()
    unused, used = run.network.more_queries.grad, run.network.detr.query_embed.weight.grad
    assert unused is not None
    assert used is not None
    assert unused.abs().sum() == 0 < used.abs().sum()
    assert all(p.grad is None for p in run.network.dense_head.parameters())


def test_schedule() -> None:
    stages = Stage(0, 60, SceneOptions()), Stage(500, 96, SceneOptions(), others=(48,))
    recipe = Recipe(scenes=1000, decay_share=0.5, warmup_steps=10, batch=10,
                    stages=stages, dense_weight=2.0, backbone_scenes=100)  # fmt: skip
    assert [recipe.rate_share(seen) for seen in (0, 90, 99)] == pytest.approx([0.1, 1.0, 1.0])
    assert recipe.rate_share(100) == pytest.approx(0.1)  # it begins anew when the transformer joins
    assert [recipe.rate_share(seen) for seen in (500, 750, 1000)] == pytest.approx([1.0, 0.5, 0.0])
    assert [recipe.stage(seen).short_side for seen in (0, 499, 500, 999)] == [60, 60, 96, 96]
    for first, sides in ((0, {60}), (500, {48, 96})):
        assert {min(batch_size_hw(recipe, first + 10 * k)) for k in range(40)} == sides
    assert [recipe.groups(seen) for seen in (0, 100, 749, 750)] == [0, 3, 3, 1]
    assert [recipe.no_object(seen) for seen in (0, 500, 750)] == pytest.approx([0.1, 0.1, 0.25])
    assert [recipe.dense(seen) for seen in (0, 250, 500, 900)] == [2.0, 1.0, 0.0, 0.0]


def test_workers_and_processes_make_the_same_scenes(world: SpriteWorld) -> None:
    """In the same order, so that a run on another machine sees what this one saw."""
    recipe = dataclasses.replace(TINY, scenes=24, batch=8)
    here = list(loader(SceneBatches(recipe, 8, Share(), world), workers=0))
    ahead = list(loader(SceneBatches(recipe, 8, Share(), world), workers=2))
    assert len(here) == len(ahead) == 2
    for (pixels, truths), (others, again) in zip(here, ahead, strict=True):
        assert torch.equal(pixels, others)
        assert all(torch.equal(a.classes, b.classes) for a, b in zip(truths, again, strict=True))
    shares = [SceneBatches(recipe, 8, Share(rank, 2), world)[0][0] for rank in range(2)]
    assert torch.equal(torch.stack(shares, 1).flatten(0, 1), here[0][0])
    crops = CropBatches(recipe, 0, Share(), world)
    assert len(crops) == recipe.crops // recipe.crop_batch
    pixels, labels = crops[0]
    assert pixels.shape == (recipe.crop_batch, recipe.crop_side, recipe.crop_side, 3)
    assert labels.max() < len(world.names) + len(world.distractors)


def test_images_are_what_a_detector_would_make_of_them(world: SpriteWorld) -> None:
    pixels, _ = SceneBatches(TINY, 0, Share(), world)[0]
    expected = torch.stack([normalise(one.numpy()) for one in pixels])
    torch.testing.assert_close(prepared(pixels), expected)


def test_a_larger_batch_takes_larger_steps() -> None:
    larger = RECIPE.with_batch(4 * RECIPE.batch)
    assert larger.learning_rate == pytest.approx(2 * RECIPE.learning_rate)
    assert larger.matrix_rate == pytest.approx(2 * RECIPE.matrix_rate)
    assert RECIPE.with_batch(RECIPE.batch) == RECIPE


def test_a_gpu_has_one_process_that_trains() -> None:
    assert Machine.of("cpu", 2) == Machine("cpu", processes=2, workers=0)
    assert Machine.of("cuda", 16) == Machine("cuda", processes=1, workers=16)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_a_gpu_that_is_not_there_is_said(tmp_path: Path) -> None:
    done = CliRunner().invoke(train.main, ["--device", "cuda", "--run", str(tmp_path)])
    assert done.exit_code == 1
    assert "finds no GPU" in done.output


def test_half_precision_is_the_backbones_alone(world: SpriteWorld) -> None:
    torch.manual_seed(0)
    network = TrainingNetwork(ARCHITECTURE, 1, 5).to(memory_format=torch.channels_last)
    pixels, truths = SceneBatches(TINY, 0, Share(), world)[0]
    images = prepared(pixels)
    whole = network(images, truths, 1, 1.0, 0.1)
    half = network(images, truths, 1, 1.0, 0.1, bf16=True)
    assert half.dtype == torch.float32
    assert 0 < (half - whole).abs().item() < 0.05 * whole.item()
    half.backward()
    assert all(p.grad is None or p.grad.dtype == torch.float32 for p in network.parameters())


@pytest.mark.slow
def test_a_run_that_was_kept_goes_on_elsewhere(world: SpriteWorld, tmp_path: Path) -> None:
    first, kept, second = (tmp_path / name for name in ("first", "kept", "second"))
    for folder in (first, second):
        folder.mkdir()
    half = dataclasses.replace(TEN_STEPS, scenes=10)
    run = Run(first, half, world)
    train_on_scenes(run)
    run.save()
    keep(first, kept)
    again = Run(second, TEN_STEPS, world, begun=kept)
    assert again.progress == run.progress
    assert losses(second) == losses(first)
    for name, value in run.average.items():
        torch.testing.assert_close(again.network.state_dict()[name], value, rtol=1e-3, atol=1e-4)
    train_on_scenes(again)
    assert again.progress.scenes_seen == TEN_STEPS.scenes
    with pytest.raises(GeneratorError, match="another recipe"):
        Run(tmp_path, dataclasses.replace(TINY, learning_rate=1.0), world, begun=kept)
    (kept / "progress.json").unlink()
    with pytest.raises(GeneratorError, match=r"there is no progress\.json"):
        Run(tmp_path, TEN_STEPS, world, begun=kept)


def test_nothing_is_kept_of_nothing(tmp_path: Path) -> None:
    with pytest.raises(GeneratorError, match=r"no checkpoint\.pt"):
        keep(tmp_path, tmp_path / "kept")
