"""Escapes text that people typed, for Markdown, HTML or YAML.

In: titles, captions, credits, reasons, addresses. Out: strings that show exactly those
characters. It knows nothing of pages, and it never reads Markdown.
"""

from __future__ import annotations

import html
import json
import re
import textwrap
from urllib.parse import quote

# These are markup only at the start of a line, where `plain` escapes them, or never.
_HARMLESS = " ,;%?'()./:=@!+-"
_LIST = re.compile(r"^(\d*)([./:=!+-])")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")
# Control characters, and the ones that YAML takes for a line break or refuses.
_YAML_ESCAPED = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


def plain(text: str) -> str:
    """Markdown that shows `text` as it is, in one line: no emphasis, link, formula or tag.

    Characters become HTML entities rather than backslash escapes: entities also work in
    tables, in attributes and in alt text, and stop Jinja and TeX from reading them.
    """
    line = _CONTROL.sub("", " ".join(text.split()))
    safe = "".join(
        character
        if character.isalnum() or character in _HARMLESS or not character.isascii()
        else _entity(character)
        for character in line
    )
    return _LIST.sub(lambda found: found[1] + _entity(found[2]), safe)


def readable(text: str) -> str:
    """HTML for text that MkDocs copies into its pages unescaped, such as the site's name.

    A lone "&" stays: HTML allows it, and Material escapes the name again in a tooltip.
    """
    line = _CONTROL.sub("", " ".join(text.split()))
    return re.sub('[<>"$]|&(?=#?[0-9A-Za-z]+;)', lambda found: _entity(found[0]), line)


def quoted(value: object) -> str:
    """A JSON value that YAML reads as the same value, whatever it holds.

    YAML's double-quoted strings are JSON's except for surrogate pairs, so characters are
    written as themselves unless YAML would refuse them.
    """
    written = json.dumps(value, ensure_ascii=False)
    return _YAML_ESCAPED.sub(lambda match: f"\\u{ord(match[0]):04x}", written)


def _entity(character: str) -> str:
    return f"&#{ord(character)};"


def address(url: str) -> str:
    """A URL for between the round brackets of a Markdown link."""
    return html.escape(quote(url, safe=":/?#@!&+,;=%~-."))


def block(text: str, depth: int = 4) -> str:
    """Markdown as the body of an admonition: dedented, then indented by `depth` spaces."""
    return textwrap.indent(textwrap.dedent(text).strip("\n"), " " * depth)


def shape(*numbers: int) -> str:
    """Sizes for readers, such as "3 × 800 × 1066"."""
    return " × ".join(str(number) for number in numbers)
