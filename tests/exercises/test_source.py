"""Markers become blanks, mistakes in them are named, and blanks are found again."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from generator.errors import ExerciseError
from generator.exercises.source import Exercise, answers_in, parse_exercise, read_exercise

SOURCE = '''"""A small one."""


def area(w, h):
    """Width times height; it's easy."""
    ### BEGIN SOLUTION check
    if w < 0:
        raise ValueError(w)
    ### END SOLUTION

    size = w * h  # (1,)  ### SOLUTION product
    half = round(size / 2)  ### SOLUTION half: size / 2
    more = round(size / 2)  ### SOLUTION half: size / 2
    return {
        "size": float(size),  ### SOLUTION size: float(size)
        "half": half + more,
    }
'''
STUDENT = '''"""A small one."""


def area(w, h):
    """Width times height; it's easy."""
    ____  # blank 1

    size = ____  # (1,)  # blank 2
    half = round(____)  # blank 3
    more = round(____)  # blank 3
    return {
        "size": ____,  # blank 4
        "half": half + more,
    }
'''
MINIMAL_DETR = Path(__file__).parents[2] / "content" / "exercises" / "minimal_detr.py"


@pytest.fixture
def exercise() -> Exercise:
    return parse_exercise("area", SOURCE)


def test_each_answer_becomes_a_blank(exercise: Exercise) -> None:
    assert exercise.student == STUDENT
    assert [(b.number, b.name, b.answer) for b in exercise.blanks] == [
        (1, "check", "if w < 0:\n    raise ValueError(w)"),
        (2, "product", "w * h"),
        (3, "half", "size / 2"),
        (4, "size", "float(size)"),
    ]


def test_solution_has_the_answers_and_no_markers(exercise: Exercise) -> None:
    scope: dict[str, object] = {}
    exec(exercise.solution, scope)
    area = scope["area"]
    assert callable(area)
    assert area(3, 4) == {"size": 12.0, "half": 12}
    assert "SOLUTION" not in exercise.solution
    assert "    if w < 0:  # blank 1\n        raise ValueError(w)\n" in exercise.solution


def test_answers_can_be_exchanged(exercise: Exercise) -> None:
    changed = exercise.with_answers({"check": "w = w or 1\nh = h or 1", "half": "h"})
    assert "    w = w or 1  # blank 1\n    h = h or 1\n" in changed
    assert "half = round(h)  # blank 3\n    more = round(h)  # blank 3\n" in changed
    assert "size = w * h  # (1,)  # blank 2\n" in changed
    with pytest.raises(ExerciseError, match="no blank `third`"):
        exercise.with_answers({"third": "w"})


def test_places_hold_line_and_code_around(exercise: Exercise) -> None:
    places = [(p.number, p.line, p.before, p.after, p.is_block) for p in exercise.places]
    assert places == [
        (1, 6, "    ", "", True),
        (2, 8, "    size = ", "", False),
        (3, 9, "    half = round(", ")", False),
        (3, 10, "    more = round(", ")", False),
        (4, 12, '        "size": ', ",", False),
    ]


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("x = 1\n", "name: no answer is marked"),
        ("### BEGIN SOLUTION a\nx = 1\n", "name:1: no line `### END SOLUTION`"),
        ("x = 1\n### END SOLUTION\n", "name:2: no block is begun"),
        ("### BEGIN SOLUTION a\n### BEGIN SOLUTION b\n", "name:2: the block of line 1"),
        ("### BEGIN SOLUTION a\n\n### END SOLUTION\n", "name:1: the block is empty"),
        ("x = 1  ### SOLUTION\n", "name:1: this is nearly a marker"),
        ("## begin solution a\n", "name:1: this is nearly a marker"),
        ("x = 1  ### SOLUTION A-b\n", "name:1: this is nearly a marker"),
        ("### BEGIN SOLUTION a\nx = 1 ### SOLUTION b\n", "name:2: this is nearly a marker"),
        ("f(x)  ### SOLUTION a\n", "name:1: the line has no ` = `"),
        ("x = 1 + 1  ### SOLUTION a: 1\n", "name:1: `1` has to occur exactly once"),
        ("x = 1  # 2  ### SOLUTION a: 2\n", "name:1: `2` has to occur exactly once"),
        ("x = 1  ### SOLUTION a\ny = 2  ### SOLUTION a\n", "name:2: blank `a` has another"),
        ("y = ____\nx = 1  ### SOLUTION a\n", "name:1: `____` and"),
        ("y = 1  # blank 7\nx = 1  ### SOLUTION a\n", "name:1: `____` and"),
        ("x = = 1  ### SOLUTION a\n", "not valid Python: x = = 1"),
    ],
)
def test_mistakes_in_markers_name_the_line(source: str, message: str) -> None:
    with pytest.raises(ExerciseError) as caught:
        parse_exercise("name", source)
    assert str(caught.value).startswith(message) or message in str(caught.value)


def test_file_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ExerciseError, match="no such file"):
        read_exercise(tmp_path / "none.py")
    (tmp_path / "latin.py").write_bytes(b"# caf\xe9")
    with pytest.raises(ExerciseError, match=r"latin\.py: not UTF-8"):
        read_exercise(tmp_path / "latin.py")


def test_nothing_is_filled_in_where_nothing_was(exercise: Exercise) -> None:
    assert answers_in(exercise, exercise.student) == {
        blank.name: "____" for blank in exercise.blanks
    }


def test_the_solution_has_the_answers(exercise: Exercise) -> None:
    assert answers_in(exercise, exercise.solution) == {
        blank.name: blank.answer for blank in exercise.blanks
    }


def filled(**changes: str) -> str:
    """The solution with whole lines replaced, found by the beginning of their code."""
    lines = parse_exercise("area", SOURCE).solution.splitlines()
    for begin, text in changes.items():
        at = next(n for n, line in enumerate(lines) if line.strip().strip('"').startswith(begin))
        lines[at] = text
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("    size = h * w  # (1,)  # blank 2", "h*w"),
        ("    size   =h*w", "h*w"),
        ("    size = (\n        h *  # first\n        w\n    )  # blank 2", "(h*w)"),
        ("    size = h * \\\n        w", "h*\\w"),
        ("    # size = 0\n    size = 5 # blank 2", "5"),
        ("    size = 0\n    size = 5  # blank 2", "5"),
        ("    size = 0\n    size = 5", None),
        ("    size: int = h * w  # blank 2", None),
        ("", None),
        ("    size = ", None),
        ("    size = (h", None),
    ],
)
def test_answers_are_found_by_the_code_around(
    exercise: Exercise, line: str, answer: str | None
) -> None:
    found = answers_in(exercise, filled(size=line))
    product = found["product"]
    assert (None if product is None else "".join(product.split())) == answer
    assert found["size"] == "float(size)"


@pytest.mark.parametrize(
    "line",
    [
        "        'size': abs(size)",
        '        "size": abs(size),',
        '        "size": abs(\n            size\n        ),  # blank 4',
    ],
)
def test_last_comma_of_a_line_may_be_missing(exercise: Exercise, line: str) -> None:
    lines = exercise.solution.splitlines()
    lines[next(n for n, text in enumerate(lines) if '"size"' in text)] = line
    assert "".join((answers_in(exercise, "\n".join(lines))["size"] or "").split()) == "abs(size)"


def test_of_two_different_answers_the_wrong_one_is_returned(exercise: Exercise) -> None:
    assert answers_in(exercise, filled(half="    half = round(size)"))["half"] == "size"
    assert answers_in(exercise, filled(more="    more = round(size)"))["half"] == "size"


def test_block_is_what_is_between_its_neighbours(exercise: Exercise) -> None:
    lines = exercise.solution.splitlines()
    at = lines.index("    if w < 0:  # blank 1")
    lines[at : at + 2] = ["    # my own", "", "    a = 1", "    if a:", "        pass  # blank 1"]
    assert answers_in(exercise, "\n".join(lines))["check"] == "a = 1\nif a:\n    pass"
    lines[at - 1] = '    "Another docstring."'
    assert answers_in(exercise, "\n".join(lines))["check"] == "pass"
    del lines[at : at + 5]
    assert answers_in(exercise, "\n".join(lines))["check"] is None


@pytest.mark.parametrize("submission", ["", "\0\n", "((((", "# blank 1\n# blank 1\n", "____"])
def test_nothing_is_found_in_nonsense(exercise: Exercise, submission: str) -> None:
    assert set(answers_in(exercise, submission).values()) == {None}


def test_minimal_detr_is_an_exercise_of_twelve_blanks() -> None:
    exercise = read_exercise(MINIMAL_DETR)
    assert [blank.number for blank in exercise.blanks] == list(range(1, 13))
    assert exercise.with_answers({}) == exercise.solution
    assert answers_in(exercise, exercise.student)["sigmoid"] == "____"
    for blank in exercise.blanks:
        assert answers_in(exercise, exercise.solution)[blank.name] == blank.answer
        other = exercise.with_answers({blank.name: "other()"})
        assert answers_in(exercise, other)[blank.name] == "other()"
        assert blank.answer not in exercise.student
    assert ast.dump(ast.parse(exercise.student)) != ast.dump(ast.parse(exercise.solution))
