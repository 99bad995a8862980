"""The YAML next to an exercise: what is read, and every mistake in it at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.errors import ConfigurationError
from generator.exercises.normal_form import normal_form
from generator.exercises.notes import (
    Mistake,
    Worksheet,
    accepted_forms,
    read_worksheet,
    read_worksheets,
)

SOURCE = "def f(width, height):\n    return width * height  ### SOLUTION area: width * height\n"
NOTES = """\
title: Areas
introduction: |
  Fill it in.

  Then run it.
try_out: |
  for width in (1, 2):
      print(f(width, 3))
blanks:
  area:
    hint: What is an area?
    why: "By definition: a product."
    accepted: [height * width]
    mistakes:
      - answers: [width + height]
        says: That is half of the `circumference`.
"""


def written(folder: Path, notes: str, source: str = SOURCE) -> Path:
    (folder / "areas.py").write_text(source, encoding="utf-8")
    (folder / "areas.yml").write_text(notes, encoding="utf-8")
    return folder / "areas.py"


def problems(folder: Path, notes: str) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        read_worksheet(written(folder, notes))
    return [f"{problem.line}: {problem.message}" for problem in caught.value.problems]


def test_worksheet_is_read(tmp_path: Path) -> None:
    [worksheet] = read_worksheets(written(tmp_path, NOTES).parent)
    assert worksheet.heading.title == "Areas"
    assert worksheet.heading.introduction == "Fill it in.\n\nThen run it."
    assert worksheet.heading.try_out == "for width in (1, 2):\n    print(f(width, 3))"
    notes = worksheet.notes["area"]
    assert notes.hint == "What is an area?"
    assert notes.accepted == ("width * height", "height * width")
    assert notes.mistakes == (Mistake(("width + height",), "That is half of the `circumference`."),)
    assert accepted_forms([worksheet]) == {"areas: area": notes.accepted}


def test_folder_without_exercises_has_none(tmp_path: Path) -> None:
    assert read_worksheets(tmp_path / "none") == ()


def test_accepted_and_mistakes_may_be_left_out(tmp_path: Path) -> None:
    notes = NOTES[: NOTES.index("    accepted:")]
    assert read_worksheet(written(tmp_path, notes)).notes["area"].mistakes == ()


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("title: Areas\n", "", "1: `title:` is missing, or nothing is written after it"),
        ("    hint: What is an area?", "    hint:", "11: blanks: area: `hint:` is missing"),
        ("hint: W", "hnt: W", "11: blanks: area: unknown key `hnt`; did you mean `hint`?"),
        ("  area:", "  aera:", "10: blanks: unknown key `aera`; did you mean `area`?"),
        ("  area:", "  zone:", "10: blanks: unknown key `zone`; the keys here are area"),
        ("  area:", "  zone:", "10: blanks: `area` is missing; give it a hint and a why"),
        ("hint: What is an area?", "hint: 5", "11: blanks: area: hint: expected text, found `5`"),
        ("[height * width]", "height", "13: blanks: area: accepted: expected a list of answers"),
        ("[height * width]", "[width*height]", "13: blanks: area: accepted 1: is accepted already"),
        ("[width + height]", "[height*width]", "15: blanks: area: mistake 1: answer 1: is an acc"),
        ("[width + height]", "[a, 'a # b']", "15: blanks: area: mistake 1: answer 2: stands among"),
        ("        says: That is", "        say: That is", "mistake 1: unknown key `say`; did you"),
        ("- answers: [width + height]", "- answers: []", "mistake 1: answers: expected a list of"),
        (
            "What is an area?",
            "Is it `height*width`?",
            "hint: gives an answer of `area` away: height",
        ),
        ("That is half", "No, **width * height**", "says: gives an answer of `area` away: width"),
        ("blanks:", "blank:", "1: unknown key `blank`"),
        (NOTES, "- a\n", "1: expected keys such as `title:` and `blanks:`, found"),
        (NOTES, "", "None: the file is empty"),
    ],
)
def test_mistakes_are_named_with_their_line(
    tmp_path: Path, old: str, new: str, expected: str
) -> None:
    found = problems(tmp_path, NOTES.replace(old, new))
    assert any(expected.removeprefix("1: ") in problem for problem in found), found
    line = expected.partition(":")[0]
    if line.isdigit() and line != "1":
        assert any(problem.startswith(f"{line}: ") for problem in found), found


def test_all_problems_are_reported_at_once(tmp_path: Path) -> None:
    notes = NOTES.replace("title: Areas", "title:").replace("    why:", "    wy:")
    assert len(problems(tmp_path, notes.replace("says:", "says: ''  #"))) == 3


@pytest.mark.parametrize(
    ("old", "new"), [("blanks:", "blank:"), ("  area:", "  aera:"), ("    hint:", "    hnt:")]
)
def test_misspelt_key_is_not_missing_as_well(tmp_path: Path, old: str, new: str) -> None:
    [problem] = problems(tmp_path, NOTES.replace(old, new))
    assert f"unknown key `{new.strip(' :')}`; did you mean `{old.strip(' :')}`?" in problem


def test_nothing_after_mistakes_is_none(tmp_path: Path) -> None:
    for nothing in ("", " []"):
        notes = NOTES[: NOTES.index("    mistakes:")] + f"    mistakes:{nothing}\n"
        assert read_worksheet(written(tmp_path, notes)).notes["area"].mistakes == ()


def test_file_that_is_missing_is_named(tmp_path: Path) -> None:
    (tmp_path / "areas.py").write_text(SOURCE)
    with pytest.raises(ConfigurationError, match=r"areas\.yml: there is no such file"):
        read_worksheet(tmp_path / "areas.py")


def test_shipped_notes_are_rich(worksheet: Worksheet) -> None:
    assert len(worksheet.notes) == 12
    for notes in worksheet.notes.values():
        assert len(notes.accepted) > 1
        assert len(notes.mistakes) > 3
        for form in notes.accepted:  # otherwise the search for leaked answers would skip it
            assert len(normal_form(form)) >= 12


def test_code_of_the_notebook_has_to_be_python(tmp_path: Path) -> None:
    notes = NOTES.replace("print(f(width, 3))", "print(f(width, 3)")
    assert problems(tmp_path, notes) == ["6: try_out: is not valid Python: print(f(width, 3)"]


def with_scopes(scopes: str) -> str:
    return NOTES.replace("blanks:\n", f"scopes:\n{scopes}blanks:\n")


def test_scopes_are_read(tmp_path: Path) -> None:
    notes = with_scopes("  f: |\n    width, height = 3, 5\n")
    worksheet = read_worksheet(written(tmp_path, notes))
    assert worksheet.heading.scopes == {"f": "width, height = 3, 5"}
    assert worksheet.surroundings["area"].scope == "width, height = 3, 5"


@pytest.mark.parametrize(
    ("scopes", "message"),
    [
        ("  g: |\n    width, height = 3, 5\n", "`g`"),
        ("  f: |\n    width = 3\n", "the answer of `area` cannot be worked out with them"),
        ("  f: |\n    width, height = 2, 2\n", "comes to the same as an accepted answer"),
        ("  f: |\n    width, height = 3, 5  # width * height\n", "gives an answer of `area` away"),
    ],
)
def test_scopes_that_are_of_no_use_are_reported(tmp_path: Path, scopes: str, message: str) -> None:
    assert message in "\n".join(problems(tmp_path, with_scopes(scopes)))


def test_files_that_did_not_change_are_read_once(tmp_path: Path) -> None:
    path = written(tmp_path, NOTES)
    first = read_worksheet(path)
    assert read_worksheet(path) is first
    again = read_worksheet(written(tmp_path, NOTES.replace("title: Areas", "title: Others")))
    assert (first.heading.title, again.heading.title) == ("Areas", "Others")
    written(tmp_path, NOTES.replace("title: Areas", "title: Others"), f"# More.\n{SOURCE}")
    assert read_worksheet(path) is not again
