"""Answers are found in what students get, in whatever clothes they come."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from generator.errors import PageError
from generator.exercises.leaks import given_away, refuse_answers

ACCEPTED = {"half": ("torch.rand(50, n // 2)", 'x["a"]')}


@pytest.mark.parametrize(
    "text",
    [
        "so `torch.rand(50, n//2)` it is",
        "# a heading\ntorch.rand(\n    50,\n    n // 2,\n)",
        "<span>torch</span><span class='o'>.</span><b>rand</b>(<i>50</i>, n <u>//</u> 2)",
        "torch.rand&#40;50&#x2c;&nbsp;n &#47;/ 2)",
        json.dumps({"source": ["torch.rand(50,\n", "n // 2)"]}),
        '{"a": "torch.rand(50,\\n n // 2)"}',
        "torch\\.rand\\(50, n // 2\\)",
        "torch.rand\\u002850, n \\x2f/ 2)",
        "x['a']",
        "x[&quot;a&quot;]",
        '"x[\\"a\\"]"',
        "&lt;code&gt;x['a']&lt;/code&gt;",
    ],
)
def test_answer_is_found(text: str) -> None:
    assert [found.blank for found in given_away(text, ACCEPTED)] == ["half"]


@pytest.mark.parametrize("text", ["", "torch.rand(50, n / 2)", "x[b]", "n // 2 of torch.rand(50"])
def test_nothing_is_found_where_nothing_is(text: str) -> None:
    assert not list(given_away(text, ACCEPTED))


def test_answers_of_a_few_signs_are_not_looked_for() -> None:
    assert not list(given_away("4 of them", {"four": ("4",)}))


def test_page_that_tells_is_refused_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "content").mkdir()
    (tmp_path / "content" / "q1.md").write_text("# Q1\n\nIt is x['a'].\n")
    pages = {"q1.md": "<h1>Q1</h1>\n\nIt is x['a'].\n"}
    with pytest.raises(PageError) as caught:
        refuse_answers(pages, ACCEPTED, tmp_path / "content", tmp_path)
    assert str(caught.value).startswith("content/q1.md:3: students would read an answer here")
    assert "of the blank `half`" in str(caught.value)
    (tmp_path / "content" / "q1.md").write_text("# Q1\n\nIt is\n{{ x }}.\n")
    with pytest.raises(PageError, match=r"^content/q1\.md: students"):
        refuse_answers(pages, ACCEPTED, tmp_path / "content", tmp_path)


def test_pages_that_tell_nothing_pass(tmp_path: Path) -> None:
    refuse_answers({"q1.md": "Look it up."}, ACCEPTED, tmp_path, tmp_path)
