"""Looks through a site, as it was written, for whatever would ask another host for something.

In: the folder of a site that is not published yet. Out: nothing, or a `PageError` with the place
in the author's files. The theme's own files are Material's; a test watches them in a browser.
Files that were read before are known by their digest, or by name, size and time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

from generator.errors import PageError
from generator.files.fingerprint import fingerprint
from generator.files.walk import sizes_and_times_below
from generator.outputs.known_clean import KnownClean
from generator.outputs.theme import is_of_the_theme
from generator.pages.other_hosts import in_css, in_html, in_script, told
from generator.project.source_lines import has_line

_READERS: dict[str, Callable[[str], Iterator[str]]] = {
    ".html": in_html,
    ".htm": in_html,
    ".xhtml": in_html,
    ".svg": in_html,
    ".xml": in_html,
    ".css": in_css,
    ".js": in_script,
    ".mjs": in_script,
}
_WITHOUT_ADDRESSES = ("sitemap.xml", "search/search_index.js", "search.js")
"""Lists of pages and their words, which name addresses and load none."""

Place = Callable[[str, str], str]
"""From a page's file and a piece of its text to "content/q1.md:12"."""


def refuse_other_hosts(site: Path, place: Place, stamp: Path | None = None) -> None:
    """Reads every page, style, drawing and script of a site.

    Args:
        place: finds a piece of a page in the author's files.
        stamp: keeps which files had no such address; None keeps nothing.

    Raises:
        PageError: a line for each address, with file and line where they are known.
    """
    problems: dict[str, None] = {}
    known = KnownClean(stamp, fingerprint("generator.pages.other_hosts"))
    for name, size, time in sizes_and_times_below(site):
        read = _READERS.get(PurePosixPath(name).suffix.lower())
        if read is None or name in _WITHOUT_ADDRESSES:
            continue
        # Scripts of explorers are links to those of `docs`, with their time: 180 MB of 200 images.
        if known.holds(f"{name} {size} {time}".encode(), "a file"):
            continue
        content = (site / name).read_bytes()
        if is_of_the_theme(name, content) or known.holds(content, read.__name__):
            continue
        for address in read(content.decode("utf-8", "replace")):
            problems[f"{_place(name, address, place)}: {told(address)}"] = None
            known.forget(content, read.__name__)
    if problems:
        raise PageError("\n".join(problems))
    known.save()


def _place(name: str, address: str, place: Place) -> str:
    page = f"{name.removesuffix('.html')}.md" if name.endswith(".html") else name
    for page_or_asset in (page, f"templates/{name}"):
        for piece in (address, address[:60]):
            if has_line(found := place(page_or_asset, piece)):
                return found
    return place(page, "")
