"""The place in the author's files that a piece of a rendered page comes from.

In: a page and some of its text. Out: "content/q1.md:12". A text with filled-in values is not
found; then the result is the file alone.
"""

from __future__ import annotations

import re
from pathlib import Path

from generator.project.config import SiteConfig
from generator.project.overlay import (
    TEMPLATES,
    content_of,
    name_of_ours,
    templates_of,
)


def has_line(place: str) -> bool:
    """Whether a place includes a line number."""
    return place.rpartition(":")[2].isdigit()


class Sources:
    """The files that pages are made from."""

    def __init__(self, config: SiteConfig) -> None:
        self._config = config

    def place(self, page: str, text: str) -> str:
        """File and line of the first source of a page that holds the text.

        Args:
            page: a file in `docs`, such as "gallery/cats.md", a template, or a file of the
                project.
            text: of the page; all runs of white space count as equal.
        """
        candidates = self._candidates(page)
        pattern = r"\s+".join(re.escape(word) for word in text.split())
        for path in candidates if pattern else ():
            source = path.read_text(encoding="utf-8", errors="replace")
            if found := re.search(pattern, source):
                return f"{self.label(path)}:{source.count(chr(10), 0, found.start()) + 1}"
        return self.label(candidates[0]) if candidates else page

    def place_of_formula(self, tex: str) -> str:
        """File and line of the first page that holds a formula."""
        for name in content_of(self._config).files("*.md"):
            place = self.place(name, tex)
            if has_line(place):
                return place
        return self.label(self._config.content)

    def _candidates(self, page: str) -> list[Path]:
        """The files that a page's text can come from, the page's own first."""
        content, templates = content_of(self._config), templates_of(self._config)
        image = (templates.file("image.md.j2"),)
        own = image if "/" in page else (content.file(page), templates.file(page))
        shared = (
            self._config.gallery,
            content.file("claims.yml"),
            *content.below("exercises").files("*").values(),
            *content.below("lab").files("*.md").values(),
            *templates.files("*.md.j2").values(),
            self._config.root / "site_config.yml",
        )
        is_rendered = page.endswith((".md", ".j2"))
        paths = [*own, *shared] if is_rendered else [self._file(page)]
        return [path for path in dict.fromkeys(paths) if path.is_file()]

    def _file(self, name: str) -> Path:
        """A file by its place in the project, or in ours if it has none of that name."""
        templates = f"{TEMPLATES}/"
        if name.startswith(templates):
            return templates_of(self._config).file(name.removeprefix(templates))
        return self._config.root / name

    def label(self, path: Path) -> str:
        """A file as errors name it: relative to the project's folder, if it is in there."""
        root = self._config.root
        if path.is_relative_to(root):
            return path.relative_to(root).as_posix()
        name = name_of_ours(path)
        return f"the program's {name}" if name else str(path)
