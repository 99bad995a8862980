import subprocess
import sys
from pathlib import Path

import pytest
import torch

from generator.detr.weights import build_model
from generator.detr.zoo import checkpoint_folder, model_card, model_names
from tests.undrawn import undrawn_weights


@pytest.mark.slow
@pytest.mark.parametrize("name", model_names())
def test_cards_count_what_the_network_holds(name: str) -> None:
    card = model_card(name)
    with torch.device("meta"), undrawn_weights():
        model = build_model(card)
    assert sum(p.numel() for p in model.parameters()) == card.parameters
    assert len(card.category_ids) == len(card.category_names)


def test_checkpoint_lies_where_torch_hub_puts_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    card = model_card("detr_resnet50")
    assert card.checkpoint_hash == "e632da11"
    for variable in ("TORCH_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(variable, str(tmp_path))
        assert checkpoint_folder() == Path(torch.hub.get_dir()) / "checkpoints"
        monkeypatch.delenv(variable)
    assert checkpoint_folder() == Path(torch.hub.get_dir()) / "checkpoints"
    assert card.file.name == "detr-r50-e632da11.pth"


@pytest.mark.slow
def test_listing_models_needs_no_torch() -> None:
    code = (
        "import sys; from generator.detr.zoo import model_card; model_card('detr_emoji'); "
        "print('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
