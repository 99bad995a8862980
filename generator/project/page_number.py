"""`pages:` of site_config.yml: how many images get a page of their own.

In: what was written. Out: "all", a number, or 0 for `none`.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator

from generator.project.fields import unexpected

ALL: Literal["all"] = "all"
MOST_PAGES = 10_000
"""Beyond that MkDocs takes hours, and nobody reads on."""


def _number(value: object) -> object:
    if value == ALL:
        return ALL
    if value == "none":
        return 0
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST_PAGES:
        return value
    phrase = f"`all`, `none` or a whole number of images, at most {MOST_PAGES}"
    raise unexpected(phrase, names=(ALL, "none"))


PageNumber = Annotated[int | Literal["all"], BeforeValidator(_number)]
