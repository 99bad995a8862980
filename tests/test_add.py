"""`add`: pictures with all their secrets in, a gallery that can be built or the same bytes out."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image

from generator import add as module
from generator.__main__ import main
from generator.add import Wishes, add
from generator.check import check_project
from generator.errors import BusyError, ChangedError, GeneratorError, UsageError
from generator.files.lock import locked
from generator.outputs.pdf import fonts
from generator.project.gallery import load_project
from tests.invented import TEMPLATES, invented_project

GALLERY = (
    b"# My pictures\r\nimages:   # in my order\r\n  - {file: content/one.png,  title: 'A'}  # first"
)


def picture(path: Path, seed: int, size_wh: tuple[int, int] = (60, 40), **options: Any) -> Path:
    """A picture that no other seed gives."""
    path.parent.mkdir(parents=True, exist_ok=True)
    coarse = np.random.default_rng(seed).integers(0, 255, (4, 6, 3), np.uint8)
    Image.fromarray(coarse).resize(size_wh).save(path, **options)
    return path


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The site_config.yml of a project with one image."""
    root = tmp_path / "course"
    invented_project(root)
    shutil.copytree(TEMPLATES, root / "templates")
    picture(root / "content/one.png", 1)
    (root / "content/gallery.yml").write_bytes(GALLERY)
    (root / "site_config.yml").write_text("title: T\noutputs: [site]\n")
    return root / "site_config.yml"


@pytest.fixture
def unchecked(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Leaves out the rendering of all pages, which takes seconds; notes the files checked."""
    seen: list[Path] = []
    monkeypatch.setattr(module, "check_entries", lambda site, _: seen.append(site.gallery))
    return seen


def gallery_of(project: Path) -> bytes:
    return (project.parent / "content/gallery.yml").read_bytes()


def files_of(project: Path) -> set[str]:
    content = project.parent / "content"
    return {one.relative_to(content).as_posix() for one in content.rglob("*") if one.is_file()}


def run(project: Path, *sources: object, **wishes: str) -> str:
    return add(project, [str(one) for one in sources], Wishes(**wishes), dry_run=False)


@pytest.mark.slow
def test_what_was_added_passes_check(project: Path, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Rosebud"
    picture(tmp_path / "in/Кот и собака.JPG", 2, format="JPEG", exif=exif)
    picture(tmp_path / "in/北京 2024.png", 3)
    command = ["add", "--config", str(project), "--credit", "Me: myself", str(tmp_path / "in")]
    result = CliRunner().invoke(main, command)
    assert (result.exit_code, result.output.splitlines()[-1][:14]) == (0, "Added 2 images")
    assert gallery_of(project).startswith(GALLERY)
    _, gallery = check_project(project)
    assert [(one.slug, one.title, one.credit) for one in gallery[1:]] == [
        ("kot-i-sobaka", "Kot i sobaka", "Me: myself"),
        ("beijing-2024", "Beijing 2024", "Me: myself"),
    ]
    first = gallery[1].file
    assert first is not None
    with Image.open(first) as image:
        assert image.size == (40, 60)
    assert b"Rosebud" not in first.read_bytes()


@pytest.mark.slow
def test_what_check_refuses_changes_nothing(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.write_text("title: T\noutputs: [pdf]\n")
    monkeypatch.setattr(fonts, "findSystemFonts", list)
    files = files_of(project)
    said = r"(?s)nothing was added.*`check` would say:\n.*content/gallery\.yml:\d+: no font has"
    with pytest.raises(GeneratorError, match=said):
        run(project, picture(tmp_path / "a.png", 2), title="\N{CJK UNIFIED IDEOGRAPH-4EAC}")
    assert (gallery_of(project), files_of(project)) == (GALLERY, files)


def test_texts_are_written_as_they_were_said(
    project: Path, tmp_path: Path, unchecked: list[Path]
) -> None:
    wishes = {"title": 'A "b": #1', "caption": "One\n- two", "alt": "On", "model": "detr_demo"}
    said = run(project, picture(tmp_path / "Été.png", 2), **wishes)
    _, (_, image) = load_project(project)
    assert (image.slug, image.title, image.caption, image.alt, image.model) == (
        "ete", *wishes.values()
    )  # fmt: skip
    assert f"{tmp_path / 'Été.png'} -> content/images/ete.png" in said
    assert [one.name[:13] for one in unchecked] == [".gallery.yml."]
    assert files_of(project) == {
        "gallery.yml", "one.png", "images/ete.png", *(f"{one}.md" for one in PAGES)
    }  # fmt: skip


PAGES = ("about", "index", "q1", "q2", "q3")


def test_a_dry_run_writes_nothing(project: Path, tmp_path: Path) -> None:
    files = files_of(project)
    said = add(project, [str(picture(tmp_path / "a.png", 2))], Wishes(), dry_run=True)
    assert "a.png -> content/images/a.png\nWould add 1 image" in said
    assert (gallery_of(project), files_of(project)) == (GALLERY, files)


@pytest.mark.slow
def test_a_picture_that_is_there_is_told_and_left_out(
    project: Path, tmp_path: Path, unchecked: list[Path]
) -> None:
    picture(project.parent / "content/one.png", 1, (600, 400))
    again = picture(tmp_path / "in/again.jpg", 1, (600, 400), quality=95)
    picture(tmp_path / "in/b.png", 2)
    picture(tmp_path / "in/c.bmp", 2)
    said = run(project, tmp_path / "in")
    assert f"{again}: is in the gallery already, as `one`; not added again" in said
    assert f"{tmp_path / 'in/c.bmp'}: is in the gallery already, as `b`; not added" in said
    assert "Added 1 image " in said
    before = gallery_of(project)
    assert "Nothing to add" in run(project, tmp_path / "in")
    assert gallery_of(project) == before


def test_another_model_may_see_the_same_picture(
    project: Path, tmp_path: Path, unchecked: list[Path]
) -> None:
    run(project, project.parent / "content/one.png", model="detr_demo")
    _, (_, image) = load_project(project)
    assert (image.slug, image.model) == ("one-2", "detr_demo")


def test_names_are_free_and_stable(project: Path, tmp_path: Path, unchecked: list[Path]) -> None:
    for number, name in enumerate(["one", "q1", "….", "con"], start=2):
        run(project, picture(tmp_path / f"{number}.png", number), name=name)
    _, gallery = load_project(project)
    slugs = [one.slug for one in gallery]
    assert (slugs[0], slugs[1], slugs[2], slugs[4]) == ("one", "one-2", "q1-2", "con-2")
    assert slugs[3].startswith("image-")


@pytest.mark.parametrize("text", [b"", b"# Only this\n", b"images:\n", b"images: []\n"])
def test_the_first_picture_of_a_gallery(
    project: Path, tmp_path: Path, unchecked: list[Path], text: bytes
) -> None:
    (project.parent / "content/gallery.yml").write_bytes(text)
    run(project, picture(tmp_path / "a.png", 2))
    assert [one.slug for one in load_project(project)[1]] == ["a"]


def test_every_picture_that_cannot_be_read_is_named(project: Path, tmp_path: Path) -> None:
    picture(tmp_path / "a.png", 2)
    (tmp_path / "b.jpg").write_text("<html>")
    (tmp_path / "c.heic").write_bytes(b"\0\0\0\x18ftypheic")
    with pytest.raises(UsageError) as caught:
        run(project, tmp_path, tmp_path / "none.jpg", "http://127.0.0.1/a.jpg")
    text = str(caught.value)
    for part in (
        "b.jpg: a web page", "c.heic: a HEIC image", "none.jpg: there is no such file",
        "private_addresses: on", "nothing was added",
    ):  # fmt: skip
        assert part in text
    assert gallery_of(project) == GALLERY


@pytest.mark.parametrize("option", ["title", "name"])
def test_several_pictures_do_not_share_a_title(project: Path, tmp_path: Path, option: str) -> None:
    with pytest.raises(UsageError, match=f"--{option} is for one picture"):
        run(
            project, picture(tmp_path / "a.png", 2), picture(tmp_path / "b.png", 3), **{option: "T"}
        )


def test_a_misspelt_model_is_told_at_once(project: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="did you mean `detr_resnet50`"):
        run(project, tmp_path / "none.jpg", model="detr_resnet5")


def test_one_command_at_a_time_adds(project: Path, tmp_path: Path) -> None:
    source = picture(tmp_path / "a.png", 2)
    with locked(project.parent / "content", "`add`"), pytest.raises(BusyError, match="`add`"):
        run(project, source)


def test_a_gallery_that_an_editor_saved_meanwhile_is_kept(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files, gallery = files_of(project), project.parent / "content/gallery.yml"
    monkeypatch.setattr(module, "check_entries", lambda *_: gallery.write_bytes(b"images: mine"))
    with pytest.raises(ChangedError, match="run `add` again"):
        run(project, picture(tmp_path / "a.png", 2))
    assert (gallery.read_bytes(), files_of(project)) == (b"images: mine", files)


def test_an_interrupt_leaves_everything_as_it_was(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    files = files_of(project)
    monkeypatch.setattr(module, "check_entries", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run(project, picture(tmp_path / "a.png", 2))
    assert (gallery_of(project), files_of(project)) == (GALLERY, files)


@pytest.mark.parametrize(
    "text",
    [b"images: [{file: content/one.png}]\n", b"images:\n- file: content/one.png\n...\n"],
)
def test_a_list_that_cannot_be_added_to_stays(
    project: Path, tmp_path: Path, unchecked: list[Path], text: bytes
) -> None:
    (project.parent / "content/gallery.yml").write_bytes(text)
    files = files_of(project)
    with pytest.raises(GeneratorError):
        run(project, picture(tmp_path / "a.png", 2))
    assert (gallery_of(project), files_of(project)) == (text, files)


def test_entries_that_would_not_be_read_again_are_refused(
    project: Path, tmp_path: Path, unchecked: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "with_entries", lambda text, *_: text)
    files = files_of(project)
    with pytest.raises(GeneratorError, match="lines cannot be added"):
        run(project, picture(tmp_path / "a.png", 2))
    assert (gallery_of(project), files_of(project)) == (GALLERY, files)


def test_a_download_is_noted_without_its_secrets(
    project: Path,
    tmp_path: Path,
    unchecked: list[Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    source = picture(tmp_path / "a.png", 2)

    def fake(url: str, file: Path, **_: object) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, file)

    monkeypatch.setattr("generator.files.download.fetch", fake)
    said = run(project, "https://me:pw@example.org/My%20cats.png?key=1")
    assert b"  # From https://example.org/My%20cats.png\r\n" in gallery_of(project)
    assert b"pw" not in gallery_of(project) + said.encode()
    assert load_project(project)[1][1].title == "My cats"


def result_of(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(one) for one in arguments])


def test_errors_say_what_to_do(project: Path, tmp_path: Path) -> None:
    result = result_of("add", "--config", project, tmp_path / "none.jpg")
    assert result.exit_code == 2
    assert "none.jpg: there is no such file; check the path" in result.output
