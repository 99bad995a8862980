"""Markdown of students becomes blocks of plain text; what is not understood stays as typed."""

from __future__ import annotations

import time

from generator.exercises.homework.detr_check.blocks import MOST_CHARACTERS, blocks_of, runs_of


def test_what_students_write_is_understood() -> None:
    text = (
        "# Head\nA **b** and\n*c*.\n\n- one\n- `two`\n  goes on\n\n"
        "| a | b |\n| --- | --- |\n| 1 |\n"
        "\n```python\nx = 1\n```\n1. first\n"
    )
    kinds = [block["kind"] for block in blocks_of(text)]
    assert kinds == ["heading", "paragraph", "list", "table", "code", "list"]
    _, paragraph, listed, table, code, _ = blocks_of(text)
    assert paragraph["runs"] == [
        ["plain", "A "], ["strong", "b"], ["plain", " and "], ["emph", "c"], ["plain", "."],
    ]  # fmt: skip
    assert listed["items"][1] == [["code", "two"], ["plain", " goes on"]]
    assert [len(row) for row in table["rows"]] == [2, 2]
    assert code["text"] == "x = 1"


def test_other_signs_stay() -> None:
    for text in ("2 * 3 * 4", "a_b_c", "#set text(red)", "$x^2$ <label> @ref", "<b>x</b>", "**"):
        assert "".join(piece for _, piece in runs_of(text)) == text
        assert {style for style, _ in runs_of(text)} == {"plain"}


def test_signs_that_nothing_closes_are_not_looked_for_to_the_end() -> None:
    before = time.process_time()
    blocks_of("**a " * 3000)
    assert time.process_time() - before < 1  # 0.15 on the machine on which it once took 1.6


def test_comments_are_left_out_unless_they_do_not_end() -> None:
    assert blocks_of("a<!-- b\n -->c<!---->d <!-- e") == [
        {"kind": "paragraph", "runs": [["plain", "acd <!-- e"]]}
    ]


def test_a_very_long_text_is_cut_and_says_so() -> None:
    blocks = blocks_of("word " * MOST_CHARACTERS)
    assert "was cut here" in str(blocks[-1])
    assert len(str(blocks)) < MOST_CHARACTERS + 500
