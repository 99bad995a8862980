"""What a site names and does not have: pages, anchors and pictures.

In: the folder of a site. Out: every link that leads nowhere. MkDocs finds such links in Markdown
by itself; Zensical knows no anchor that is written in HTML, and misses no picture.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path, PurePosixPath
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from generator.files.folders import NOT_FOUND
from generator.files.walk import names_below
from generator.outputs.mkdocs_run import Place
from generator.project.source_lines import has_line

_NAMES = {
    "a": ("href",), "img": ("src", "srcset"), "source": ("src", "srcset"), "script": ("src",),
    "link": ("href",), "iframe": ("src",), "video": ("src", "poster"), "audio": ("src",),
    "image": ("href", "xlink:href"), "use": ("href", "xlink:href"), "object": ("data",),
}  # fmt: skip
"""Attributes that name a file, by the name of their element."""
_PICTURES = ("img", "source", "image")
_LOADED = ("stylesheet", "icon", "preload")
"""Of elements `link`, those that load something."""
_LATER = frozenset(("download", "data-query"))
"""Attributes of links to what comes later: files of `downloads`, and places that a script finds."""
_WIDTH = re.compile(r"\s+\S+$")


class Broken(NamedTuple):
    """A link that leads nowhere.

    Attributes:
        page: the file in the site.
        address: as the page writes it.
        is_picture: whether it is a picture.
        is_anchor: whether the file is there, and has no such anchor.
    """

    page: str
    address: str
    is_picture: bool
    is_anchor: bool


def broken_links(site: Path) -> list[Broken]:
    """Every link and picture of every page that is not there, in order."""
    files = set(names_below(site))
    pages = {name: _read(site / name) for name in sorted(files) if name.endswith(".html")}
    found = [
        one
        for name, page in pages.items()
        if name != NOT_FOUND  # its links begin at the site's top, wherever it is shown
        for one in _broken(name, page, files, pages)
    ]
    return list(dict.fromkeys(found))


def told(broken: Broken, place: Place) -> str:
    """A line on a link that leads nowhere, with the place in the author's files, if it is found."""
    source = f"{broken.page.removesuffix('.html')}.md"
    spellings = dict.fromkeys((
        broken.address,
        unquote(broken.address),
        broken.address.replace(".html", ".md"),
        broken.address.rpartition("#")[0].replace(".html", ".md"),
    ))  # fmt: skip
    places = ((place(source, one), one) for one in spellings if one)
    unknown = place(source, ""), broken.address
    where, address = next((one for one in places if has_line(one[0])), unknown)
    if broken.is_picture:
        return f"{where}: there is no picture `{address}`"
    what = "there is no such anchor" if broken.is_anchor else "there is no such page or file"
    return f"{where}: the link `{address}` leads nowhere: {what}"


@dataclass
class _Page(HTMLParser):
    """What a page has and what it names."""

    anchors: set[str] = field(default_factory=set)
    named: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=False)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        for name in ("id", "name"):
            if value := values.get(name):
                self.anchors.add(value)
        if tag == "link" and not set((values.get("rel") or "").split()) & set(_LOADED):
            return
        if not _LATER.isdisjoint(values):
            return
        for name in _NAMES.get(tag, ()):
            value = (values.get(name) or "").strip()
            several = _addresses(value) if name == "srcset" else [value]
            self.named += ((tag, one) for one in several if one)


def _addresses(srcset: str) -> list[str]:
    """The addresses of a list such as "small.webp 1x, large.webp 2x"."""
    return [_WIDTH.sub("", one.strip()) for one in srcset.split(",")]


def _read(file: Path) -> _Page:
    page = _Page()
    page.feed(file.read_text(encoding="utf-8", errors="replace"))
    return page


def _broken(name: str, page: _Page, files: set[str], pages: dict[str, _Page]) -> Iterator[Broken]:
    for tag, address in page.named:
        is_picture = tag in _PICTURES
        try:
            parts = urlsplit(address)
        except ValueError:
            yield Broken(name, address, is_picture, is_anchor=False)
            continue
        if parts.scheme or parts.netloc:
            continue
        target = _resolved(name, unquote(parts.path))
        if target is None or target not in files:
            yield Broken(name, address, is_picture, is_anchor=False)
        elif parts.fragment and target in pages and not is_picture:
            wanted = {parts.fragment, unquote(parts.fragment)}
            if not wanted & pages[target].anchors and parts.fragment != "top":
                yield Broken(name, address, is_picture, is_anchor=True)


def _resolved(page: str, path: str) -> str | None:
    """The file that a path leads to from a page; None if it leads out of the site."""
    if not path:
        return page
    if path.startswith("/"):
        return None
    parts = list(PurePosixPath(page).parent.parts)
    for part in path.split("/"):
        if part == "..":
            if not parts:
                return None
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return "/".join([*parts, "index.html"] if path.endswith("/") else parts) or "index.html"
