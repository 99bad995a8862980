"""Chapters in HTML -> one document for pandoc, or everything in it that print cannot show.

In: chapters. Out: HTML whose ids are unique and whose links work across all chapters, the
pictures that it shows and the text to be typeset. Links that lead nowhere and elements that
cannot be printed are reported with file and line; nothing is dropped silently.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from generator.errors import PageError
from generator.outputs.pdf.chapters import Chapter
from generator.outputs.pdf.left_out import ONLY_SITE, LeftOut
from generator.outputs.pdf.page_reader import NO_ALT, PageReader
from generator.project.source_lines import has_line

Place = Callable[[str, str], str]
"""From a page's file and a piece of its text to "content/q1.md:12"."""

_TOP = re.compile(r"<h1\b[^>]*?\bid=\"([^\"]+)\"")


@dataclass(frozen=True)
class Hypertext:
    """The content of all chapters.

    Attributes:
        chapters: HTML for pandoc, one text per chapter.
        pictures: path in `docs` of each picture, with the file of the page that shows it.
        texts: (file, text) of every piece of text that is typeset, formulas as TeX.
    """

    chapters: tuple[str, ...]
    pictures: dict[str, str]
    texts: tuple[tuple[str, str], ...]


def joined(chapters: Sequence[Chapter], place: Place, left_out: LeftOut = ONLY_SITE) -> Hypertext:
    """Joins the chapters.

    Args:
        left_out: the pages that only the site has, and its address.

    Raises:
        PageError: one line for each link that leads nowhere and each element that cannot be
            printed, with file and line.
    """
    tops = {chapter.file: _top(chapter) for chapter in chapters}
    left_out = left_out.with_parts_of(chapters)
    pages = [PageReader(chapter, tops, left_out) for chapter in chapters]
    targets = set().union(*(page.targets for page in pages))
    problems = [(page.file, *problem) for page in pages for problem in page.problems]
    problems += [
        (page.file, href, f"the link to `{href}` leads to nothing in the handout")
        for page in pages
        for target, href in page.links
        if target not in targets
    ]
    if problems:
        lines = [f"{_place_of(file, text, place)}: {problem}" for file, text, problem in problems]
        raise PageError("\n".join(dict.fromkeys(lines)))
    pictures: dict[str, str] = {}
    for page in pages:
        pictures |= {path: page.file for path in page.pictures if path not in pictures}
    return Hypertext(
        chapters=tuple("".join(page.output) for page in pages),
        pictures=pictures,
        texts=tuple((page.file, text) for page in pages for text in page.texts),
    )


def _place_of(file: str, text: str, place: Place) -> str:
    """The place of a text; for a picture without alt text, that of its Markdown or address."""
    found = place(file, text)
    return found if has_line(found) else place(file, text.removeprefix(NO_ALT))


def _top(chapter: Chapter) -> str:
    """The id of a chapter's first heading, the target of links to the page; "" without one."""
    found = _TOP.search(chapter.html)
    return html.unescape(found[1]) if found else ""
