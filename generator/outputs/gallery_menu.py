"""Puts the pages of images below Q2: in the menu, and between Q2 and Q3 for whoever reads on.

In: the files of these pages, in order. Out: a plugin of MkDocs. The whole gallery in the
menu of every page would be megabytes: the menu of an image has that image alone, other pages none.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

from mkdocs.config.base import LegacyConfig
from mkdocs.plugins import BasePlugin
from mkdocs.structure.files import Files
from mkdocs.structure.nav import Navigation, Section
from mkdocs.structure.pages import Page


class GalleryMenu(BasePlugin[LegacyConfig]):  # type: ignore[no-untyped-call]
    """Gives the pages of images their place.

    Args:
        indexes: the files of the gallery's index, "q2.md", "q2-2.md" and so on, as
            `gallery_indexes` has them.
        images: the files of the images.
    """

    def __init__(self, indexes: Sequence[str], images: Sequence[str]) -> None:
        self._indexes, self._images = indexes, images
        self._below = {*indexes[1:], *images}

    def on_env(self, env: Any, *, files: Files, **_: Any) -> Any:
        """As MkDocs calls it, once it knows all pages and their order."""
        indexes, images = self._pages(files, self._indexes), self._pages(files, self._images)
        if not indexes:  # somebody else's pages
            return env
        index, *more = indexes
        after = index.next_page
        for earlier, later in itertools.pairwise([index, *images, *([after] if after else [])]):
            earlier.next_page, later.previous_page = later, earlier
        for earlier, later in itertools.pairwise([index, *more]):
            later.previous_page = earlier
            if earlier is not index:
                earlier.next_page = later
        if more:
            more[-1].next_page = after
        return env

    def on_page_context(self, context: Any, *, page: Page, nav: Navigation, **_: Any) -> Any:
        """As MkDocs calls it, with what a page's template is given."""
        if page.file.src_uri in self._below:
            items = [self._with_section(item, page) for item in nav.items]
            context["nav"] = Navigation(items, nav.pages)
        return context

    def _with_section(self, item: Any, page: Page) -> Any:
        """Q2 with a page below it; every other item of the menu as it is."""
        if not (isinstance(item, Page) and item.file.src_uri == self._indexes[0]):
            return item
        section = Section(str(item.title), [item, page])
        section.active = True
        return section

    @staticmethod
    def _pages(files: Files, names: Sequence[str]) -> list[Page]:
        found = (files.get_file_from_path(name) for name in names)
        return [file.page for file in found if file is not None and file.page is not None]
