"""Reads one chapter's HTML and rewrites it for pandoc.

In: HTML from Python-Markdown and its extensions, including raw HTML by an author. Out: HTML of
plain elements, and lists of links, their targets, pictures, texts, and elements that cannot be
printed.
"""

from __future__ import annotations

import html
import posixpath
from collections.abc import Mapping
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

from generator.outputs.pdf.chapters import Chapter
from generator.outputs.pdf.left_out import ADDRESS, BEGINS, ENDS, LeftOut

_VOID = {"br", "hr", "img", "col", "wbr", "input", "source", "embed", "link", "meta"}
_PRINTED = {
    "a", "abbr", "b", "blockquote", "br", "caption", "cite", "code", "col", "colgroup", "dd",
    "del", "details", "div", "dl", "dt", "em", "figcaption", "figure", "h1", "h2", "h3", "h4",
    "h5", "h6", "hr", "i", "img", "ins", "kbd", "li", "mark", "ol", "p", "pre", "q", "s",
    "section", "small", "span", "strong", "sub", "summary", "sup", "table", "tbody", "td",
    "tfoot", "th", "thead", "tr", "u", "ul", "var", "wbr",
}  # fmt: skip
NO_ALT = "![]("
"""The beginning of a picture in Markdown that has no alt text."""

# Only for the screen, such as a row of links to neighbouring pages.
_SKIPPED = {"nav", "script", "style", "template"}
_KEPT = {
    "alt", "class", "colspan", "data-linenos", "data-lines", "data-number", "dir", "href", "id",
    "lang", "rowspan", "src", "start", "style", "type", "width",
}  # fmt: skip


class PageReader(HTMLParser):
    """Reads one chapter.

    Attributes:
        output: pieces of HTML.
        targets: labels of the places that links may lead to.
        links: (label, the page's own text for it) of each link to a place in the handout.
        pictures: paths in `docs`.
        texts: all text that is typeset, formulas as TeX.
        problems: (a piece of the page, what is wrong with it).
    """

    def __init__(self, chapter: Chapter, tops: Mapping[str, str], left_out: LeftOut) -> None:
        super().__init__(convert_charrefs=True)
        self.file, self._tops, self._left_out = chapter.file, tops, left_out
        self._first_left_out = ""  # the id that the last left-out part began with
        self._leaves_out = 0  # depth of parts that are left out
        self._deeper = chapter.level - 1
        starts = "chapter" if not self._deeper else "" if left_out.runs_on else "image"
        file = html.escape(chapter.file)
        self.output = [f'<div data-file="{file}" data-starts="{starts}"></div>']
        self.targets: set[str] = set()
        self.links: list[tuple[str, str]] = []
        self.pictures: list[str] = []
        self.texts: list[str] = []
        self.problems: list[tuple[str, str]] = []
        self._open: list[tuple[str, str]] = []  # tag, and what to write when it closes
        self._skipped = self._formula = 0  # depth in elements that are left out, or kept whole
        self._is_tex = False
        self._language = ""
        self._code = -1  # index in `output` where the current block of code began
        if not tops[chapter.file]:
            self.problems.append(("", "the page has no heading; begin it with `# ` and a title"))
        self.feed(chapter.html)
        self.close()
        # Elements that the author left open end with the chapter, as in a browser.
        self.output += [closing for _, closing in reversed(self._open)]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Writes an element, skips it, or reports that it cannot be printed."""
        given = {name: value or "" for name, value in attrs if name in _KEPT}
        classes = given.get("class", "").split()
        if BEGINS in classes or ENDS in classes:
            if BEGINS in classes and not self._leaves_out:
                self._first_left_out = ""
            self._leaves_out += 1 if BEGINS in classes else -1
        if self._leaves_out:
            self._first_left_out = self._first_left_out or given.get("id", "")
        elif self._skipped or tag in _SKIPPED or "footnote-backref" in classes:
            self._skipped += tag not in _VOID
        elif self._formula or tag == "math":
            self._formula += 1
            self._is_tex = tag == "annotation"
            self.output.append(self.get_starttag_text() or "")
        elif tag not in _PRINTED:
            self.problems.append((f"<{tag}", _unprintable(tag)))
            self._skipped += tag not in _VOID
        else:
            if "id" in given:
                given["id"] = _label(self.file, given["id"])
                self.targets.add(given["id"])
            closing = self._write(tag, given, classes)
            if tag not in _VOID:
                self._open.append((tag, closing))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Writes an empty element; in a formula it stays as it is, for pandoc."""
        if self._formula and not self._skipped and not self._leaves_out:
            self.output.append(self.get_starttag_text() or "")
        else:
            super().handle_startendtag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        """Closes an element, and elements in it that were left open."""
        if self._leaves_out:
            return
        if self._skipped:
            self._skipped -= tag not in _VOID
        elif self._formula:
            self._formula -= 1
            self._is_tex = False
            self.output.append(f"</{tag}>")
        elif any(tag == name for name, _ in self._open):
            name = ""
            while name != tag:
                name, closing = self._open.pop()
                self.output.append(closing)
            if not any(name in ("code", "pre") for name, _ in self._open):
                self._code = -1

    def handle_data(self, data: str) -> None:
        """Writes text."""
        if self._skipped or self._leaves_out:
            return
        if not self._formula or self._is_tex:
            self.texts.append(data)
        self.output.append(html.escape(data, quote=False))

    def _write(self, tag: str, given: dict[str, str], classes: list[str]) -> str:
        """Writes the start of an element in a form that pandoc understands; returns its end."""
        if self._code >= 0:
            return self._write_in_code(tag, classes, given.get("data-linenos", ""))
        if tag == "a":
            return self._write_link(given)
        if ADDRESS in classes:
            return self._write_address(tag)
        if tag == "li" and ":fn:" in given.get("id", ""):
            note = {"class": "footnote-text", "id": given["id"]}
            return self._start("li", {}) and self._start("div", note) + "</li>"
        if tag[0] == "h" and tag[1:].isdigit():
            return self._start(f"h{min(6, int(tag[1]) + self._deeper)}", given)
        if tag == "img":
            return self._start(tag, self._picture(given))
        if tag in ("code", "pre"):
            self._code = len(self.output)
            return self._start(tag, {"class": self._language} if tag == "pre" else {})
        if "highlight" in classes:
            names = [name for name in classes if name.startswith("language-")]
            self._language = "".join(names).removeprefix("language-")
        if tag == "summary" or "admonition-title" in classes:
            return self._start("div", {"class": "admonition-title"})
        if tag == "details":
            return self._start("div", given | {"class": " ".join(["admonition", *classes])})
        # pandoc loses the classes of a paragraph.
        return self._start("div" if tag == "p" and classes else tag, given)

    def _write_in_code(self, tag: str, classes: list[str], number: str) -> str:
        """Drops the site's colours, and records the number of the first line."""
        if "linenos" in classes and "numberLines" not in self.output[self._code]:
            first = f' data-first="{number.strip()}"' if number.strip() not in ("", "1") else ""
            language = html.escape(self._language)
            self.output[self._code] = f'<pre class="{language} numberLines"{first}>'
        return self._start("code", {}) if tag == "code" else ""

    def _write_link(self, given: dict[str, str]) -> str:
        """Writes a link if it works in the PDF; otherwise only its words are kept."""
        href = given.get("href", "")
        if "href" in given and not href:
            return ""
        parts = urlsplit(href)
        if not href or parts.scheme or parts.netloc:
            return self._start("a", given)
        file = self._resolved(parts.path) if parts.path else self.file
        if not file.endswith(".md"):
            return ""
        fragment = unquote(parts.fragment)
        if self._left_out.has(file, fragment):
            # What only the site has is said to be there, and is a link where its address is known.
            address = self._left_out.address(file, fragment)
            end = self._start("a", {"href": address}) if address else ""
            return f'{end}<span class="on-the-site"></span>'
        label = _label(file, fragment or self._tops.get(file, ""))
        self.links.append((label, href))
        return self._start("a", given | {"href": f"#{label}"})

    def _write_address(self, tag: str) -> str:
        """Writes the address of what was left out last, if there is one."""
        end = self._start(tag, {})
        if address := self._left_out.address(self.file, self._first_left_out):
            words = html.escape(address.split("://", 1)[1])
            self.output.append(f', <a href="{html.escape(address)}">{words}</a>')
        return end

    def _picture(self, given: dict[str, str]) -> dict[str, str]:
        address = given.get("src", "")
        if not given.get("alt", "").strip():
            self.problems.append((f"{NO_ALT}{address}", f"the picture `{address}` has no alt text"))
        self.pictures.append(self._resolved(address))
        return given | {"src": self.pictures[-1]}

    def _resolved(self, address: str) -> str:
        """The path in `docs` that an address on this page points to."""
        return posixpath.normpath(posixpath.join(posixpath.dirname(self.file), unquote(address)))

    def _start(self, tag: str, given: Mapping[str, str]) -> str:
        """Writes the start of an element; returns its end."""
        attributes = (f' {name}="{html.escape(value)}"' for name, value in given.items())
        self.output.append(f"<{tag}{''.join(attributes)}>")
        return f"</{tag}>"


def _label(file: str, fragment: str) -> str:
    """The label of a place in the whole document: "gallery.cats:what-was-found"."""
    return f"{file.removesuffix('.md').replace('/', '.')}:{fragment}"


def _unprintable(tag: str) -> str:
    return (
        f"`<{tag}>` cannot be printed; put it between "
        '`{% if target == "site" %}` and `{% else %}`, and after that what paper shows instead'
    )
