"""Values -> HTML that reads on paper and asks no other host for anything.

In: the name of a template in this folder, and values. Out: the text of a page. All values are
escaped but the HTML of sections, whose makers vouch for it; the page forbids scripts and addresses
all the same.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from generator.exercises.grading.report import plain

_CODE = re.compile(r"`([^`]+)`")


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["code"] = _with_code
    return environment


def page(template: str, **values: object) -> bytes:
    """The bytes of a page; lone surrogates, which a file's name may hold, are shown as escapes."""
    text = _environment().get_template(template).render(values)
    return text.encode("utf-8", "backslashreplace")


def _with_code(text: str) -> Markup:
    """Plain text, with what stands between backticks as code."""
    return Markup(_CODE.sub(r"<code>\1</code>", str(escape(plain(text)))))
