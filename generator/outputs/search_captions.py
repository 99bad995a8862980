"""Lets the search say no more of an image's page than its title and caption.

In: the captions of the images, by the files of their pages. Out: a plugin of MkDocs. The
explanations are the same on every such page and stand in Q1 to Q3 as well: of a thousand images
they would be megabytes of index, which a browser loads and reads before it finds anything.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from html import escape
from typing import Any

from mkdocs.config.base import LegacyConfig
from mkdocs.plugins import BasePlugin
from mkdocs.structure.pages import Page

_SEARCH = "material/search"


class SearchCaptions(BasePlugin[LegacyConfig]):  # type: ignore[no-untyped-call]
    """Keeps the pages of images short in the search. It has to come after `KnownPages`.

    Args:
        captions: by file in `docs`, "gallery/cats.md".
    """

    def __init__(self, captions: Mapping[str, str]) -> None:
        self._captions = captions

    def on_env(self, env: Any, *, config: Any, **_: Any) -> Any:
        """As MkDocs calls it, after all pages were converted and before the first is searched."""
        search = config.plugins.get(_SEARCH)
        if search is not None:
            index = search.search_index
            index.add_entry_from_context = partial(
                self._add, index.entries, index.add_entry_from_context
            )
        return env

    def _add(self, entries: list[Any], add: Callable[[Page], None], page: Page) -> None:
        caption = self._captions.get(page.file.src_uri)
        said = page.meta.get("search") or {}
        if caption is None or not isinstance(said, Mapping):
            add(page)
        elif not said.get("exclude"):
            title, text = escape(str(page.title), quote=False), escape(caption, quote=False)
            entry = {"location": page.url, "title": title, "text": " ".join(text.split())}
            entries.append({**entry, "boost": said["boost"]} if "boost" in said else entry)
