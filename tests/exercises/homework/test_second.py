"""What a notebook's outputs show of question 2 is worked out again from what it printed."""

from __future__ import annotations

import pytest

from generator.exercises.homework.detr_check.reading import read_hand_in
from generator.exercises.homework.detr_check.second import (
    measures_in,
    picture_of,
    second_question,
)
from tests.exercises.homework.conftest import Change
from tests.exercises.homework.handed_in import PRINTED, as_notebook, cells_of


def verdicts(content: bytes) -> dict[str, str]:
    return {one.name: one.verdict for one in second_question(read_hand_in(content))}


def test_a_right_one_is_found(handed_in: Change) -> None:
    assert set(verdicts(handed_in()).values()) == {"found"}
    found = read_hand_in(handed_in())
    assert picture_of(found) == "0123456789abcdef"
    assert measures_in(found)[0] == ("entropy, encoder 0", "0.707", "1.000", "uniform")


@pytest.mark.parametrize(
    ("cell", "old", "new", "wrong"),
    [
        ("q2-encoder", "1.000, its column to 0.4", "0.4, its column to 1.000", "rows and columns"),
        ("q2-encoder", "cell row 5, column 7", "cell row 7, column 5", "points in their cells"),
        ("q2-encoder", "cell row 8, column 14", "cell row 7, column 14", "points in their cells"),
        ("q2-decoder", "stride 16, first 2.0", "stride 16, first 0.5", "points in their cells"),
        ("q2-decoder", "Map of query 6", "Map of query 7", "a map of each kept query"),
        ("q2-decoder", "5; sums to 1.000", "5; sums to 0.700", "a map of each kept query"),
        ("q2-forward", "[266, 266]", "[100, 266]", "printed shapes"),
    ],
)  # fmt: skip
def test_a_mistake_is_named(handed_in: Change, cell: str, old: str, new: str, wrong: str) -> None:
    assert old in PRINTED[cell]
    found = verdicts(handed_in(**{cell: PRINTED[cell].replace(old, new)}))
    assert {name for name, verdict in found.items() if verdict != "found"} == {wrong}
    assert found[wrong] == "wrong"


def test_columns_that_all_sum_to_one_are_rows(handed_in: Change) -> None:
    text = PRINTED["q2-encoder"]
    for total in ("0.449", "0.166", "0.19", "1.2"):
        text = text.replace(f"column to {total}", "column to 1.000")
    assert verdicts(handed_in(q2_encoder=text))["rows and columns"] == "wrong"


def test_a_cell_without_its_figure_is_wrong(handed_in: Change) -> None:
    cells = cells_of()
    for cell in cells:
        cell["outputs"] = [one for one in cell.get("outputs", []) if "data" not in one]
    found = verdicts(as_notebook(cells))
    missed = {name for name, verdict in found.items() if verdict == "wrong"}
    assert missed == {"detections", "a map of each kept query", "rows and columns"}


def test_what_was_not_run_is_not_found() -> None:
    cells = cells_of()
    for cell in cells:
        if cell["cell_type"] == "code":
            cell |= {"outputs": [], "execution_count": None}
    seen = second_question(read_hand_in(as_notebook(cells)))
    assert {one.verdict for one in seen} == {"not found"}
    assert seen[0].message == "Cell 2 was not run."


def test_other_code_is_looked_at_by_a_person(handed_in: Change) -> None:
    assert verdicts(handed_in(q2_encoder="row 3\n"))["rows and columns"] == "look"


def test_the_example_of_the_kit_is_no_own_picture() -> None:
    cells = cells_of()
    cells[1]["source"] = '# part: q2-picture\nPICTURE = "example.png"  # mine'
    assert verdicts(as_notebook(cells))["own picture"] == "look"


@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        ('PICTURE = "./example.png"', "look"),
        ("  PICTURE=r'C:\\kit\\Example.PNG'", "look"),
        ('PICTURE = Path("..", "example.png")', "look"),
        ('PICTURE = "my-example.png"', "found"),
        ('PICTURE = "mine.jpg"  # not "example.png"', "found"),
    ],
)
def test_the_example_is_known_however_it_is_named(line: str, verdict: str) -> None:
    cells = cells_of()
    cells[1]["source"] = f"# part: q2-picture\n{line}"
    assert verdicts(as_notebook(cells))["own picture"] == verdict


def test_a_cell_that_lost_all_names_is_known_by_what_it_printed() -> None:
    cells = cells_of()
    for cell in cells:
        if cell["cell_type"] == "code":
            cell |= {"id": "x1", "metadata": {}, "source": cell["source"].partition("\n")[2]}
    assert set(verdicts(as_notebook(cells)).values()) == {"found"}


def test_numbers_without_an_end_do_no_harm(handed_in: Change) -> None:
    many = "9" * 5000
    text = PRINTED["q2-encoder"].replace("row 3, column 3", f"row {many}, column 3")
    assert verdicts(handed_in(q2_encoder=text))["points in their cells"] == "wrong"
    text = PRINTED["q2-encoder"].replace("(0.188", f"({many}")
    assert verdicts(handed_in(q2_encoder=text))["points in their cells"] == "wrong"
    cells = PRINTED["q2-decoder"].replace("first 2.0", f"first {many}")
    model = PRINTED["q2-model"].replace("detr_small", "other")
    text = PRINTED["q2-encoder"].replace("(0.188", f"({'9' * 308}")  # infinity minus infinity
    found = verdicts(handed_in(q2_encoder=text, q2_decoder=cells, q2_model=model))
    assert found["points in their cells"] == "wrong"
    assert verdicts(handed_in(q2_encoder=text))["points in their cells"] == "wrong"
