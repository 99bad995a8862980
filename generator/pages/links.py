"""Links from one page of the site to another, checked when the page is rendered.

In: the pages and gallery entries that there are. Out: Markdown links. An entry that was
left out of a build is named without a link, so that its absence breaks no other page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from generator.errors import PageError
from generator.pages.contents import ImageResult
from generator.pages.escape import plain
from generator.project.suggest import did_you_mean


class Links:
    """The links that a page may make.

    Args:
        pages: title by name, "q1" and its like.
        results: the images that have a page.
        titles: by slug, of every entry of the gallery, with a page or without.
        folder: the way from the page's folder to `docs`, "" or "../".
    """

    def __init__(
        self,
        pages: Mapping[str, str],
        results: Sequence[ImageResult],
        titles: Mapping[str, str],
        folder: str,
    ) -> None:
        self._folder = folder
        self._listed = ", ".join(pages)
        self._targets = {name: (f"{name}.md", title) for name, title in pages.items()}
        self._targets |= {
            r.entry.slug: (f"gallery/{r.entry.slug}.md", r.entry.title) for r in results
        }
        self._absent = {slug: title for slug, title in titles.items() if slug not in self._targets}

    def ref(self, page: str, text: str | None = None) -> str:
        """A link to a page.

        Args:
            page: "q1", "q2", "q3", "about", an image's slug, or one of them with an anchor
                as in "q1#queries".
            text: Markdown; the page's title if it is None.

        Raises:
            PageError: there is no such page.
        """
        name, mark, anchor = page.partition("#")
        if name in self._targets:
            file, title = self._targets[name]
            return f"[{text or plain(title)}]({self._folder}{file}{mark}{anchor})"
        if name in self._absent:
            return f"{text or plain(self._absent[name])} (not in this build)"
        names = [*self._targets, *self._absent]
        hint = did_you_mean(name, names) or f"; there are {self._listed}, and image slugs"
        raise PageError(f"`ref` found no page or image `{name}`{hint}")
