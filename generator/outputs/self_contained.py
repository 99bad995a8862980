"""HTML and pictures on the disk -> one file that needs no other, asks no host and runs no script.

In: the body of a page, style sheets, and the folder of its pictures. Out: a document whose
pictures are data. Links to pictures and to places of the screen are left out: a browser opens no
data in a tab.
"""

from __future__ import annotations

import base64
import html
import posixpath
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

from generator.errors import PageError

_MEDIA = {
    ".webp": "image/webp",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".svg": "image/svg+xml",
}
_ALLOWED = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
_SKIPPED = {"script", "nav", "link"}
_VOID = {"br", "hr", "img", "col", "wbr", "link", "source"}


def one_file(title: str, body: str, styles: str, pictures: Path) -> str:
    """A whole document.

    Args:
        body: HTML whose pictures are named by their way from `pictures`.

    Raises:
        PageError: a picture is missing.
    """
    reader = _Inliner(pictures)
    reader.feed(body)
    reader.close()
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_ALLOWED}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{html.escape(title)}</title>\n<style>\n{styles}</style>\n</head>\n"
        '<body data-md-color-scheme="default">\n<main class="md-typeset">\n'
        f"{''.join(reader.output)}\n</main>\n</body>\n</html>\n"
    )


class _Inliner(HTMLParser):
    """Copies HTML, with pictures as data."""

    def __init__(self, pictures: Path) -> None:
        super().__init__(convert_charrefs=False)
        self._pictures = pictures
        self.output: list[str] = []
        self._skipped = 0
        self._links: list[str] = []  # the tag that each open link became

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Copies an element, unless it is one of those that are left out."""
        if self._skipped or tag in _SKIPPED:
            self._skipped += tag not in _VOID
            return
        given = _cleaned(attrs)
        if tag == "a":
            self._links.append("a" if _leads_somewhere(given.get("href", "")) else "span")
            if self._links[-1] == "span":
                given.pop("href", None)
                tag = "span"
        if tag == "img":
            given["src"] = self._data(given.get("src", ""))
            given.pop("loading", None)  # it is here already
        self.output.append(_start(tag, given))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Copies an element of formulas and drawings that has no end, or a picture."""
        if self._skipped:
            return
        if tag in ("img", "a") or tag in _SKIPPED:
            self.handle_starttag(tag, attrs)
        else:
            self.output.append(_start(tag, _cleaned(attrs), "/"))

    def handle_endtag(self, tag: str) -> None:
        """Copies the end of an element."""
        if self._skipped:
            self._skipped -= tag not in _VOID
        elif tag not in _VOID:
            self.output.append(f"</{self._links.pop() if tag == 'a' and self._links else tag}>")

    def handle_data(self, data: str) -> None:
        """Copies text."""
        if not self._skipped:
            self.output.append(data)

    def handle_entityref(self, name: str) -> None:
        """Copies an escaped character."""
        self.handle_data(f"&{name};")

    def handle_charref(self, name: str) -> None:
        """Copies an escaped character."""
        self.handle_data(f"&#{name};")

    def _data(self, source: str) -> str:
        path = posixpath.normpath(unquote(urlsplit(source).path))
        file = self._pictures / path
        if path.startswith(("/", "..")) or file.suffix not in _MEDIA or not file.is_file():
            raise PageError(f"the report's picture `{source}` is missing")
        content = base64.b64encode(file.read_bytes()).decode()
        return f"data:{_MEDIA[file.suffix]};base64,{content}"


def _leads_somewhere(href: str) -> bool:
    return href.startswith(("#", "https://", "http://"))


def _cleaned(attrs: list[tuple[str, str | None]]) -> dict[str, str]:
    """Attributes without those that run a script."""
    return {name: value or "" for name, value in attrs if not name.startswith("on")}


def _start(tag: str, given: dict[str, str], end: str = "") -> str:
    written = "".join(f' {name}="{html.escape(value)}"' for name, value in given.items())
    return f"<{tag}{written}{end}>"
