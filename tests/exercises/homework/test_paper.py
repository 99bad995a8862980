"""The PDF holds what was handed in; nothing in it is taken for a command, and nothing breaks it."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from generator.exercises.homework.detr_check.paper import DATA, paper_files, pdf_of
from generator.exercises.homework.detr_check.reading import read_hand_in
from tests.exercises.homework.handed_in import as_notebook, cells_of, code, notebook_of, text


def data_of(content: bytes) -> tuple[dict[str, Any], dict[str, bytes]]:
    rows = [("1 backbone", "right", ""), ("2 projection", "wrong", "Look again.")]
    files = paper_files(read_hand_in(content), rows, "1 of 12 points.")
    return json.loads(files[DATA]), files


def test_it_holds_name_verdicts_figures_measures_and_words() -> None:
    data, files = data_of(notebook_of())
    assert data["facts"] == [["Name", "Ada"], ["Number or account", "s1"]]
    assert sum(name.endswith(".png") for name in files) == 3
    found = json.dumps(data)
    for wanted in ("2 projection", "Look again.", "points in their cells", "0.707", "Because."):
        assert wanted in found
    assert pdf_of(files).startswith(b"%PDF")


HOSTILE = '#read("/etc/passwd") \\ ] $ ` " #{ <a> @b // /* *x* _y_\n\n```\n#panic()\n```\n'
HOSTILE += "\n| # | [ |\n|---|---|\n| ] |"


def test_words_are_no_commands_and_damage_is_a_sentence() -> None:
    cells = cells_of()
    cells[0] = code("name", f"NAME = {HOSTILE!r}")
    cells[-1] = text("q3-4-answer", HOSTILE + "\x00\x1b[31m\u202e\ud800 \U0001f600")
    broken = base64.b64encode(b"\x89PNG\r\n\x1a\nnothing").decode("ascii")
    picture = {"output_type": "display_data", "data": {"image/png": broken}}
    cells[4]["outputs"] = [picture]
    cells.append(code("mine", "print(']')" + HOSTILE, "#panic()" * 9000))
    data, files = data_of(as_notebook(cells))
    assert any("is damaged" in str(block) for block in data["blocks"])
    assert "panic" in json.dumps(data)
    assert pdf_of(files).startswith(b"%PDF")


def test_control_characters_reach_no_typesetter() -> None:
    cells = cells_of()
    for cell in cells[1:7]:
        error = {
            "output_type": "error",
            "ename": "E",
            "evalue": "\x1b[31mred\x1b[0m \x07\x85 \\u001b",
        }
        cell["outputs"] = [error]
    rows = [("1 backbone", "right\x1b", "Look\x07.")]
    files = paper_files(read_hand_in(as_notebook(cells)), rows, "Good\x1b.", missing="\x1bé")
    texts = str(list(walked(json.loads(files[DATA]))))
    assert "Cell 2 stops with E: red" in texts
    assert not re.search(r"\\x[0-9a-f]{2}|\[31m", texts)


def walked(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        for one in value if isinstance(value, list) else value.values():
            yield from walked(one)


def test_questions_that_a_course_added_are_there_in_their_order() -> None:
    cells = [
        text("q3-12-answer", "Twelfth."),
        text("q3-5", "**3.5 Heads.** Which?"),
        text("q3-5-answer", "Fifth."),
        text("q2-4-answer", "Fourth."),
        *cells_of(),
    ]
    data, _ = data_of(as_notebook(cells))
    found = [block["text"] for block in data["blocks"] if block.get("level") == 2]
    assert [one.partition(" ")[0] for one in found] == [
        "2.1", "2.2", "2.3", "2.4", "3.1", "3.2", "3.3", "3.4", "3.5", "3.12",
    ]  # fmt: skip
    assert "3.5 Heads" in found
    assert all(one in json.dumps(data) for one in ("Fourth.", "Fifth.", "Twelfth."))


def test_a_name_with_a_number_of_endless_digits_is_no_name() -> None:
    data, _ = data_of(as_notebook([code("name", f"NAME = 0x{'f' * 5000}")]))
    assert data["who"] == "no name given"


def test_what_is_missing_is_said() -> None:
    data, files = data_of(as_notebook([text("q3-1", "Prompt.")]))
    found = json.dumps(data)
    for wanted in ("no name given", "There is no class", "Nothing was written.", "Missing: "):
        assert wanted in found
    assert pdf_of(files).startswith(b"%PDF")


def test_an_endless_output_is_cut() -> None:
    cells = cells_of()
    cells[3]["outputs"] = [{"output_type": "stream", "text": "line\n" * 100_000}]
    data, _ = data_of(as_notebook(cells))
    assert "more lines" in json.dumps(data)
    assert len(json.dumps(data)) < 50_000


@pytest.mark.parametrize("letters", ["漢", "ש"])
def test_letters_that_no_font_has_can_be_replaced(letters: str) -> None:
    cells = cells_of()
    cells[-1] = text("q3-4-answer", f"A{letters}B")
    files = paper_files(read_hand_in(as_notebook(cells)), (), "", missing=letters)
    assert b"A?B" in files[DATA]
