import json
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner

from generator.detr.model import DETR
from generator.training import evaluate
from generator.training.evaluate import evaluate_network
from generator.training.recipe import ARCHITECTURE


@pytest.mark.slow
def test_untrained_weights_find_nothing(no_font: Path) -> None:
    torch.manual_seed(0)
    result = evaluate_network(DETR(ARCHITECTURE).eval(), seed=9, count=4, font=no_font)
    assert result["scenes"] == 4
    assert result["seed"] == 9
    assert result["AP"] < 0.05
    assert result["recall"] == 0.0


@pytest.mark.slow
def test_command_prints_json_of_the_shipped_weights(
    no_font: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evaluate, "find_font", lambda path: no_font)
    done = CliRunner().invoke(evaluate.main, ["--scenes", "3", "--json"])
    assert done.exit_code == 0
    result = json.loads(done.output)
    assert result["scenes"] == 3
    assert {"AP", "AP50", "precision", "recall", "seed", "by_size", "by_class"} <= set(result)
    assert result["attention"]["cross_attention_lift"]["images"] <= 3
    table = CliRunner().invoke(evaluate.main, ["--scenes", "3"])
    assert "3 scenes of seed 3" in table.output
    assert "instance separation" in table.output
