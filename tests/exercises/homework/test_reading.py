"""A handed-in notebook is read, whatever Colab and Jupyter dropped, and whatever it holds."""

from __future__ import annotations

import json
from typing import Any

import pytest

from generator.exercises.homework.detr_check.reading import (
    PLACEHOLDER,
    NotebookError,
    read_hand_in,
)
from tests.exercises.homework.handed_in import PNG, PRINTED, as_notebook, cells_of, code, text


def without_ids(cell: dict[str, Any]) -> None:
    del cell["id"]


def without_tags(cell: dict[str, Any]) -> None:
    cell["metadata"] = {"id": "aBcDeFgH"}


def without_comments(cell: dict[str, Any]) -> None:
    cell["source"] = cell["source"].partition("\n")[2]


@pytest.mark.parametrize(
    "dropped",
    [
        (without_ids, without_tags),
        (without_tags, without_comments),
        (without_ids, without_comments),
    ],
)
def test_any_of_three_names_is_enough(dropped: tuple[Any, ...]) -> None:
    cells = cells_of()
    for cell in cells:
        for drop in dropped:
            drop(cell)
    found = read_hand_in(as_notebook(cells))
    assert found.names.keys() == read_hand_in(as_notebook(cells_of())).names.keys()
    assert found.names["q2-encoder"].printed == PRINTED["q2-encoder"]
    assert len(found.names["q2-encoder"].figures) == 1
    assert found.said("NAME") == "Ada"


def test_an_answer_that_lost_its_name_is_the_text_below_its_prompt() -> None:
    cells = cells_of()
    at = next(number for number, one in enumerate(cells) if one["id"] == "q3-2-answer")
    cells[at] = {"cell_type": "markdown", "metadata": {}, "source": "My own words."}
    answer = read_hand_in(as_notebook(cells)).names["q3-2-answer"]
    assert (answer.source, answer.is_answer) == ("My own words.", True)


def test_of_two_with_one_name_the_last_that_is_written_counts() -> None:
    cells = [
        text("q3-1-answer", PLACEHOLDER),
        text("q3-1-answer", "Written."),
        text("q3-1-answer", f"{PLACEHOLDER}\n"),
    ]
    assert read_hand_in(as_notebook(cells)).names["q3-1-answer"].source == "Written."


def test_outputs_are_text_pictures_and_errors() -> None:
    cell = code("q2-picture", "x")
    cell["outputs"] = [
        {"output_type": "stream", "text": ["one\n", "\x1b[31mtwo\x1b[0m\n"]},
        {"output_type": "execute_result", "data": {"text/plain": "three"}},
        {"output_type": "display_data", "data": {"image/png": [PNG[:10], PNG[10:]]}},
        {"output_type": "display_data", "data": {"image/png": "bm8gcGljdHVyZQ=="}},
        {"output_type": "error", "ename": "ValueError", "evalue": "no"},
        7,
    ]
    part = read_hand_in(as_notebook([cell])).names["q2-picture"]
    assert part.printed == "one\ntwo\nthree\n"
    assert len(part.figures) == 1
    assert part.error == "ValueError: no"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"{", "no JSON"),
        (b"[" * 100_000, "no JSON"),
        (b"\xff\xfe", "no JSON"),
        (b"[]", "version 4"),
        (b'{"cells": 3}', "version 4"),
        (json.dumps({"cells": [{}] * 1001}).encode(), "more than 1000 cells"),
        (b" " * 50_000_001, "larger than 50 MB"),
    ],
    ids=["cut", "deep", "no text", "a list", "no cells", "many cells", "large"],
)
def test_what_is_no_notebook_is_told_in_a_sentence(content: bytes, says: str) -> None:
    with pytest.raises(NotebookError, match=says):
        read_hand_in(content)


@pytest.mark.parametrize(
    "cell",
    [
        None,
        [],
        {},
        {"cell_type": "code", "source": 3, "metadata": 4, "outputs": 5, "id": 6},
        {
            "cell_type": "code",
            "metadata": {"tags": [None, {"a": 1}, "q2-encoder"]},
            "outputs": [{}],
        },
        {"cell_type": "code", "outputs": [{"data": {"image/png": 3, "text/plain": None}}]},
        {"cell_type": "markdown", "id": "name", "source": "NAME = __import__('os')"},
    ],
)
def test_odd_cells_do_no_harm(cell: Any) -> None:
    found = read_hand_in(as_notebook([*cells_of()[1:], cell]))
    assert found.said("NAME") == ""
    assert found.is_homework


def test_a_notebook_of_another_kind_is_none_of_ours() -> None:
    cells = [{"cell_type": "code", "id": "a1b2", "metadata": {"tags": ["test"]}, "source": "x"}]
    assert not read_hand_in(as_notebook(cells)).is_homework
