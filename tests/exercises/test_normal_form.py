"""Spellings that count as the same, and spellings that do not."""

from __future__ import annotations

import pytest

from generator.exercises.normal_form import is_balanced, normal_form, without_comments


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("hidden_dim // 2", "hidden_dim//2"),
        ("f(a, b)", " f( a,b , )  # said why"),
        ('x["a"]', "x['a']"),
        ("x['a']", "x[\u2018a\u2019]"),
        ("f(\n    a,\n    b,\n)", "f(a, b)"),
        ("a + \\\n b", "a + b"),
        ("f(a,\u00a0b)\u200b", "f(a, b)"),
        ("# only\na  # a\nb", "a\nb"),
    ],
)
def test_one_spelling(one: str, other: str) -> None:
    assert normal_form(one) == normal_form(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("f(a, b)", "f(b, a)"), ("a - b", "a + b"), ("Linear", "linear"), ("'#a'", "'#b'")],
)
def test_two_spellings(one: str, other: str) -> None:
    assert normal_form(one) != normal_form(other)


def test_a_comment_begins_outside_of_texts() -> None:
    assert without_comments("f('#', \"a'#\")  # it's '") == "f('#', \"a'#\")  "
    assert without_comments(r"'\'#'#") == r"'\'#'"
    assert without_comments("it's # kept to the end of its line\nb # c") == (
        "it's # kept to the end of its line\nb "
    )


@pytest.mark.parametrize("code", ["f(a[1])", "a", "'('", "f()  # (", ""])
def test_balanced(code: str) -> None:
    assert is_balanced(code)


@pytest.mark.parametrize("code", ["f(", "f)(", "(]", "a \\"])
def test_not_balanced(code: str) -> None:
    assert not is_balanced(code)
