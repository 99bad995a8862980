"""The site's own page for addresses that lead nowhere, in place of the theme's.

In: `docs/404.html`. Out: a plugin of MkDocs. The theme's page loads its style from the top of the
server, which a site below a path, or opened from a file, does not have.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mkdocs.config.base import LegacyConfig
from mkdocs.plugins import BasePlugin

from generator.files.folders import NOT_FOUND


class NotFound(BasePlugin[LegacyConfig]):  # type: ignore[no-untyped-call]
    """Takes the page from `docs`, where there is one."""

    def on_post_template(
        self, output_content: str, *, template_name: str, config: Any, **_: Any
    ) -> str:
        """As MkDocs calls it, with a page that the theme has made."""
        own = Path(config.docs_dir, NOT_FOUND)
        if template_name == NOT_FOUND and own.is_file():
            return own.read_text(encoding="utf-8")
        return output_content
