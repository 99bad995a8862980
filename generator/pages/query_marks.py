"""Queries named in prose and tables, which light up together with their boxes and maps.

In: the images that were built, and the one that a page is of. Out: a link, as HTML. On the page of
the image it chooses the query in the explorer; elsewhere it leads there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from generator.errors import PageError
from generator.pages.contents import ImageResult
from generator.project.config import Output
from generator.project.suggest import did_you_mean

_NOT_KEPT = "#767676"
"""The mark of a query that no figure shows; its contrast with white and black is over 4:1."""


@dataclass(frozen=True)
class QueryMarks:
    """What the function `query` of a page knows.

    Attributes:
        results: the images that were built.
        own: the image that the page is of, else the gallery's example; none without images.
        is_own_page: whether the page is that image's.
        folder: the path from the page's folder to `docs`, "" or "../".
        target: what the page is for; only a site has explorers.
    """

    results: Sequence[ImageResult]
    own: ImageResult | None
    is_own_page: bool
    folder: str
    target: Output

    @classmethod
    def of(cls, values: Mapping[str, Any], folder: str) -> QueryMarks:
        """Those of a page, from all that it may use."""
        result, target = values.get("result"), values["target"]
        return cls(
            values["results"], result or values["example"], result is not None, folder, target
        )

    def query(self, number: int, image: str | None = None, text: str | None = None) -> str:
        """A query by its number, with its colour.

        Args:
            number: counted from 0.
            image: the slug of another image than the page's own, or the example.
            text: HTML; None is "query 17".

        Raises:
            PageError: there is no such image, or it has no such query.
        """
        result = self._result(image)
        count = result.shapes.num_queries
        if not (hasattr(number, "__index__") and 0 <= number < count):  # NumPy's numbers, too
            raise PageError(
                f"`query` found no query {number}: "
                f"{result.entry.slug} has {count}, 0 to {count - 1}"
            )
        colour = result.query_colours.get(number, _NOT_KEPT)
        dot = f'<span class="dot" style="background: {colour}" aria-hidden="true"></span>'
        words = f"{dot} {f'query {number}' if text is None else text}"
        if self.target != "site" or result.explorer is None:
            return words
        slug = result.entry.slug
        is_here = self.is_own_page and image in (None, slug)
        page = "" if is_here else f"{self.folder}gallery/{quote(slug)}.html"
        return (
            f'<a class="query" href="{page}#query-{number}" data-query="{number}" '
            f'data-image="{slug}">{words}</a>'
        )

    def _result(self, image: str | None) -> ImageResult:
        if image is None:
            if self.own is None:
                raise PageError("`query` found no image: none was built")
            return self.own
        slugs = [one.entry.slug for one in self.results]
        if image not in slugs:
            raise PageError(f"`query` found no image `{image}`{did_you_mean(image, slugs)}")
        return self.results[slugs.index(image)]
