"""The pages as Markdown made them for the last site: what has not changed is not converted again.

In: a file that keeps them, and a key of whatever all pages depend on. Out: a plugin of MkDocs. A
page's HTML depends on its text and on the names of the files that it may link to; what the search
says of it depends on its HTML, address and title. Links and anchors are checked as ever.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from mkdocs.config.base import LegacyConfig
from mkdocs.plugins import BasePlugin
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page
from mkdocs.structure.toc import AnchorLink, TableOfContents

from generator.files.fingerprint import digest_of
from generator.files.sealed import read_sealed, write_sealed

_SEARCH = "material/search"


class KnownPages(BasePlugin[LegacyConfig]):  # type: ignore[no-untyped-call]
    """Gives MkDocs the pages that it made before. It has to be the last of the plugins.

    Args:
        file: keeps them.
        key: names settings and versions.
    """

    def __init__(self, file: Path, key: str) -> None:
        self._file, self._key = file, key
        self._before = _read(file)
        self._now: dict[str, Any] = {}

    def on_files(self, files: Files, **_: Any) -> Files:
        """As MkDocs calls it; what a link is told depends on the files that there are."""
        self._key = digest_of([self._key, sorted(file.src_uri for file in files)])
        return files

    def on_page_markdown(self, text: str, *, page: Page, **_: Any) -> str:
        """As MkDocs calls it, before a page is converted."""
        page.render = partial(self._render, page, text)  # type: ignore[method-assign]
        return text

    def on_env(self, env: Any, *, config: Any, **_: Any) -> Any:
        """As MkDocs calls it, after all pages were converted and before the first is searched."""
        search = config.plugins.get(_SEARCH)
        if search is not None:
            index = search.search_index
            index.add_entry_from_context = partial(
                self._add_to_search, index.entries, index.add_entry_from_context
            )
        return env

    def save(self) -> None:
        """Keeps the pages for the next site; only to be called when MkDocs had no complaint."""
        text = json.dumps(self._now, ensure_ascii=False, separators=(",", ":"))
        write_sealed(self._file, text.encode())

    def _render(self, page: Page, text: str, config: Any, files: Files) -> None:
        key = digest_of([self._key, page.file.src_uri, text])
        known = self._before.get(f"html {key}")
        if known is None:
            known = _converted(page, config, files)
        else:
            _fill(page, known, files)
        self._now[f"html {key}"] = known

    def _add_to_search(self, entries: list[Any], add: Callable[[Page], None], page: Page) -> None:
        said = [page.content, page.url, page.title, repr(page.meta)]  # which may hold dates
        key = digest_of([self._key, said])
        known = self._before.get(f"search {key}")
        if known is None:
            count = len(entries)
            add(page)
            known = entries[count:]
        else:
            entries += known
        self._now[f"search {key}"] = known


def _converted(page: Page, config: Any, files: Files) -> dict[str, Any]:
    """Lets MkDocs convert a page, and tells all that it then knows of it."""
    Page.render(page, config, files)
    links = page.links_to_anchors or {}
    return {
        "content": page.content,
        "toc": [_entry(one) for one in page.toc],
        "title": page._title_from_render,
        "anchors": sorted(page.present_anchor_ids or ()),
        "links": {file.src_uri: anchors for file, anchors in links.items()},
    }


def _fill(page: Page, known: dict[str, Any], files: Files) -> None:
    """Makes a page what it was when it was converted."""
    page.content = known["content"]
    page.toc = TableOfContents([_link(one) for one in known["toc"]])
    for first in page.toc.items[:1]:
        first.active = True  # type: ignore[attr-defined]
    page._title_from_render = known["title"]
    page.present_anchor_ids = set(known["anchors"])
    links = {files.get_file_from_path(name): found for name, found in known["links"].items()}
    page.links_to_anchors = {file: found for file, found in links.items() if file is not None}


def _entry(link: AnchorLink) -> list[Any]:
    return [link.title, link.id, link.level, [_entry(one) for one in link.children]]


def _link(entry: list[Any]) -> AnchorLink:
    title, name, level, children = entry
    link = AnchorLink(title, name, level)
    link.children = [_link(one) for one in children]
    return link


def _read(file: Path) -> dict[str, Any]:
    try:
        value = json.loads(read_sealed(file))
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}
