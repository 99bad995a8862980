"""The colours of the site: what is read has contrast enough, in both schemes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOOK = (ROOT / "templates/assets/look.css").read_text(encoding="utf-8")
SCHEMES = ("default", "slate")
AA = 4.5


def colours_of(scheme: str) -> dict[str, str]:
    """The custom properties of a scheme that are plain colours."""
    blocks = re.findall(rf'\[data-md-color-scheme="{scheme}"\]\S* {{(.*?)}}', LOOK, re.DOTALL)
    found = dict(re.findall(r"(--[\w-]+): (#[0-9a-f]+);", "".join(blocks)))
    return {"--md-default-bg-color": "#ffffff", **found}


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(one * 2 for one in colour[1:])
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("ground", ["--md-default-bg-color", "--tint", "--md-code-bg-color"])
def test_words_can_be_read_on_each_ground(scheme: str, ground: str) -> None:
    colours = colours_of(scheme)
    words = ("--ink", "--blue", "--purple", "--gold-deep", "--md-default-fg-color",
             "--md-default-fg-color--light")  # fmt: skip
    measured = {word: contrast(colours[word], colours[ground]) for word in words}
    assert {word: value for word, value in measured.items() if value < AA} == {}


@pytest.mark.parametrize("scheme", SCHEMES)
def test_pages_name_no_font_that_would_have_to_be_loaded(scheme: str) -> None:
    assert "@font-face" not in LOOK
    assert "url(" not in LOOK
    assert contrast(colours_of(scheme)["--gold"], "#1b2545") >= 3  # the mark of the active tab


def test_the_page_for_wrong_addresses_has_the_same_colours() -> None:
    page = (ROOT / "templates/404.html.j2").read_text(encoding="utf-8")
    for scheme in SCHEMES:
        assert colours_of(scheme)["--blue"] in page
        assert colours_of(scheme)["--ink"] in page
