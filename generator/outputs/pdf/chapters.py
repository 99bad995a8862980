"""Pages in Markdown -> chapters in HTML, in the order in which a handout is read.

In: the pages of `render_pages`, and the Markdown extensions of mkdocs.yml. Out: HTML with the
same content as the site; formulas stay MathML, with their TeX as an annotation.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import markdown
from mkdocs.utils.yaml import yaml_load

from generator.outputs.markdown_limit import Place, limited
from generator.pages.aggregate import FILE as TOGETHER

_SETTINGS = re.compile(r"\A---\n.*?^---$", re.DOTALL | re.MULTILINE)
# Permanent links are only for the screen. Code needs its language, as Typst colours it anew,
# and its line numbers must not be a table.
_OTHERWISE: dict[str, dict[str, Any]] = {
    "pymdownx.highlight": {"pygments_lang_class": True, "linenums_style": "pymdownx-inline"},
    "toc": {},
}


@dataclass(frozen=True)
class Chapter:
    """One page of the site.

    Attributes:
        file: its name in `docs`, such as "gallery/cats.md"; links refer to it.
        level: of its first heading, from 1.
        html: from Python-Markdown.
    """

    file: str
    level: int
    html: str


def chapters_of(
    pages: Mapping[str, str],
    settings: str,
    images: Sequence[str],
    place: Place = lambda file, _: file,
) -> tuple[Chapter, ...]:
    """The chapters: Home, Q1, Q2 with every image, Q3, the author's own pages, About.

    Below Q2 comes first what all images together are told of, where not all have a page.

    Args:
        pages: Markdown by file name in `docs`.
        settings: the text of mkdocs.yml.
        images: the files of the image pages, in the order of the gallery.
        place: finds a piece of a page in the author's files.

    Raises:
        PageError: a page that takes too long or goes too deep.
    """
    first, last = ("index.md", "q1.md", "q2.md"), "about.md"
    texts = {file for file in pages if file.endswith(".md")}
    below = [*([TOGETHER] if TOGETHER in texts else []), *images]
    own = sorted(texts - {*first, *below, "q3.md", last})
    order = [*first, *below, "q3.md", *own, last]
    converter = _converter(settings)
    return tuple(
        Chapter(file, 2 if file in below else 1, _html(converter, file, pages[file], place))
        for file in order
    )


def chapter_of(file: str, page: str, settings: str, place: Place = lambda file, _: file) -> Chapter:
    """One page that is a document of its own; arguments and errors as for `chapters_of`."""
    return Chapter(file, 1, _html(_converter(settings), file, page, place))


def _converter(settings: str) -> markdown.Markdown:
    """A Markdown converter with the extensions of mkdocs.yml."""
    options: dict[str, dict[str, Any]] = {}
    for extension in yaml_load(settings)["markdown_extensions"]:
        named = extension if isinstance(extension, dict) else {extension: {}}
        options |= {name: values or {} for name, values in named.items()}
    options |= {name: values for name, values in _OTHERWISE.items() if name in options}
    return markdown.Markdown(extensions=list(options), extension_configs=options)


def _html(converter: markdown.Markdown, file: str, page: str, place: Place) -> str:
    text = _SETTINGS.sub("", page)

    def convert(text: str) -> str:
        return str(converter.reset().convert(text))

    with limited(file, text, convert, place):
        return convert(text)
