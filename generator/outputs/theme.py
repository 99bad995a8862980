"""The theme's own files, which no author has written.

In: a name in a site. Out: the bytes of Material's file of that name, if there is one.
"""

from __future__ import annotations

import functools
from importlib.util import find_spec
from pathlib import Path


def of_the_theme(name: str) -> bytes | None:
    """The theme's own file of this name."""
    theme = _theme()
    file = None if theme is None else theme / name
    return file.read_bytes() if file is not None and file.is_file() else None


@functools.cache
def _theme() -> Path | None:
    spec = find_spec("material")
    places = list(spec.submodule_search_locations or ()) if spec else []
    return Path(places[0]) / "templates" if places else None
