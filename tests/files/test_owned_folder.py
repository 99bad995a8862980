import os
from pathlib import Path

import pytest

from generator.errors import GeneratorError, UsageError
from generator.files import owned_folder as output
from generator.files.owned_folder import MARKER, claim_output, remove_cache, remove_output


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    for folder in ("content", "templates"):
        (root / folder).mkdir(parents=True)
    (root / "site_config.yml").write_text("title: T\n")
    return root


def test_a_claimed_folder_is_made_and_marked_once(project: Path) -> None:
    folder = project / "more/build"
    claim_output(folder, project)
    marker = folder / MARKER
    assert "`clean` removes this folder" in marker.read_text()
    before = marker.stat().st_mtime_ns
    (folder / "docs").mkdir()
    claim_output(folder, project)
    assert marker.stat().st_mtime_ns == before
    assert remove_output(folder, project)
    assert not folder.exists()
    assert not remove_output(folder, project)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("", "holds the project itself"),
        ("..", "holds the project itself"),
        ("content/..", "holds the project itself"),
        ("content", "belongs to `content`"),
        ("content/new", "belongs to `content`"),
        ("templates/new", "belongs to `templates`"),
        (".cache", "belongs to `.cache`"),
        ("link", "belongs to `content`"),
        ("site_config.yml", "is not a folder"),
        ("site_config.yml/build", "belongs to `site_config.yml`"),
    ],
)
def test_the_project_is_never_claimed(project: Path, name: str, message: str) -> None:
    (project / "link").symlink_to("content")
    before = sorted(project.parent.rglob("*"))
    with pytest.raises(UsageError, match=rf"{message}.*; name another folder with --output"):
        claim_output(project / name, project)
    assert sorted(project.parent.rglob("*")) == before


def test_the_project_is_found_behind_a_link(project: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(project)
    with pytest.raises(UsageError, match="holds the project itself"):
        claim_output(project, tmp_path / "link")
    with pytest.raises(UsageError, match="holds the project itself"):
        claim_output(tmp_path / "link", project)


@pytest.mark.parametrize("is_marked", [True, False])
def test_another_project_is_not_an_output_either(project: Path, is_marked: bool) -> None:
    if is_marked:
        (project / MARKER).touch()
    for call in (claim_output, remove_output):
        with pytest.raises(UsageError, match="holds the project itself"):
            call(project, None)
    assert (project / "site_config.yml").exists()


def test_a_folder_with_files_of_the_user_is_left_alone(project: Path) -> None:
    folder = project / "thesis"
    folder.mkdir()
    (folder / "thesis.tex").touch()
    with pytest.raises(UsageError, match=r"thesis: holds `thesis.tex`, and no \.detr-handout"):
        claim_output(folder, project)
    with pytest.raises(UsageError, match="is left alone"):
        remove_output(folder, project)
    assert [path.name for path in folder.iterdir()] == ["thesis.tex"]


def test_an_empty_folder_may_be_claimed_and_is_not_removed(project: Path) -> None:
    folder = project / "empty"
    folder.mkdir()
    (folder / ".DS_Store").touch()
    with pytest.raises(UsageError, match="is left alone"):
        remove_output(folder, project)
    claim_output(folder, project)
    assert remove_output(folder, project)


def test_a_folder_of_claimed_folders_may_be_removed(project: Path) -> None:
    build = project / "build"
    claim_output(build / "detect", project)
    claim_output(build, project)
    assert (build / MARKER).exists()
    (build / MARKER).unlink()
    (build / "mine").mkdir()
    with pytest.raises(UsageError, match="is left alone"):
        remove_output(build, project)
    (build / "mine").rmdir()
    assert remove_output(build, project)
    assert not build.exists()


def test_links_in_an_output_are_not_followed_when_it_is_removed(project: Path) -> None:
    claim_output(project / "build", project)
    (project / "build/content").symlink_to(project / "content")
    (project / "content/q1.md").touch()
    assert remove_output(project / "build", project)
    assert (project / "content/q1.md").exists()


def test_an_output_may_be_a_link(project: Path, tmp_path: Path) -> None:
    (project / "build").symlink_to(tmp_path / "large disk")
    claim_output(project / "build", project)
    assert (tmp_path / "large disk" / MARKER).exists()
    assert remove_output(project / "build", project)
    assert not (tmp_path / "large disk").exists()


def test_the_working_folder_is_not_removed(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    claim_output(project / "build/docs", project)
    monkeypatch.chdir(project / "build/docs")
    for folder in (Path(), Path("..")):
        with pytest.raises(UsageError, match="is where you are"):
            remove_output(folder, project)


def test_the_mark_is_removed_last(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    claim_output(project / "build", project)
    (project / "build/zoo").mkdir()

    def stop(path: Path) -> None:
        raise PermissionError

    monkeypatch.setattr(output.shutil, "rmtree", stop)  # type: ignore[attr-defined]
    with pytest.raises(PermissionError):
        remove_output(project / "build", project)
    monkeypatch.undo()
    assert remove_output(project / "build", project)


def test_a_folder_that_cannot_be_made_is_a_sentence(project: Path) -> None:
    (project / "notes").touch()
    with pytest.raises(GeneratorError, match="not a directory; name another folder"):
        claim_output(project / "notes/build", project)


def test_a_folder_that_cannot_be_written_to_is_a_sentence(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    claim_output(project / "build", project)
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(GeneratorError, match="build: permission denied; name another folder"):
        claim_output(project / "build", project)


def test_a_link_in_a_circle_is_a_sentence(project: Path) -> None:
    (project / "a").symlink_to("b")
    (project / "b").symlink_to("a")
    with pytest.raises(GeneratorError, match="name another folder"):
        claim_output(project / "a", project)


def test_the_cache_is_removed_only_where_builds_wrote_it(project: Path) -> None:
    cache = project / ".cache"
    assert not remove_cache(project)
    (cache / "forward_passes").mkdir(parents=True)
    (cache / "pip").mkdir()
    with pytest.raises(UsageError, match="holds `pip`, which no build wrote"):
        remove_cache(project)
    assert (cache / "forward_passes").exists()
    (cache / "pip").rmdir()
    assert remove_cache(project)
    assert not cache.exists()
    cache.symlink_to(project / "content")
    with pytest.raises(UsageError, match="is left alone"):
        remove_cache(project)
    assert (project / "content").exists()
