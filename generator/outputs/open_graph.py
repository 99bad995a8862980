"""Tells networks and messengers what a page is called, and which picture stands for it.

In: the address of the site. Out: a plugin of MkDocs, which adds a few lines to each page's head.
Without an address there are none: they have to be whole.
"""

from __future__ import annotations

import html
from typing import Any

from mkdocs.config.base import LegacyConfig
from mkdocs.plugins import BasePlugin
from mkdocs.structure.pages import Page


class OpenGraph(BasePlugin[LegacyConfig]):  # type: ignore[no-untyped-call]
    """Adds the properties of ogp.me.

    Args:
        picture: its name in the site; None if there is none.
    """

    def __init__(self, picture: str | None) -> None:
        self._picture = picture

    def on_post_page(self, output: str, *, page: Page, config: Any) -> str:
        """As MkDocs calls it, with a whole page."""
        if not config.site_url:
            return output
        properties = {
            "og:type": "website",
            "og:site_name": config.site_name,
            "og:title": config.site_name if page.is_homepage else str(page.title),
            "og:url": page.canonical_url or config.site_url,
        }
        if self._picture is not None:
            properties["og:image"] = f"{config.site_url}{self._picture}"
        lines = "".join(
            f'<meta property="{name}" content="{html.escape(html.unescape(value))}">\n'
            for name, value in properties.items()
        )
        card = "summary" if self._picture is None else "summary_large_image"
        lines += f'<meta name="twitter:card" content="{card}">\n'
        return output.replace("</head>", f"{lines}</head>", 1)
