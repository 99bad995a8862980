"""Works are graded in several processes; here with a grader that looks for words."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from generator.exercises.gradebook import pool
from generator.exercises.gradebook.handed_in import HandedIn
from generator.exercises.gradebook.names import Sender, Sent
from generator.exercises.gradebook.pool import grade_each
from generator.exercises.gradebook.work import Settings, Work
from generator.exercises.grading.workers import Limits
from tests.exercises.gradebook import fakes


def works(folder: Path, *texts: str) -> list[tuple[Work, str]]:
    made = []
    for number, text in enumerate(texts):
        path = folder / f"{number}.py"
        path.write_text(text)
        file = HandedIn(path.name, path, Sent(Sender(path.stem), path.name))
        made.append((Work(path.stem, (file,)), f"key {number}"))
    return made


@pytest.mark.slow
@pytest.mark.usefixtures("graded")
def test_a_process_that_is_lost_costs_one_work_and_all_others_have_their_own_grade(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "begin", fakes.begin)
    settings = Settings(fakes.write_exercise(tmp_path), Limits(), tmp_path)
    texts = ("SIZE", "END", "SIZE DEPTH", "BUG", "", "DEPTH")
    with closing(grade_each(works(tmp_path, *texts), settings, 2)) as results:
        found = {number: one.record for number, one in results}
    assert sorted(found) == list(range(6))
    assert [found[number].grade.points for number in range(6)] == [1, 0, 2, 0, 0, 1]
    assert [found[number].key for number in range(6)] == [
        "key 0", "", "key 2", "", "key 4", "key 5"
    ]  # fmt: skip
    assert "its process ended" in found[1].grade.message
    assert found[1].grade.flags != ()


@pytest.mark.usefixtures("graded")
def test_one_work_starts_no_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "Helper", None)
    settings = Settings(fakes.write_exercise(tmp_path), Limits(), tmp_path)
    with closing(grade_each(works(tmp_path, "SIZE"), settings, 8)) as results:
        assert [one.record.grade.points for _, one in results] == [1]
