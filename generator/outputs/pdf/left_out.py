"""What the printed core leaves to the site, and how its links get there.

In: chapters, whose left-out parts stand between two marks that the macro `only_on_site` writes, and
the files of the pages that are not printed. Out: which places those are, and their addresses.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from html import unescape

from generator.outputs.pdf.chapters import Chapter

BEGINS, ENDS, ADDRESS = "left-out-begins", "left-out-ends", "left-out-address"
"""Classes: of the two marks, and of the place for the address of what is between them."""
_MARK_OR_ID = re.compile(
    f'<div class="(?:(?P<begins>{BEGINS})|{ENDS})"' + r"|<[a-z][^<>]*?\bid=\"(?P<id>[^\"]+)\""
)
_SETTINGS = re.compile(r"\A---\n(.*?)^---$", re.DOTALL | re.MULTILINE)
_FULL_ONLY = re.compile(r"^print:\s*full\s*$", re.MULTILINE)


@dataclass(frozen=True)
class LeftOut:
    """The places that only the site has.

    Attributes:
        site_url: where the site is published; "" if that is not known.
        files: pages that are not printed at all, such as "gallery/cats.md".
        runs_on: whether an image begins where the one before ends, and not on a new page.
        parts: (file, id) of each place in the left-out parts of printed pages.
    """

    site_url: str = ""
    files: frozenset[str] = frozenset()
    runs_on: bool = False
    parts: frozenset[tuple[str, str]] = frozenset()

    def with_parts_of(self, chapters: Sequence[Chapter]) -> LeftOut:
        """The same with the places of the left-out parts of chapters."""
        parts = ((one.file, name) for one in chapters for name in _ids_left_out(one.html))
        return replace(self, parts=self.parts | frozenset(parts))

    def has(self, file: str, fragment: str) -> bool:
        """Whether only the site has a place; "" is the top of a page."""
        return file in self.files or (file, fragment) in self.parts

    def address(self, file: str, fragment: str) -> str:
        """The address of a place on the site; "" if nobody knows it."""
        if not self.site_url:
            return ""
        mark = "#" if fragment else ""
        return f"{self.site_url}{file.removesuffix('.md')}.html{mark}{fragment}"


ONLY_SITE = LeftOut()
"""Nothing was left out."""


def is_for_full_print(page: str) -> bool:
    """Whether the settings at the top of a page say `print: full`."""
    found = _SETTINGS.match(page)
    return bool(found and _FULL_ONLY.search(found[1]))


def _ids_left_out(html: str) -> Iterator[str]:
    """The ids between the marks, which may be nested."""
    depth = 0
    for found in _MARK_OR_ID.finditer(html):
        if found["id"] is None:
            depth += 1 if found["begins"] else -1
        elif depth:
            yield unescape(found["id"])
