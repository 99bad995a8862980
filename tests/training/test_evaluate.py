from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner

from generator.detr.model import DETR
from generator.training import behaviour, evaluate
from generator.training.evaluate import evaluate_network
from generator.training.recipe import ARCHITECTURE
from generator.training.sprites import SpriteWorld


@pytest.mark.slow
def test_untrained_weights_find_nothing(world: SpriteWorld) -> None:
    torch.manual_seed(0)
    result = evaluate_network(DETR(ARCHITECTURE).eval(), 9, 4, world, short_side=96)
    assert result["scenes"] == 4
    assert result["seed"] == 9
    assert result["AP"] < 0.05
    assert result["recall"] == 0.0


@pytest.mark.slow
def test_command_prints_json_of_the_shipped_weights(
    world: SpriteWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evaluate, "find_packages", lambda path: Path("none"))
    for name in ("training_world", "unseen_world"):
        monkeypatch.setattr(evaluate, name, lambda root, cache: world)
    monkeypatch.setattr(behaviour, "DRAGS", 1)
    photographs = Path(__file__).parents[2] / "content" / "images"
    options = ["--scenes", "3", "--photographs", str(photographs)]
    done = CliRunner().invoke(evaluate.main, [*options, "--json"])
    assert done.exit_code == 0, done.output
    result = json.loads(done.stdout)
    for name in ("all_styles", "unseen_family"):
        one = result[name]
        assert one["scenes"] == 3
        assert {"AP", "AP50", "precision", "recall", "seed", "by_size", "by_class"} <= set(one)
        assert set(one["found"]) == {"side", "degrees", "visible"}
    assert result["attention"]["cross_attention_lift"]["images"] <= 3
    assert result["encoder"]["none"] == result["all_styles"]["AP"]
    assert set(result["encoder"]) == {"none", "layer 1", "layer 2", "layer 3", "all"}
    assert result["photographs"]["per_picture"] > 1  # the gallery is made of what it knows
    table = CliRunner().invoke(evaluate.main, ["--scenes", "3"])
    assert "3 scenes of seed 3" in table.output
    assert "instance separation" in table.output
