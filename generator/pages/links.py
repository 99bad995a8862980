"""Links from one page of the site to another, checked when the page is rendered.

In: all pages and gallery entries. Out: Markdown links. An entry or a comparison that was left out
of a build is named without a link, so that its absence breaks no other page.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from generator.errors import PageError
from generator.pages.comparisons import compared_pictures
from generator.pages.contents import Contents
from generator.pages.escape import plain
from generator.project.suggest import did_you_mean

_WITHOUT_PAGE = "without a page of its own"


@dataclass(frozen=True)
class LinkTarget:
    """The target of a link.

    Attributes:
        file: relative to `docs`; None if the entry has no page in this build.
        title: of the page.
        why: there is none.
    """

    file: str | None
    title: str
    why: str = "not in this build"


def link_targets(pages: Mapping[str, str], contents: Contents) -> dict[str, LinkTarget]:
    """Every page and every entry of the gallery, by its name for `ref`.

    Args:
        pages: title by name, "q1" and its like.
    """
    targets = {name: LinkTarget(f"{name}.md", title) for name, title in pages.items()}
    for result in contents.results:
        entry = result.entry
        targets[entry.slug] = LinkTarget(f"gallery/{entry.slug}.md", entry.title)
    for compared in compared_pictures(contents.results, {}):
        targets[compared.slug] = LinkTarget(f"gallery/{compared.slug}.md", compared.title)
    titles = {**contents.comparisons, **contents.titles}
    absent = {slug: LinkTarget(None, title) for slug, title in titles.items()}
    for measured in contents.without_pages:
        entry, whole = measured.entry, measured.entry.comparison
        absent[entry.slug] = LinkTarget(None, entry.title, _WITHOUT_PAGE)
        if whole is not None:
            absent[whole.slug] = LinkTarget(None, whole.title, _WITHOUT_PAGE)
    return absent | targets


@dataclass(frozen=True)
class Links:
    """The links that a page may make.

    Attributes:
        targets: from `link_targets`.
        pages: the names of those that are not entries, for a message.
        folder: the path from the page's folder to `docs`, "" or "../".
    """

    targets: Mapping[str, LinkTarget]
    pages: Iterable[str]
    folder: str

    def ref(self, page: str, text: str | None = None) -> str:
        """A link to a page.

        Args:
            page: "q1", "q2", "q3", "about" or an image's slug, with or without an anchor,
                such as "q1#queries".
            text: Markdown; None takes the page's title.

        Raises:
            PageError: there is no such page.
        """
        name, mark, anchor = page.partition("#")
        if name not in self.targets:
            listed = ", ".join(self.pages)
            hint = did_you_mean(name, [*self.targets]) or f"; there are {listed}, and image slugs"
            raise PageError(f"`ref` found no page or image `{name}`{hint}")
        target = self.targets[name]
        if target.file is None:
            return f"{text or plain(target.title)} ({target.why})"
        return f"[{text or plain(target.title)}]({self.folder}{target.file}{mark}{anchor})"
