"""The words of figures and alt texts: labels, numbers and places, in characters that can be drawn.

In: raw labels, scores, weights and positions. Out: short strings. It draws nothing.
"""

from __future__ import annotations

import math
import unicodedata
from functools import cache
from typing import TYPE_CHECKING

from matplotlib.font_manager import FontProperties, findfont, get_font

from generator.figures.style import FONT

if TYPE_CHECKING:
    from generator.inference.forward_pass import ForwardPass


def printable(text: str, most: int = 28) -> str:
    """The text in one line, in characters that the font has, cut to `most` characters.

    A missing glyph would raise a warning when the figure is drawn; it becomes a hollow square.
    """
    line = " ".join(unicodedata.normalize("NFC", text).split())
    drawn = "".join(map(_drawn, line))
    return drawn if len(drawn) <= most else drawn[: most - 1].rstrip() + "…"


def _drawn(character: str) -> str:
    category = unicodedata.category(character)
    if category in ("Cc", "Cf", "Cs"):  # controls, joiners, lone surrogates
        return ""
    if _has_glyph(character):
        return character
    return "" if category == "Mn" else "□"  # an accent gets no square


@cache
def _has_glyph(character: str) -> bool:
    font = get_font(findfont(FontProperties(family=FONT)))
    return bool(font.get_char_index(ord(character)))


def percent(score: float) -> str:
    """A score in whole per cent, rounded down: 0.996 is "99 %", and only 1 is "100 %"."""
    return f"{math.floor(score * 100 + 1e-9)} %"


def limit(threshold: float) -> str:
    """A threshold in per cent, as precise as it was given: "90 %", "99.5 %"."""
    return f"{threshold * 100:g} %"


def share(weight: float) -> str:
    """An attention weight in per cent with two digits: "4.2 %" or "0.031 %"."""
    value = weight * 100
    if value >= 9.95:
        return f"{value:.0f} %"
    if 0 < value < 0.001:
        return "< 0.001 %"
    return f"{value:.2g} %" if value < 0.995 else f"{value:.1f} %"


def labelled(label: str, score: float, most: int = 28) -> str:
    """A label and its score: "cat 99 %"; only the label is cut to `most` characters."""
    return f"{printable(label, most)} {percent(score)}"


def spoken(label: str, score: float) -> str:
    """A label and its score for an alt text, which may have any character of UTF-8."""
    line = " ".join(label.encode("utf-8", "ignore").decode("utf-8").split())
    return f"{line} {percent(score)}"


_ATTENTIONS = {
    "encoder_self": ("Encoder self-attention", "Attention among patches"),
    "decoder_self": ("Decoder self-attention", "Attention among detection tokens"),
    "decoder_cross": ("Decoder cross-attention", "Attention of detection tokens to patches"),
}
"""What an attention is called; second, in a model with one stack for all tokens."""


def attention_name(stack: str, forward: ForwardPass) -> str:
    """What an attention is called in a model, with a capital letter."""
    return _ATTENTIONS[stack][forward.joint is not None]


def layer_and_head(layer: int, layers: int, head: int | None, heads: int) -> str:
    """Which of the maps is drawn: "layer 6 of 6, mean of 8 heads"."""
    which = f"mean of {heads} heads" if head is None else f"head {head % heads + 1} of {heads}"
    return f"layer {layer % layers + 1} of {layers}, {which}"


def place(x: float, y: float) -> str:
    """Where a point of the image is, by thirds: "the top left", "the centre".

    Args:
        x: fraction of the image's width.
        y: fraction of the image's height.
    """
    column = "left" if x < 1 / 3 else "right" if x > 2 / 3 else ""
    row = "top" if y < 1 / 3 else "bottom" if y > 2 / 3 else ""
    words = f"{row} {column}".strip()
    return f"the {words or 'centre'}"


def enumerated(items: list[str], most: int = 10) -> str:
    """The items, separated by semicolons; those after `most` are only counted."""
    rest = len(items) - most
    shown = items if rest <= 1 else [*items[:most], f"and {rest} more"]
    return "; ".join(shown)
