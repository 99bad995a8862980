"""What a misspelt name was probably meant to be.

In: a wrong name and the valid names. Out: the nearest valid name, or words that suggest it.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def nearest(name: str, names: Iterable[str]) -> str | None:
    """The valid name that looks most like a wrong one, if any does."""
    by_lower = {valid.lower(): valid for valid in names}
    wrong = name.lower().replace("-", "_").replace(" ", "_")
    close = [
        *difflib.get_close_matches(wrong, by_lower, n=1, cutoff=0.7),
        *difflib.get_close_matches(name.lower(), by_lower, n=1, cutoff=0.7),
    ]
    return by_lower[close[0]] if close else None


def did_you_mean(name: str, names: Iterable[str]) -> str:
    """The end of a sentence that suggests the nearest name; empty if no name is near."""
    guess = nearest(name, names)
    return f"; did you mean `{guess}`?" if guess else ""
