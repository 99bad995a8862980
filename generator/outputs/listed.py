"""Which files of `docs/` a site may publish: those that this build lists, and no others.

In: the contents of the pages, and the list of what was rendered. Out: names. `only_listed` makes
MkDocs pass over everything else, whatever lies in `docs/`.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping, Set
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

from generator.files.folders import ATTENTION, PICTURES, BuildFolder
from generator.files.walk import names_below
from generator.pages.contents import Contents

_DRAWN = (*PICTURES, ATTENTION)
"""The folders of `docs` in which files of images lie that are not built now, for a later build."""


_NO_PICTURES = (
    "measures", "cards", "titles", "comparisons", "statuses", "without_pages", "chosen",
)  # fmt: skip
"""What contents hold besides pictures; numbers are not even loaded."""
_LEAVES = (str, int, float, bool, type(None))
"""Most of what is looked through, and soon passed over."""


def listed_files(folder: BuildFolder, contents: Contents) -> frozenset[str]:
    """The names in `docs` of this build's pages, downloads, assets, scripts and pictures."""
    pages = json.loads(folder.pages_listing.read_text(encoding="utf-8"))
    live = {path.relative_to(folder.docs).as_posix() for path in folder.live.glob("*")}
    return frozenset(pages) | pictures_of(contents) | live


def pictures_of(contents: Contents) -> frozenset[str]:
    """The names in `docs` of everything that was drawn for these pages."""
    shown = (one.name for one in fields(contents) if one.name not in _NO_PICTURES)
    found: set[str] = set()
    for name in shown:
        _add_paths(getattr(contents, name), found)
    return frozenset(found)


def remove_unlisted(docs: Path, listed: Set[str]) -> None:
    """Removes what no build of this program lists; drawn pictures of other entries stay."""
    for name in names_below(docs):
        if name not in listed and name.partition("/")[0] not in _DRAWN:
            (docs / name).unlink()


def _add_paths(value: Any, found: set[str]) -> None:
    """Adds every `path` in records, mappings and sequences."""
    kind: Any = type(value)
    if kind in _LEAVES:
        return
    if names := _names(kind):
        for name in names:
            inner = getattr(value, name)
            if name == "path" and isinstance(inner, str):
                found.add(inner)
            else:
                _add_paths(inner, found)
    elif isinstance(value, Mapping):
        for inner in value.values():
            _add_paths(inner, found)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            _add_paths(inner, found)


@functools.cache
def _names(kind: Any) -> tuple[str, ...]:
    """The fields of a record; of any other type none."""
    return tuple(one.name for one in fields(kind)) if is_dataclass(kind) else ()
