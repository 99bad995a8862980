from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from generator.exercises.gradebook import handed_in
from generator.exercises.gradebook.archive import INNER
from generator.exercises.gradebook.handed_in import Collection, collect
from tests.exercises.gradebook.zips import write_zip, zipped


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "scratch").mkdir()
    (tmp_path / "class").mkdir()
    return tmp_path / "class"


def collected(*paths: Path) -> Collection:
    folder = paths[0] if paths[0].is_dir() else paths[0].parent
    return collect(paths, folder.parent / "scratch", without=folder / "grades")


def senders(found: Collection) -> dict[str, list[str]]:
    result: dict[str, list[str]] = {}
    for file in found.files:
        result.setdefault(file.sent.sender.name, []).append(file.sent.file)
    return result


def write(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x = 1")


def test_a_folder_with_all_that_systems_leave(folder: Path) -> None:
    write(folder, "ada/detr.py", "ada/src/more.py", "bob.ipynb", "ada/report.pdf")
    write(folder, "__MACOSX/ada/._detr.py", ".DS_Store", "ada/.ipynb_checkpoints/detr.ipynb")
    write(folder, "ada/__pycache__/a.py", "students.csv", "grades/feedback/ada.html")
    found = collected(folder)
    assert senders(found) == {"ada": ["detr.py", "report.pdf", "src/more.py"], "bob": ["bob.ipynb"]}
    assert found.refused == []


def test_zip_files_of_course_systems_and_of_students(folder: Path) -> None:
    inner = zipped({"detr.py": "inner", "__MACOSX/._detr.py": ""})
    moodle: dict[str, str | bytes] = {
        "Ada Lovelace_1_assignsubmission_file_/work.zip": inner,
        "Bob_2_assignsubmission_file_/a.pdf": "",
    }
    canvas: dict[str, str | bytes] = {
        "hoppergrace_12345_678901_hw.zip": inner,
        "hopperbob_LATE_12346_678902_a-1.py": "late",
    }
    write_zip(folder / "moodle.zip", moodle)
    write_zip(folder / "canvas.zip", canvas)
    found = collected(folder / "moodle.zip", folder / "canvas.zip")
    assert senders(found) == {
        "Ada Lovelace": ["work.zip/detr.py"],
        "Bob": ["a.pdf"],
        "hopperbob": ["a-1.py"],
        "hoppergrace": ["hw.zip/detr.py"],
    }
    texts = {one.sent.file: one.path.read_text() for one in found.files if one.is_code}
    assert texts == {"work.zip/detr.py": "inner", "a-1.py": "late", "hw.zip/detr.py": "inner"}


def test_a_hostile_zip_file_stops_nobody(folder: Path) -> None:
    hostile = zipped({"../a.py": "", "/b.py": "", "c.py": b" " * 300_000, "d.py": "d"})
    write(folder, "ada/detr.py", "eve/broken.zip")
    (folder / "mallory.zip").write_bytes(hostile)
    found = collected(folder)
    assert senders(found) == {"ada": ["detr.py"], "mallory": ["d.py"]}
    assert len(found.refused) == 4
    assert [one for one in found.refused if "\n" in one] == []


def test_what_a_student_named_is_nobody_elses(folder: Path) -> None:
    bobs = "Bob Smith_1_assignsubmission_file_"
    inner = zipped({f"{bobs}/detr.py": "a", f"x/{bobs}b.py": "b"})
    (folder / "Ada Lovelace.zip").write_bytes(inner)
    write(folder, f"cid/{bobs}/detr.py", "bob/detr.py", "students.csv")
    assert list(senders(collected(folder))) == ["Ada Lovelace", "bob", "cid"]
    alone = write_zip(folder / "one.zip", {"Ada.zip": inner, "bob/detr.py": ""})
    assert list(senders(collected(alone))) == ["Ada", "bob"]


def test_folders_of_several_downloads_are_no_students(folder: Path) -> None:
    write(folder, "early/Ada_1_assignsubmission_file_/a.py", "students.csv")
    write(folder, "late/Bob_2_assignsubmission_file_/a.py")
    write(folder, "Cid_3_assignsubmission_file_/a.py")
    assert sorted(senders(collected(folder))) == ["Ada", "Bob", "Cid"]


def test_all_zip_files_of_a_student_have_one_limit(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handed_in, "INNER", replace(INNER, total=100))
    for name in ("eve/1.zip", "eve/2.zip", "zoe/1.zip"):
        write(folder, name)
        write_zip(folder / name, {"a.py": " " * 60})
    found = collected(folder)
    assert senders(found) == {"eve": ["1.zip/a.py"], "zoe": ["1.zip/a.py"]}
    assert len(found.refused) == 1


def test_folders_around_all_others_are_no_students(folder: Path) -> None:
    write(folder, "hw1/ada/detr.py", "hw1/bob/detr.py")
    assert list(senders(collected(folder))) == ["ada", "bob"]
    path = write_zip(folder / "a.zip", {"hw1/ada/detr.py": "", "hw1/bob/detr.py": ""})
    assert list(senders(collect([path], folder.parent / "scratch"))) == ["ada", "bob"]
    path = write_zip(folder / "b.zip", {"ada/detr.py": "", "ada/more.py": ""})
    assert list(senders(collect([path], folder.parent / "scratch"))) == ["ada"]


def test_what_is_too_much_or_not_there_is_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handed_in, "MOST_FILES_OF_A_STUDENT", 2)
    write(folder, *(f"eve/{name}.py" for name in "abcd"), "eve/z.pdf", "zoe/a.py")
    (folder / "zoe" / "link.py").symlink_to("/etc/passwd")
    found = collected(folder, folder / "none.zip", folder / "none.py", folder / "eve" / "z.pdf")
    assert senders(found) == {"eve": ["a.py", "b.py"], "zoe": ["a.py"]}
    said = "\n".join(found.refused)
    assert said.count("eve handed in more than 2") == 2
    assert "link.py: is a link" in said
    assert "none.zip" in said
    assert "none.py: there is no such file" in said
    assert "z.pdf: is no .py file" in said
    monkeypatch.setattr(handed_in, "MOST_ENTRIES", 3)
    assert "holds more than 3 files" in "\n".join(collected(folder).refused)


def test_the_same_name_in_two_folders_is_not_one_student(folder: Path) -> None:
    for name in ("one.zip", "two.zip"):
        write_zip(folder / name, {"detr.py": name})
    found = collect([folder / "one.zip", folder / "two.zip"], folder.parent / "scratch")
    assert len({one.sent.sender for one in found.files}) == 2
