"""Between which pages each page of the gallery lies, for engines that have no plugins of ours.

In: the folder of the pages, and those of the images in order. Out: `Neighbours` by file. None is
the page of the menu before or after: Q2, or what follows it.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from generator.pages.aggregate import FILE as TOGETHER


@dataclass(frozen=True)
class Neighbours:
    """The files of the pages before and after one; None where the menu says which."""

    previous: str | None
    next: str | None


def gallery_order(docs: Path, images: Sequence[str]) -> Mapping[str, Neighbours]:
    """The neighbours of each page below Q2, as `gallery_menu` has them."""
    _, *more = gallery_indexes(docs)
    return {**_chain(images), **_chain(more)}


def gallery_indexes(docs: Path) -> list[str]:
    """The files of the gallery's index, in order, and last that of all images together."""
    names = [path.name for path in docs.glob("q2*.md")]
    further = [name for name in names if name.removeprefix("q2-")[:-3].isdecimal()]
    last = [TOGETHER] if TOGETHER in names else []
    return ["q2.md", *sorted(further, key=lambda name: int(name[3:-3])), *last]


def _chain(names: Sequence[str]) -> dict[str, Neighbours]:
    ends = [None, *names, None]
    triples = zip(ends, ends[1:], itertools.islice(ends, 2, None), strict=False)
    return {one: Neighbours(before, after) for before, one, after in triples if one is not None}
