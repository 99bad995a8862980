"""What a browser would ask another host for: every attribute, style and script is looked at.

In: HTML, SVG, CSS or a script, as it is written. Out: the addresses. Links that a reader has to
click are none. A script that puts an address together from pieces is not understood; a test opens
the pages in a browser without a network besides.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from urllib.parse import unquote, unquote_to_bytes

_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)
_NETWORK = ("http", "https", "ws", "wss", "ftp")
_LOCAL = ("data", "blob", "about", "javascript")
_LOADING = frozenset(
    ("action", "archive", "background", "classid", "code", "codebase", "data", "dynsrc",
     "formaction", "from", "href", "icon", "imagesrcset", "longdesc", "lowsrc", "manifest", "ping",
     "poster", "profile", "src", "srcdoc", "srcset", "to", "values", "xlink:href")
)  # fmt: skip
"""Attributes with an address: one of any other kind than a path leads out of the site."""
_WORDS = frozenset(
    ("abbr", "alt", "cite", "class", "content", "datetime", "download", "encoding", "for", "id",
     "label", "lang", "name", "placeholder", "summary", "title", "value", "xml:lang")
)  # fmt: skip
"""Attributes that are only shown or compared."""
_LISTS = ("srcset", "imagesrcset", "ping", "archive", "values")
_UNLOADED_LINKS = ("alternate", "author", "canonical", "help", "license", "next", "prev")
_REFRESH = re.compile(
    r"^[\d.\s]*[;,]?\s*(?:url\s*=)?\s*[\"']?(.*?)[\"']?\s*$", re.IGNORECASE | re.DOTALL
)
_NAMESPACES = frozenset(
    f"http://www.w3.org/{name}"
    for name in ("2000/svg", "1999/xlink", "1999/xhtml", "1998/Math/MathML", "XML/1998/namespace",
                 "2000/xmlns/")
)  # fmt: skip
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_CSS_ESCAPE = re.compile(r"\\(?:([0-9a-fA-F]{1,6})\s?|(\n)|(.))", re.DOTALL)
_CSS_ADDRESS = re.compile(
    r"[\"'(]\s*((?:https?|wss?|ftp|file):[^\s\"')]*|//[\w-][^\s\"')]*|data:[^\"')]*)", re.IGNORECASE
)
_SCRIPT_ESCAPE = re.compile(
    r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|u\{([0-9a-fA-F]{1,6})\}|(/))"
)
_SCRIPT_ADDRESS = re.compile(
    r"(?:https?|wss?|ftp)://[^\s\"'`<>)\\]+|(?<=[\"'`])//[\w-]+\.[^\s\"'`<>)\\]+", re.IGNORECASE
)
_SCHEME_BEFORE = re.compile(r"(?:https?|wss?|ftp):\Z", re.IGNORECASE)
_EXECUTED = re.compile(r"|module|.*(java|ecma)script.*|importmap|speculationrules", re.IGNORECASE)
_INSTRUCTION = re.compile(r"xml-stylesheet\b.*?\bhref\s*=\s*[\"']([^\"']*)", re.DOTALL)
_DEEPEST = 3
"""Documents within addresses within documents."""


def in_html(text: str, depth: int = 0) -> Iterator[str]:
    """The addresses that a page, or a drawing in SVG, asks for."""
    reader = _Reader(depth)
    reader.feed(text)
    reader.close()
    return iter(reader.found)


def in_css(text: str, depth: int = 0) -> Iterator[str]:
    """The addresses in a style."""
    plain = _CSS_ESCAPE.sub(_css_character, _COMMENT.sub("", text))
    for found in _CSS_ADDRESS.finditer(plain):
        address = found[1]
        if address[:5].lower() == "data:":
            yield from _in_data(address, depth)
        elif address not in _NAMESPACES:
            yield address


def in_script(text: str) -> Iterator[str]:
    """The addresses that a script names as they are."""
    plain = _SCRIPT_ESCAPE.sub(_script_character, text) if "\\" in text else text
    # From slash to slash: the pattern alone would try each letter of megabytes of numbers.
    end = 0
    while (slashes := plain.find("//", end)) >= 0:
        before = _SCHEME_BEFORE.search(plain, max(end, slashes - 6), slashes)
        found = _SCRIPT_ADDRESS.match(plain, before.start() if before else slashes)
        end = found.end() if found else slashes + 1
        if found and found[0] not in _NAMESPACES:
            yield found[0]


def told(address: str) -> str:
    """What is wrong with an address."""
    shown = " ".join(address.split())
    shown = shown if len(shown) <= 120 else f"{shown[:119]}…"
    return (
        f"{shown} would be fetched from another host by every reader; put a copy into "
        "templates/assets and name that"
    )


class _Reader(HTMLParser):
    def __init__(self, depth: int) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self._depth, self._inside, self._pieces = depth, "", [""]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Looks at an element."""
        given = {name: value or "" for name, value in attrs}
        for name, value in attrs:
            self.found += self._in_attribute(tag, name, value or "", given)
        kind = given.get("type", "").partition(";")[0].strip()
        is_executed = tag == "script" and _EXECUTED.fullmatch(kind) is not None
        self._inside = tag if tag == "style" or is_executed else ""
        self._pieces = []

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Looks at an element that holds nothing."""
        self.handle_starttag(tag, attrs)
        self._inside = ""

    def handle_endtag(self, _tag: str) -> None:
        """Looks at what stood in a style or a script."""
        text, inside = "".join(self._pieces), self._inside
        self._inside, self._pieces = "", []
        if inside == "style":
            self.found += in_css(text, self._depth)
        elif inside == "script":
            self.found += in_script(text)

    def handle_data(self, data: str) -> None:
        """Keeps the text of a style or a script."""
        if self._inside:
            self._pieces.append(data)

    def handle_pi(self, data: str) -> None:
        """Looks at the style that a drawing asks for."""
        if found := _INSTRUCTION.match(data):
            self.found += _in_address(found[1], self._depth)

    def close(self) -> None:
        """Looks at a style or a script that was never closed, too."""
        super().close()
        self._pieces.append(self.rawdata)  # which some versions of Python leave there
        self.handle_endtag("")

    def _in_attribute(
        self, tag: str, name: str, value: str, given: dict[str, str]
    ) -> Iterator[str]:
        rel = given.get("rel", "").lower().split()
        if name == "style":
            yield from in_css(value, self._depth)
        elif name.startswith("on"):
            yield from in_script(value)
        elif name == "srcdoc":
            yield from in_html(value, self._depth + 1) if self._depth < _DEEPEST else [value]
        elif name == "content" and given.get("http-equiv", "").lower() == "refresh":
            address = _REFRESH.match(value)
            yield from _in_address(address[1] if address else value, self._depth)
        elif tag in ("a", "area") and name in ("href", "xlink:href"):
            if _normal(value).lower().startswith("javascript:"):
                yield from in_script(unquote(value))
        elif name in _WORDS or name.startswith(("aria-", "xmlns", "rdf:")):
            if name == "class" and "mermaid" in value.split():
                yield 'class="mermaid", for which the theme has a script that'
        elif tag == "link" and name == "href" and rel and set(rel) <= set(_UNLOADED_LINKS):
            return
        elif name == "data-md-component" and value == "source":
            yield from (one for one in [given.get("href", "")] if _is_network(one))
        elif name in _LISTS:
            for one in re.split(r"[\s,;]+", value):
                yield from _in_address(one, self._depth)
        elif name in _LOADING:
            yield from _in_address(value, self._depth)
        else:
            yield from (one for one in [value] if _is_network(value))
            if "url(" in value.lower():
                yield from in_css(value, self._depth)


def _normal(address: str) -> str:
    """An address as browsers read it: no control characters, and slashes for backslashes."""
    return re.sub(r"[\t\n\r]", "", address.strip("".join(map(chr, range(33))))).replace("\\", "/")


def _is_network(address: str) -> bool:
    plain = _normal(address)
    scheme = _SCHEME.match(plain)
    return plain.startswith("//") or bool(scheme and scheme[1].lower() in _NETWORK)


def _in_address(address: str, depth: int) -> Iterator[str]:
    """An address that is loaded, if it leads out of the site; or what is asked for in it."""
    plain = _normal(address)
    scheme = _SCHEME.match(plain)
    kind = scheme[1].lower() if scheme else ""
    if plain.startswith("//") or (kind and kind not in _LOCAL):
        yield address
    elif kind == "javascript":
        yield from in_script(unquote(plain))
    elif kind == "data":
        yield from _in_data(plain, depth)


def _in_data(address: str, depth: int) -> Iterator[str]:
    """What a document that is written as an address asks for."""
    kind, _, content = address[5:].partition(",")
    kinds = kind.lower()
    if not any(one in kinds for one in ("html", "svg", "xml", "css", "script")):
        return
    if depth >= _DEEPEST:
        yield address
        return
    text = unquote(content)
    if kinds.rstrip().endswith("base64"):
        try:
            padded = re.sub(rb"\s", b"", unquote_to_bytes(content)) + b"=="
            text = base64.b64decode(padded).decode("utf-8", "replace")
        except (binascii.Error, ValueError):
            return
    if "css" in kinds:
        yield from in_css(text, depth + 1)
    elif "script" in kinds:
        yield from in_script(text)
    else:
        yield from in_html(text, depth + 1)


def _css_character(found: re.Match[str]) -> str:
    if found[1]:
        number = int(found[1], 16)
        return chr(number) if 0 < number < 0x110000 else "\ufffd"
    return found[3] or ""


def _script_character(found: re.Match[str]) -> str:
    digits = found[1] or found[2] or found[3]
    if digits is None:
        return "/"
    number = int(digits, 16)
    return chr(number) if number < 0x110000 else ""
