"""A limit of time for Markdown, page by page, and the line that takes so long.

In: a page and what converts it. Out: nothing, or a `PageError` with file and line. What is known to
take long `pages.structure` refuses beforehand; this is for the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from mkdocs.config.base import LegacyConfig
from mkdocs.plugins import BasePlugin

from generator.errors import PageError
from generator.files.time_limit import TimeIsUp, at_most

PAGE_S, BLOCK_S = 60, 2
"""Seconds of a processor for a page, and for one of its blocks that is tried alone."""
GONE_TOO_FAR = (TimeIsUp, RecursionError, MemoryError)

Place = Callable[[str, str], str]
"""From a page's file and a piece of its text to "content/q1.md:12"."""
Convert = Callable[[str], object]


@contextmanager
def limited(file: str, text: str, convert: Convert, place: Place) -> Iterator[None]:
    """While open, a page is converted.

    Raises:
        PageError: it takes too long or goes too deep.
    """
    try:
        with at_most(PAGE_S):
            yield
    except GONE_TOO_FAR as error:
        raise page_error(error, file, text, convert, place) from None


def page_error(
    error: BaseException, file: str, text: str, convert: Convert, place: Place
) -> PageError:
    """The error, with the place of what takes so long, as far as that can be told."""
    why = {
        TimeIsUp: f"Markdown was not done with this page after {PAGE_S} seconds",
        MemoryError: "Markdown asks for too much memory here",
        RecursionError: "this goes too deep for Markdown",
    }[type(error)]
    return PageError(f"{place(file, _slow_block(text, convert)[:200])}: {why}")


def _slow_block(text: str, convert: Convert) -> str:
    """The first line of the block that takes too long alone, else of the longest one."""
    blocks = [block for block in text.split("\n\n") if block.strip()]
    for block in blocks:
        try:
            with at_most(BLOCK_S):
                convert(block)
        except GONE_TOO_FAR:
            return _first_line(block)
    return _first_line(max(blocks, key=len, default=""))


def _first_line(block: str) -> str:
    return block.strip().partition("\n")[0]


class PageLimit(BasePlugin[LegacyConfig]):  # type: ignore[no-untyped-call]
    """Gives each page of MkDocs its time.

    Attributes:
        file, text: of the page that is converted now.
    """

    def __init__(self) -> None:
        self.file = self.text = ""
        self._open = ExitStack()

    def on_page_markdown(self, text: str, *, page: Any, **_: Any) -> str:
        """As MkDocs calls it, before a page is converted."""
        self.file, self.text = page.file.src_uri, text
        self._open.enter_context(at_most(PAGE_S))
        return text

    def on_page_content(self, html: str, **_: Any) -> str:
        """As MkDocs calls it, after that."""
        self._open.close()
        return html

    def close(self) -> None:
        """Ends a limit that still holds."""
        self._open.close()
