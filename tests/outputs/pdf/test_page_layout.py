"""Pages as a reader sees them: well filled, and nothing parted that belongs together."""

from __future__ import annotations

import io
import json
import random
import re
from pathlib import Path

import numpy as np
import pytest
import typst
from PIL import Image

from tests.outputs.pdf.test_typesetting import FIGURE
from tests.outputs.pdf.test_units import CHAPTER, TABLE, TOGETHER, Handout

QUESTION = (
    '<div class="admonition question"><div class="admonition-title">T</div>{}'
    '<div class="answer-lines" data-lines="{}"></div></div>'
)
_TOP, _BOTTOM, _HIGH = 26, 24, 297
_INK = 200
"""A pixel darker than this is printed."""


def words(count: int, ends: str = "") -> str:
    return f"<p>{'word ' * count}{ends}</p>"


def marked(name: str, number: int) -> str:
    """A word that `positions` finds again."""
    return f"X{name}{number}X"


def a_chapter(seed: int) -> str:
    """A chapter of all kinds of blocks in a random order, whose pairs are marked."""
    draw = random.Random(seed)
    html = CHAPTER
    for number in range(24):
        first, second = marked("A", number), marked("B", number)
        rows = f"<tr><td>{second}</td></tr>" + "<tr><td>c</td></tr>" * draw.choice([3, 8, 20])
        html += draw.choice(
            [
                f"<h2>{first}</h2>{words(draw.randrange(20, 200), second)}",
                f"<h2>A heading</h2>{words(12, first)}{TABLE.format(rows)}",
                words(draw.randrange(20, 300)),
                FIGURE,
                TOGETHER.format(FIGURE + QUESTION.format(words(20, first), 5) + words(5, second)),
                QUESTION.format(words(20, first), 6) + words(5),
                f"<dl><dt>{first}</dt><dd>{second} {'word ' * 40}</dd></dl>",
            ]
        )
    return html


def positions(source: str, folder: Path) -> dict[str, tuple[int, float]]:
    """Page and place, in millimetres from its top, of each marked word."""
    found = re.findall(r"X([AB]\d+)X", source)
    text = re.sub(r"X([AB]\d+)X", r"word#[#metadata(none) <at\1>]", source)
    rows = ", ".join(f"{name}: query(<at{name}>).first().location().position()" for name in found)
    probe = (
        f"\n#context [#metadata(({rows}).pairs().map(it => "
        "(it.first(), it.last().page, it.last().y.mm()))) <probe>]"
    )
    compiler = typst.Compiler((text + probe).encode(), root=folder, ignore_system_fonts=True)
    answers = json.loads(compiler.query("<probe>", field="value", one=True))
    return {name: (int(page), float(place)) for name, page, place in answers}


def filled(page: bytes) -> float:
    """How far down the text's area the last ink is, from 0 to 1."""
    pixels = np.asarray(Image.open(io.BytesIO(page)).convert("L"))
    top, bottom = (round(len(pixels) * edge / _HIGH) for edge in (_TOP, _HIGH - _BOTTOM))
    inked = np.flatnonzero((pixels[top:bottom] < _INK).any(axis=1))
    return float((inked[-1] + 1) / (bottom - top)) if len(inked) else 0.0


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_pages_are_filled_and_pairs_are_not_parted(seed: int, tmp_path: Path) -> None:
    handout = Handout(a_chapter(seed), tmp_path)
    at = positions(handout.source, tmp_path)
    pairs = [name for name in at if name[0] == "A" and f"B{name[1:]}" in at]
    assert len(pairs) > 6
    parted = {name: (at[name], at[f"B{name[1:]}"]) for name in pairs}
    # A text may go on overleaf, but its heading does not stand without two lines of it.
    assert [
        name
        for name, (one, other) in parted.items()
        if one[0] != other[0] and one[1] > _HIGH - _BOTTOM - 20
    ] == []
    together = [name for name in pairs if f"X{name}X" not in re.findall(r"=+ (.*)", handout.source)]
    assert [name for name in together if parted[name][0][0] != parted[name][1][0]] == []
    compiler = typst.Compiler(handout.source.encode(), root=tmp_path, ignore_system_fonts=True)
    pages = compiler.compile(format="png", ppi=30)
    assert isinstance(pages, list)
    text = pages[2:-1]  # without title, contents, and the chapter's last page
    assert len(text) > 4
    shares = sorted(round(filled(page), 2) for page in text)
    # A question and its figure take most of a page, so the page before may end early, once.
    assert shares[0] > 0.25
    assert shares[1] > 0.5
    assert sum(shares) / len(shares) > 0.8
