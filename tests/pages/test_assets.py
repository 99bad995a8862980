"""What lies in `templates/assets` is published; what a link leads to elsewhere is not."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from generator.errors import PageError
from generator.pages.assets import assets_of


@pytest.fixture
def templates(tmp_path: Path) -> Path:
    (tmp_path / "course/templates/assets/own").mkdir(parents=True)
    (tmp_path / "course/templates/assets/own/a.css").write_text("p {}")
    (tmp_path / "secret.txt").write_text("mine")
    return tmp_path / "course" / "templates"


def test_files_are_found_by_their_path_in_the_site(templates: Path) -> None:
    assert assets_of(templates) == {"assets/own/a.css": b"p {}"}


@pytest.mark.parametrize("name", ["README.md", "types.d.ts", "kernels.wat", ".hidden"])
def test_what_no_reader_needs_is_left_out(templates: Path, name: str) -> None:
    (templates / "assets" / name).write_text("for authors")
    assert assets_of(templates) == {"assets/own/a.css": b"p {}"}


@pytest.mark.skipif(sys.platform == "win32", reason="not everybody may make links")
def test_a_link_that_leads_out_of_the_project_is_refused(templates: Path) -> None:
    (templates / "assets/b.css").symlink_to(templates / "assets/own/a.css")
    assert assets_of(templates)["assets/b.css"] == b"p {}"
    (templates / "assets/notes.txt").symlink_to(templates.parents[1] / "secret.txt")
    with pytest.raises(PageError, match=r"templates/assets/notes\.txt: is a link"):
        assets_of(templates)
