import json

from generator.exercises.grading.grade import BlankGrade, Grade
from generator.exercises.grading.report import Reports, plain, table_of, warning_of

BLANKS = (
    BlankGrade(1, "backbone", "right"),
    BlankGrade(2, "sigmoid", "wrong", "The boxes leave [0, 1]."),
)


def test_a_table_has_a_line_for_each_blank() -> None:
    lines = table_of(Grade("ada.py", False, BLANKS, "Nearly.")).splitlines()
    assert lines[0] == "ada.py: 1 of 2 points, not passed"
    assert lines[1] == "  Nearly."
    assert [line.split()[:4] for line in lines[2:]] == [
        ["1", "backbone", "1", "right"],
        ["2", "sigmoid", "0", "wrong"],
    ]
    assert lines[3].endswith("The boxes leave [0, 1].")


def test_a_file_without_an_observation_has_one_line() -> None:
    blanks = tuple(BlankGrade(number, "x", "stopped") for number in (1, 2))
    table = table_of(Grade("ada.py", False, blanks, "The file does not exist."))
    assert table.splitlines() == [
        "ada.py: 0 of 2 points, not passed",
        "  The file does not exist.",
    ]


def test_control_characters_of_a_submission_are_escaped() -> None:
    grade = Grade("a\udcff\n.py", False, BLANKS, "\x1b[31mred\a\u202e")
    table = table_of(grade)
    assert table.isascii()
    assert "\x1b" not in table
    assert table.splitlines()[0].startswith("a\\udcff\\n.py: 1 of 2")
    assert "\\x1b[31mred\\x07\\u202e" in table
    assert plain("é: 'ü' 🐱") == "é: 'ü' 🐱"


def test_json_is_a_list_with_an_object_for_each_file() -> None:
    lines: list[str] = []
    reports = Reports(lines.append, as_json=True)
    reports.add(Grade("a\udcff.py", False, BLANKS, "Nearly."))
    assert len(lines) == 1  # it is there before the next is graded
    reports.add(Grade("b.py", True, BLANKS))
    reports.close()
    text = "\n".join(lines)
    text.encode("ascii")
    first, second = json.loads(text)
    assert set(first) == {
        "file",
        "points",
        "of",
        "passed",
        "message",
        "deducted",
        "flags",
        "blanks",
    }
    assert (first["points"], first["of"], first["passed"]) == (1, 2, False)
    assert first["blanks"][1] == {
        "number": 2,
        "name": "sigmoid",
        "points": 0,
        "verdict": "wrong",
        "message": "The boxes leave [0, 1].",
    }
    assert second["passed"] is True


def test_no_grade_is_an_empty_list() -> None:
    lines: list[str] = []
    Reports(lines.append, as_json=True).close()
    assert json.loads("".join(lines)) == []


def test_what_does_not_hold_is_one_sentence() -> None:
    assert warning_of(["reach the network"]).startswith(
        "Not confined: on this machine a submission can reach the network."
    )
    assert "can a, b and c." in warning_of(["a", "b", "c"])
