"""The kinds of values that an image of `gallery.yml` has, and what is said where one is wrong.

In: values as YAML has them. Out: types for pydantic, which turn them into what the program uses.
"""

from __future__ import annotations

import re
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, Strict

from generator.project.fields import MOST_CAPTION, at_most, expects, quotes_needed, unexpected
from generator.project.slugs import LONGEST_SLUG, slugify


def _checked_address(text: str) -> str:
    parts = urlsplit(text)
    is_web = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    if not is_web or re.search(r'[\s\\<>"]', text):
        raise ValueError
    return text


def _address_meant(value: object) -> str:
    if not isinstance(value, str):
        return quotes_needed(value)
    if "://" not in value:
        return "; begin it with `https://`, or write `file:` for a file of the project"
    return "; write %20 for a space" if re.search(r"\S \S", value) else ""


def _slug_meant(value: object) -> str:
    slug = slugify(value) if isinstance(value, str) else ""
    return f"; write `{slug}`" if slug else quotes_needed(value)


def _hash_length(value: object) -> str:
    if not isinstance(value, str):
        return quotes_needed(value)
    return "" if len(value) == 64 else f", which has {len(value)}"


def _in_pixels(value: object) -> str:
    pixels = isinstance(value, list) and any(isinstance(v, int | float) and v > 1 for v in value)
    return "; divide pixels by the image's width and height" if pixels else ""


def _auto_or_pairs(value: object) -> object:
    if value is None or value == "auto":
        return None
    note = ""
    if isinstance(value, list | tuple) and value:
        if not all(isinstance(number, int | float) for number in value):
            return value
        note = "; put each pair in brackets of its own"
    raise unexpected("`auto` or a list of pairs such as `[[0.5, 0.25]]`", note, ("auto",))


Text = Annotated[
    str,
    Strict(),
    AfterValidator(str.strip),
    expects("text", quotes_needed),
    at_most(MOST_CAPTION),
]
Slug = Annotated[
    str,
    Strict(),
    Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=LONGEST_SLUG),
    expects(f"at most {LONGEST_SLUG} small letters a-z, digits and single hyphens", _slug_meant),
]
Address = Annotated[
    str,
    Strict(),
    AfterValidator(_checked_address),
    expects("a web address such as `https://example.org/cats.jpg`", _address_meant),
]
Hash = Annotated[
    str,
    Strict(),
    Field(pattern=r"^[0-9A-Fa-f]{64}$"),
    AfterValidator(str.lower),
    expects("the 64 digits (0-9, a-f) of a SHA-256 hash", _hash_length),
]
Fraction = Annotated[float, Strict(), Field(ge=0, le=1)]
Pair = Annotated[
    tuple[Fraction, Fraction],
    expects("a pair [x, y] of fractions of width and height from 0 to 1", _in_pixels),
]
Points = Annotated[tuple[Pair, ...] | None, BeforeValidator(_auto_or_pairs)]
