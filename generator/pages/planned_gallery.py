"""The pages of the gallery: its index, all images together, each image, each comparison.

In: the settings and what a build knows. Out: a `PlannedPage` for each, in order, with the values
that it alone has; `render` makes Markdown of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from generator.pages.aggregate import FILE as TOGETHER
from generator.pages.aggregate import Aggregate
from generator.pages.comparison_values import page_with, pictures_of, values_of_picture
from generator.pages.contents import Contents
from generator.pages.figure_numbers import chapter_of_comparison, chapter_of_image
from generator.pages.printed import images_for
from generator.project.config import Output, SiteConfig
from generator.project.overlay import templates_of

IMAGES_A_PAGE = 60
_TOGETHER = "measured.md.j2"


@dataclass(frozen=True)
class PlannedPage:
    """A page before it is rendered.

    Attributes:
        file: in `docs`.
        own: values of this page alone.
        introduction: a template that is rendered first, for the page to put where it likes; or "".
    """

    file: str
    template: str
    own: Mapping[str, Any]
    introduction: str = ""


def planned_gallery(
    config: SiteConfig, contents: Contents, target: Output, chapter: str
) -> Iterator[PlannedPage]:
    """All pages of the gallery.

    Args:
        target: what the pages are for.
        chapter: the number of the index.
    """
    yield from _index(contents, target, chapter)
    # Not every course has this template.
    if contents.without_pages and templates_of(config).file(_TOGETHER).is_file():
        own = {"aggregate": Aggregate(contents), "chapter": chapter}
        yield PlannedPage(TOGETHER, _TOGETHER, own)
    yield from _images(config, contents, target)


def _index(contents: Contents, target: Output, chapter: str) -> Iterator[PlannedPage]:
    """The gallery's index: q2.md, then q2-2.md and so on; paper has one."""
    results = contents.results
    most = IMAGES_A_PAGE if target == "site" else max(len(results), 1)
    chunks = [results[start : start + most] for start in range(0, max(len(results), 1), most)]
    names = [_index_file(number) for number in range(1, len(chunks) + 1)]
    for number, chunk in enumerate(chunks, start=1):
        own = {"chunk": chunk, "number": number, "pages": names, "chapter": chapter}
        yield PlannedPage(_index_file(number), "gallery.md.j2", own, "q2.md")


def _images(config: SiteConfig, contents: Contents, target: Output) -> Iterator[PlannedPage]:
    """The page of each image, then of each comparison."""
    results, pictures = images_for(config, contents.results, target), pictures_of(contents)
    for index, result in enumerate(results):
        own = {
            "result": result,
            "previous": results[index - 1] if index else None,
            "next": results[index + 1] if index + 1 < len(results) else None,
            "gallery_file": _index_file(index // IMAGES_A_PAGE + 1),
            "chapter": chapter_of_image(result.entry.slug, contents.titles),
            "comparison": page_with(result, pictures),
        }
        yield PlannedPage(f"gallery/{result.entry.slug}.md", "image.md.j2", own)
    for number, picture in enumerate(pictures):
        own = {
            **values_of_picture(contents, picture),
            "chapter": chapter_of_comparison(number),
        }
        yield PlannedPage(f"gallery/{picture.slug}.md", "comparison.md.j2", own)


def _index_file(number: int) -> str:
    return "q2.md" if number == 1 else f"q2-{number}.md"
