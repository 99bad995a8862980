"""What a build that was killed has left."""

from pathlib import Path

import pytest

from generator.build.leftovers import remove_leftovers
from generator.files.folders import BuildFolder


@pytest.fixture
def folder(tmp_path: Path) -> BuildFolder:
    return BuildFolder(tmp_path)


def written(path: Path, text: str = "An answer") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_half_written_files_and_sites_go(folder: BuildFolder) -> None:
    for one in (folder, folder.instructor):
        left = [
            written(one.staged_site / "index.html"),
            written(one.earlier_site / "index.html"),
            written(one.stamps / ".pages-instructor-site.json.123.part"),
            written(one.docs / ".q1.md.4.part"),
        ]
        site = written(one.site / "index.html", "A site")
        remove_leftovers(folder)
        assert [path for path in left if path.exists()] == []
        assert site.read_text() == "A site"


def test_site_that_just_lost_its_place_gets_it_back(folder: BuildFolder) -> None:
    written(folder.earlier_site / "index.html", "A site")
    remove_leftovers(folder)
    assert (folder.site / "index.html").read_text() == "A site"
    assert not folder.earlier_site.exists()


def test_own_files_that_look_alike_stay(folder: BuildFolder) -> None:
    own = [written(folder.path / name) for name in (".notes.part", "a.12.part", "site/x.part")]
    remove_leftovers(folder)
    assert all(path.exists() for path in own)
