"""What was graded counts again only where all that grades is the same."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from generator.exercises.confinement.confine import SENTENCES
from generator.exercises.gradebook import machine, work
from generator.exercises.gradebook.work import Settings, version_of
from generator.exercises.grading.workers import Limits
from tests.exercises.gradebook.fakes import write_exercise


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Of an exercise in the folder in which `grade` is started; code does not count here."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(work, "fingerprint", lambda *_, values: str(values))
    monkeypatch.setattr(work, "lacks_here", lambda: ())
    return Settings(write_exercise(tmp_path), Limits(), tmp_path)


def test_another_rubric_is_another_version(settings: Settings, tmp_path: Path) -> None:
    rubric = tmp_path / "content/homework/rubric.yml"
    found = [version_of(settings)]
    rubric.parent.mkdir(parents=True)
    for text in ("", "q2: []\n", "q3: []\n"):
        rubric.write_text(text)
        found.append(version_of(settings))
    assert len(set(found)) == 4
    rubric.unlink()
    assert version_of(settings) == found[0]  # ours


def test_another_confinement_is_another_version(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    confined = version_of(settings)
    monkeypatch.setattr(work, "lacks_here", lambda: SENTENCES)
    assert version_of(settings) != confined


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="nothing is confined")
def test_a_machine_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    from generator.exercises.confinement.seccomp import is_known

    found = machine.lacks_here()
    assert found == machine.lacks_here()
    assert ("reach the network" in found) <= (not is_known())
    monkeypatch.setattr(machine, "_TRY", "fail")
    assert machine.lacks_here() == SENTENCES
