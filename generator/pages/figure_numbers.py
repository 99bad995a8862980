"""The numbers of figures, "3.2" or "2.5.1": the same on the site and in print.

In: the pages of a site, and the images of the gallery. Out: what stands before the last point, and,
for the figures of an image, what stands behind it. The figures of other pages are counted by the
macro `figure`.
"""

from __future__ import annotations

import string
from collections.abc import Iterable, Mapping

from generator.pages.contents import ImageResult

_FIXED = {"index": "0", "q1": "1", "q2": "2", "q3": "3"}
_LAST = "about"
_ORDER = (
    "detections",
    "matching",
    "overlay",
    "decoder",
    "query_heads",
    "what_and_where",
    "query_points",
    "rollout",
    "knock_out",
    "ablation",
    "deletion",
    "relevance",
    "shuffled",
    "encoder_points",
    "encoder_row",
    "encoder_column",
    "point_heads",
    "sinks",
)
"""Of the figures on the page of an image, `templates/image.md.j2`; others have the next numbers."""
_OF_DETECTIONS = ("rollout",)
"""Those of them that are shown only where something was found."""


def chapters(added: Iterable[str]) -> dict[str, str]:
    """What stands before the point, by the name of a page.

    Args:
        added: the names of the pages that an author added; they have letters, as the PDF's last
            chapters do.
    """
    others = [*sorted(added, key=lambda name: f"{name}.md"), _LAST]  # as the menu has them
    return _FIXED | {name: _letters(index) for index, name in enumerate(others)}


def chapter_of_image(slug: str, titles: Mapping[str, str]) -> str:
    """What stands before the last point on the page of an image: its place in the gallery.

    Args:
        titles: of every entry of the gallery, built or not, by slug.
    """
    slugs = list(titles)
    return f"{_FIXED['q2']}.{slugs.index(slug) + 1 if slug in titles else 1}"


def chapter_of_comparison(index: int) -> str:
    """What stands before the last point on the page of a comparison, counted from 0: "2.A"."""
    return f"{_FIXED['q2']}.{_letters(index)}"


def image_figure_numbers(result: ImageResult) -> dict[str, int]:
    """What stands behind it, by the id of a figure; that of a figure paper lacks stays free."""
    is_empty = not len(result.detections)
    names = [name for name in _ORDER if name in result.figures]
    names += [name for name in result.figures if name not in _ORDER]
    shown = [name for name in names if not (is_empty and name in _OF_DETECTIONS)]
    return {name.replace("_", "-"): number for number, name in enumerate(shown, start=1)}


def _letters(index: int) -> str:
    """A to Z, then AA and so on."""
    before, letter = divmod(index, 26)
    return (_letters(before - 1) if before else "") + string.ascii_uppercase[letter]
