"""A page in Markdown -> what it calls itself: the words of its first heading."""

from __future__ import annotations

import re

_HEADING = re.compile(r"^(#+) +([^ \n][^\n]*)$", re.MULTILINE)


def first_heading(text: str, deepest: int = 6) -> str | None:
    """The words of the first heading; None without one.

    Args:
        deepest: the lowest level of heading that counts, 1 for the title of a page.
    """
    for found in _HEADING.finditer(text):
        if len(found[1]) <= deepest:
            line = found[2].rstrip(" \r")
            return line.rstrip("#").rstrip(" ") or line
    return None
