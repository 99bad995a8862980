"""The accepted forms are worked out once, and again when an exercise changed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from generator.errors import ConfigurationError
from generator.exercises import known_forms as module
from generator.exercises.known_forms import known_forms
from generator.exercises.notes import accepted_forms, read_worksheets

EXERCISES = Path(__file__).parents[2] / "content" / "exercises"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(EXERCISES, tmp_path / "exercises"))


@pytest.mark.slow
def test_they_are_those_of_the_worksheets(folder: Path, tmp_path: Path) -> None:
    expected = accepted_forms(read_worksheets(folder))
    assert known_forms(folder, tmp_path / "cache") == expected
    assert known_forms(folder, tmp_path / "cache") == expected


@pytest.mark.slow
def test_an_exercise_that_did_not_change_is_not_read(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = known_forms(folder, tmp_path)
    monkeypatch.setattr(module, "read_worksheets", pytest.fail)
    assert known_forms(folder, tmp_path) == before


@pytest.mark.slow
def test_a_changed_or_damaged_one_is_read_again(folder: Path, tmp_path: Path) -> None:
    before = known_forms(folder, tmp_path)
    (tmp_path / "accepted_forms.json").write_text("{}")
    assert known_forms(folder, tmp_path) == before
    notes = next(folder.glob("*.yml"))
    notes.write_text(notes.read_text(encoding="utf-8") + "unheard_of: 1\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="unheard_of"):
        known_forms(folder, tmp_path)
