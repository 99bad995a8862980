"""The theme's own files, which no author has written.

In: a name and its bytes in a site. Out: whether they are a theme's own file of that name.
"""

from __future__ import annotations

import functools
from importlib.util import find_spec
from pathlib import Path

_THEMES = ("material", "zensical")
"""The packages; both have their files in `templates`."""


def is_of_the_theme(name: str, content: bytes) -> bool:
    """Whether this is the file that Material or Zensical brings, unchanged."""
    return any(file.read_bytes() == content for file in theme_files(name))


def theme_files(name: str) -> list[Path]:
    """The themes' own files of that name."""
    return [file for file in (theme / name for theme in _themes()) if file.is_file()]


@functools.cache
def _themes() -> tuple[Path, ...]:
    specs = [find_spec(name) for name in _THEMES]
    places = [place for spec in specs if spec for place in spec.submodule_search_locations or ()]
    return tuple(Path(place) / "templates" for place in places)
