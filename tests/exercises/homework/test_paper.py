"""The PDF holds what was handed in; nothing in it is taken for a command, and nothing breaks it."""

from __future__ import annotations

import base64
import json
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
