"""Students get what this build lists, and none of it holds an answer."""

from __future__ import annotations

import gzip
import io
import shutil
import zipfile
from pathlib import Path

import pytest

from generator.build.recipe import build
from generator.errors import PageError
from generator.exercises.notes import read_worksheets
from tests.shared import made_once
from tests.tiny_project import files_in, options

ROOT = Path(__file__).parents[2]
pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("quick_figures")]


@pytest.fixture
def exercise(small: Path, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the small project with the shipped exercise, built for students."""

    def make(folder: Path) -> Path:
        project = Path(shutil.copytree(small, folder / "exercise"))
        shutil.copytree(ROOT / "content/exercises", project / "content/exercises")
        build(options(project))
        return project

    return Path(shutil.copytree(made_once(tmp_path_factory, "exercise", make), tmp_path / "own"))


@pytest.fixture(scope="session")
def solution() -> str:
    (worksheet,) = read_worksheets(ROOT / "content/exercises")
    return worksheet.exercise.solution


def solutions_in(folder: Path) -> list[str]:
    return sorted(name for name in files_in(folder) if "solution" in name)


def test_the_list_of_an_instructors_build_is_lost(exercise: Path) -> None:
    build(options(exercise, edition="instructor"))
    assert solutions_in(exercise / "build/instructor/site")
    (exercise / "build/instructor/pages.json").unlink()
    build(options(exercise, edition="student"))
    assert solutions_in(exercise / "build/site") == []
    assert solutions_in(exercise / "build/docs") == []


def test_whatever_lies_in_docs_is_not_published(exercise: Path, solution: str) -> None:
    for name in ("notes.py", "figures/gallery/own.py", "figures/own.webp", "images/own.jpg"):
        file = exercise / "build/docs" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("mine")
    build(options(exercise))
    names = {Path(name).name for name in files_in(exercise / "build/site")}
    assert not {"notes.py", "own.py", "own.webp", "own.jpg"} & names


def test_what_is_not_asked_for_is_not_searched_but_removed(exercise: Path) -> None:
    build(options(exercise, edition="instructor"))
    settings = exercise / "site_config.yml"
    settings.write_text(settings.read_text().replace("[site]", "[site, pdf]"))
    build(options(exercise, edition="student", leave_out={"site"}))
    assert not (exercise / "build/site").exists()
    assert solutions_in(exercise / "build") == []
    assert (exercise / "build/handout.pdf").is_file()


def _even(content: bytes) -> bytes:
    """Bytes that could be taken for UTF-16, which any even number of bytes may be."""
    return content + b"\xff" * (2 - len(content) % 2)


def packed(solution: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inside.txt", solution)
    return stream.getvalue()


def holding(solution: str, suffix: str) -> bytes:
    """A file of a kind that holds an answer."""
    contents = {
        ".py": solution.encode(),
        ".zip": packed(solution),
        ".gz": gzip.compress(solution.encode()),
        ".bin": _even(b"\xff\x00" + solution.encode()),
        ".txt": solution.encode("utf-16"),
    }
    return contents[suffix]


ASSETS = ("my_solution.py", "deep/x.zip", "x.gz", "x.bin", "x.txt")


@pytest.mark.parametrize("name", ASSETS)
def test_an_asset_that_holds_an_answer_is_refused(exercise: Path, solution: str, name: str) -> None:
    before = files_in(exercise / "build/site")
    asset = exercise / "templates/assets" / name
    asset.parent.mkdir(exist_ok=True)
    asset.write_bytes(holding(solution, asset.suffix))
    for _ in range(2):
        with pytest.raises(PageError, match=f"templates/assets/{name}: students would read"):
            build(options(exercise))
        assert files_in(exercise / "build/site") == before
        assert not (exercise / "build/docs/assets" / name).exists()
        assert not (exercise / "build/.site").exists()


def test_instructors_get_the_same_assets(exercise: Path, solution: str) -> None:
    for name in ASSETS:
        asset = exercise / "templates/assets" / name
        asset.parent.mkdir(exist_ok=True)
        asset.write_bytes(holding(solution, asset.suffix))
    build(options(exercise, edition="instructor"))
    there = [(exercise / "build/instructor/site/assets" / name).exists() for name in ASSETS]
    assert there == [True] * len(ASSETS)
