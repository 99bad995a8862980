"""A class's folder, and a grader without torch."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.exercises.gradebook import work
from tests.exercises.gradebook.fakes import FakeGrader


@pytest.fixture
def graded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Replaces the grader; returns the names of the files that it graded."""
    monkeypatch.setattr(work, "Grader", FakeGrader)
    monkeypatch.setattr(work, "version_of", lambda settings: "1")
    monkeypatch.setattr("generator.exercises.gradebook.run.version_of", lambda settings: "1")
    monkeypatch.setattr(FakeGrader, "graded", [])
    return FakeGrader.graded


@pytest.fixture
def submissions(tmp_path: Path) -> Path:
    """Three students' files."""
    texts = {"ada": "SIZE DEPTH", "bob": "SIZE", "cid": "DEPTH"}
    for name, text in texts.items():
        path = tmp_path / "class" / name / "detr.py"
        path.parent.mkdir(parents=True)
        path.write_text(f"class MinimalDETR: '{text} {name}'\n")
    return tmp_path / "class"
