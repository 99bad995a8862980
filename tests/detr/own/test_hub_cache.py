"""What of a repository has to be in the Hub's cache before its card is made."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from generator.detr.own import hub_cache
from generator.errors import UnavailableError
from tests.detr.own.written import config_of, folder

COMMIT = 40 * "a"


@pytest.fixture
def cached(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A snapshot of a repository; its folder."""
    monkeypatch.setattr(hub_cache, "_cache", lambda: tmp_path)
    place = tmp_path / "models--me--tables"
    (place / "refs").mkdir(parents=True)
    (place / "refs/main").write_text(COMMIT)
    return folder(place / "snapshots" / COMMIT, config_of())


def test_shards_that_are_not_all_here_are_downloaded(cached: Path) -> None:
    part = cached / "model-00001-of-00002.safetensors"
    shutil.move(cached / "model.safetensors", part)
    (cached / "model.safetensors.index.json").write_text(
        '{"weight_map": {"class_labels_classifier.weight": "model-00001-of-00002.safetensors",'
        ' "x": "model-00002-of-00002.safetensors"}}'
    )
    with pytest.raises(UnavailableError, match="or not all of it"):
        hub_cache.card_in_cache("tables", "me/tables", "main")
    shutil.copy(part, cached / "model-00002-of-00002.safetensors")
    card = hub_cache.card_in_cache("tables", "me/tables", "main")
    assert card.file.name == "model.safetensors.index.json"


def test_how_images_are_resized_is_not_guessed(cached: Path) -> None:
    assert hub_cache.card_in_cache("tables", "me/tables", "main").short_side == 224
    (cached / "preprocessor_config.json").unlink()
    with pytest.raises(UnavailableError, match="or not all of it"):
        hub_cache.card_in_cache("tables", "me/tables", "main")
    absent = cached.parent.parent / ".no_exist" / COMMIT
    absent.mkdir(parents=True)
    (absent / "preprocessor_config.json").touch()
    assert hub_cache.card_in_cache("tables", "me/tables", "main").short_side == 800
