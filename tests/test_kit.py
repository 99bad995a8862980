"""The kit is whole, the same each time, and gives no answer away, whatever is put into it."""

from __future__ import annotations

import io
import json
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from generator import kit
from generator.__main__ import main
from generator.errors import PageError, UsageError
from generator.exercises.homework.wheels import zipped
from generator.exercises.leaks import given_away
from generator.exercises.notes import Worksheet
from generator.files.folders import BuildFolder
from generator.outputs.output import write_stamp
from generator.project.config import SiteConfig
from tests.exercises.conftest import CONTENT, worksheet
from tests.exercises.homework.conftest import numbers

pytestmark = pytest.mark.slow
__all__ = ["numbers", "worksheet"]  # fixtures


@pytest.fixture
def project(tmp_path: Path, numbers: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose student's site was built, as far as a kit looks at it."""
    for name in ("exercises", "homework"):
        shutil.copytree(CONTENT / name, tmp_path / "content" / name)
    (tmp_path / "content" / "images").mkdir()
    shutil.copy(CONTENT / "images" / "two-elephants.jpg", tmp_path / "content" / "images")
    (tmp_path / "templates").mkdir()
    (tmp_path / "site_config.yml").write_text("title: T\nhomework: {deadline: on Friday}\n")
    gallery = "images:\n  - file: content/images/two-elephants.jpg\n    alt: Two\n"
    (tmp_path / "content" / "gallery.yml").write_text(gallery)
    build = BuildFolder.of(tmp_path)
    build.site.mkdir(parents=True)
    (build.site / "index.html").write_text("<p>Hello</p>")
    write_stamp(build.stamp("published"), {"site": "student"})
    monkeypatch.setattr(kit, "right_numbers", lambda _: json.dumps(numbers))
    small = zipped({"detr_small/__init__.py": b""})
    monkeypatch.setattr(kit, "small_wheel", lambda: ("detr_small-0.2.0-py3-none-any.whl", small))
    return tmp_path


def members(content: bytes, name: str = "") -> Iterator[tuple[str, bytes]]:
    """All files in a zip file, and in those that it holds."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for member in archive.namelist():
            inner = archive.read(member)
            yield f"{name}{member}", inner
            if member.endswith((".whl", ".zip")):
                yield from members(inner, f"{member}/")


def test_the_kit_holds_what_students_need_and_no_answer(
    project: Path, worksheet: Worksheet
) -> None:
    done = CliRunner().invoke(main, ["kit", "--config", str(project / "site_config.yml")])
    assert done.exit_code == 0, done.output
    file = project / "build" / "kit" / "detr-homework.zip"
    assert "No answer was found" in done.output
    content = dict(members(file.read_bytes()))
    names = {name.removeprefix("detr-homework/") for name in content}
    assert names >= {
        "README.txt", "hand_in.ipynb", "minimal_detr.py", "minimal_detr.ipynb", "example.png",
        "site/index.html", "detr_check-0.2.0-py3-none-any.whl/detr_check/checking.py",
        "detr_small-0.2.0-py3-none-any.whl",
    }  # fmt: skip
    assert b"Hand in until on Friday." in content["detr-homework/README.txt"]
    accepted = {name: one.accepted for name, one in worksheet.notes.items()}
    for name, one in content.items():
        assert not [*given_away(one.decode("utf-8", "replace"), accepted)], name
        assert b"### SOLUTION sigmoid" not in one
    before = file.read_bytes()
    assert kit.make_kit(project / "site_config.yml", None)
    assert file.read_bytes() == before


def test_without_a_picture_of_the_model_there_is_one_of_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = SiteConfig(root=tmp_path, title="T")
    assert kit._example(site, ())["example.png"].startswith(b"\x89PNG")
    monkeypatch.setattr(kit, "_OUR_PICTURE", "none.jpg")
    with pytest.raises(UsageError, match="no picture names the model `detr_emoji`"):
        kit._example(site, ())


HIDDEN = {
    "a page": ("build/site/index.html", "<code>positions&nbsp;+ 0.1 * cells</code>"),
    "a notebook": ("build/site/a.ipynb", json.dumps({"x": "positions + 0.1 * cells"})),
    "the text": ("content/homework/hand_in.md", "<!-- cell x -->\n`del self.backbone.fc`\n"),
}  # fmt: skip


@pytest.mark.parametrize("where", HIDDEN)
def test_an_answer_is_refused_wherever_it_is(project: Path, where: str) -> None:
    name, text = HIDDEN[where]
    (project / name).write_text(text)
    with pytest.raises(PageError, match="students would read an answer here"):
        kit.make_kit(project / "site_config.yml", None)
    assert not (project / "build" / "kit").exists()


def test_an_answer_in_a_wheel_is_refused(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wheel = zipped({"detr_small/a.py": b"x = positions + 0.1 * cells"})
    monkeypatch.setattr(kit, "small_wheel", lambda: ("detr_small.whl", wheel))
    with pytest.raises(PageError, match=r"detr_small\.whl: students would read"):
        kit.make_kit(project / "site_config.yml", None)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("instructor", "holds the answers; run `python -m generator build`"),
        ("none", "is not there; run `python -m generator build`"),
        ("no notebook", "hand_in.md: it is missing or empty"),
        ("no exercise", "minimal_detr.py: there is no such exercise"),
    ],
)
def test_what_is_missing_is_told(project: Path, change: str, says: str) -> None:
    build = BuildFolder.of(project)
    match change:
        case "instructor":
            write_stamp(build.stamp("published"), {"site": "instructor"})
        case "none":
            write_stamp(build.stamp("published"), {})
        case "no notebook":
            (project / "content" / "homework" / "hand_in.md").unlink()
        case _:
            shutil.rmtree(project / "content" / "exercises")
    with pytest.raises(UsageError, match=says):
        kit.make_kit(project / "site_config.yml", None)
