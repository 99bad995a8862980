"""Answers are found in what students get, however they are written."""

from __future__ import annotations

import json

import pytest

from generator.exercises.leaks import given_away

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


def test_answers_of_a_few_characters_are_not_looked_for() -> None:
    assert not list(given_away("4 of them", {"four": ("4",)}))
