"""Keeps MkDocs from publishing what this build does not list, whatever lies in `docs/`.

In: the names that are listed. Out: a plugin of MkDocs.
"""

from __future__ import annotations

from collections.abc import Set
from typing import Any

from mkdocs.config.base import LegacyConfig
from mkdocs.plugins import BasePlugin
from mkdocs.structure.files import Files


class OnlyListed(BasePlugin[LegacyConfig]):  # type: ignore[no-untyped-call]
    """Keeps MkDocs from publishing files that are not listed; the theme's own are no concern."""

    def __init__(self, listed: Set[str]) -> None:
        self._listed = listed

    def on_files(self, files: Files, *, config: Any) -> Files:
        """As MkDocs calls it, with all files of `docs` and of the theme."""
        for file in list(files):
            if file.src_dir == config.docs_dir and file.src_uri not in self._listed:
                files.remove(file)
        return files
