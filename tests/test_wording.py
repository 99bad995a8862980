"""What readers read is idiomatic: no phrase is of the kinds that the first printed handout had."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FORBIDDEN = {
    r", beside (it|them)\b": "say `compared with`",
    r"\bbelongs? into\b": "say `belong in`",
    r"\b(looks?|looked|gives?) (?!alike)[^.]{1,30}\balike\b": "say `uniformly`",
    r"\bother side of equal\b": "say `shows the opposite`",
    r"\bcounts? (above|below)\b": "say `is supported above`",
    r"\b(an|The) even (map|row)\b": "say `uniform`",
    r"\b(How|Whether|Where) [^.?!:;{}]{5,90}, the [\w ]{3,30} (say|tell|show)s?\b": "subject first",
    r"\b(How|Whether) [^.?!:;{},]{5,60} (says|tells|shows) (the|a|its)\b": "subject first",
    r"(?:^|[.!?:] |- \*{0,2})(?:On|In|From|Of|At|Above|Below|Outlined|Framed)\b[^.,;:?!{}]{0,60}? "
    r"(?:lie|lies|come|comes|stand|stands|are kept|is kept) (?:the|a|an|\d|\{\{)(?= |\{)": (
        "subject first"
    ),
}
"""The kinds, and what to write in their place."""


def _texts() -> Iterator[tuple[str, str]]:
    for folder, patterns in (
        ("content", ("**/*.md", "**/*.yml")),
        ("templates", ("*.j2",)),
        ("starter", ("*",)),
    ):
        for pattern in patterns:
            for file in sorted((ROOT / folder).glob(pattern)):
                yield str(file.relative_to(ROOT)), file.read_text(encoding="utf-8")
    for package in ("figures", "pages", "measures"):
        for file in sorted((ROOT / "generator" / package).rglob("*.py")):
            yield str(file.relative_to(ROOT)), "\n".join(_written(file))


def _written(file: Path) -> Iterator[str]:
    """The texts in a module that are no docstrings."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told:
            yield node.value


def _complaints(text: str) -> list[str]:
    joined = re.sub(r"(?<=[^\n])\n {0,6}(?=[^\n*#|{-])", " ", text)
    return [
        f"{found[0]!r}: {advice}"
        for kind, advice in FORBIDDEN.items()
        for found in re.finditer(kind, joined, re.MULTILINE)
    ]


@pytest.mark.slow
def test_no_text_has_a_phrase_of_the_forbidden_kinds() -> None:
    assert {name: told for name, text in _texts() if (told := _complaints(text))} == {}


@pytest.mark.parametrize(
    "text",
    [
        "Measured 0.9, beside it 0.4.",
        "They belong into `content`.",
        "Heads that looked everywhere alike.",
        "The whole interval lies on the other side of equal.",
        "It counts above 0.75.",
        "How evenly the weight is spread says the normalised entropy.",
        "Whether that matters, the two numbers say: 3.",
        "In an image. On the border of the grid lie {{ x }} of them.",
        "From that one forward pass come the boxes.",
        "Compare it with an even map.",
    ],
)
def test_phrases_of_the_first_handout_are_found(text: str) -> None:
    assert _complaints(text)
