"""Links words of a page to the glossary where they stand for the first time, with a preview.

In: `content/glossary.md`, and a page in Markdown. Out: the same page, in which the first mention of each term, in
running text, is a link whose title is the definition. Headings, code, formulas, links and HTML
stay as they are.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from generator.pages.escape import plain

FILE = "glossary.md"
"""In `content`; a site without it has no such links."""
_ENTRY = re.compile(
    r"^(?P<terms>\S.*?) \{ ?#(?P<id>[\w-]+) ?\}\n:[ ]+(?P<text>.+(?:\n[ ]{4}\S.*)*)", re.MULTILINE
)
_MARKS = re.compile(r"[*`]")
# What is no running text, longest first: the head of a page, fences, formulas and drawings, blocks of HTML with all
# in them, lines that are headings, tables, captions or definitions, links and pictures, code, and tags.
_PASSED_OVER = re.compile(
    r"\A---\n.*?\n---\n"
    r"|^[ ]*(?P<fence>`{3,}|~{3,})[^\n]*\n.*?^[ ]*(?P=fence)[^\n]*$"
    r"|<(?P<tag>math|svg|script|style|nav|dialog|form|figure|button|a|pre|code|label|table|noscript|progress)\b.*?</(?P=tag)>"
    r"|^[ ]*(?:\#{1,6}[ ]|\||///|!!!|\?\?\?|\*\[|\[\^)[^\n]*$"
    r"|^[ ]{4,}attrs:[^\n]*$"
    r"|!?\[(?:[^\]\[]|\[[^\]\[]*\])*\](?:\([^)\n]*\)|\[[^\]\n]*\])(?:\{[^}\n]*\})?"
    r"|(?P<code>`+)[^\n]*?(?P=code)"
    r"|<!--.*?-->|<[^>\n]+>|https?://\S+",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True)
class Term:
    """A word of the glossary.

    Attributes:
        forms: as it is written in texts; plurals besides.
        anchor: the id of its entry.
        text: what it means, without marks.
    """

    forms: tuple[str, ...]
    anchor: str
    text: str


@lru_cache(maxsize=4)
def terms_of(glossary: str) -> tuple[Term, ...]:
    """The terms of a glossary in Markdown: definition lists, each term with an id.

    What a term is called besides stands behind a comma.
    """
    return tuple(
        Term(
            tuple(form.strip() for form in found["terms"].split(",")),
            found["id"],
            " ".join(_MARKS.sub("", found["text"]).split()),
        )
        for found in _ENTRY.finditer(glossary)
    )


def link_terms(page: str, terms: tuple[Term, ...], folder: str) -> str:
    """Links the first mention of each term.

    Args:
        page: Markdown, rendered.
        folder: the way from the page's folder to the glossary's, "" or "../".
    """
    if not terms:
        return page
    pattern, by_form = _pattern(terms)
    seen: set[str] = set()

    def linked(match: re.Match[str]) -> str:
        term = by_form.get(_singular(match[0], by_form))
        if term is None or term.anchor in seen:
            return match[0]
        seen.add(term.anchor)
        title = plain(term.text).replace('"', "&quot;")
        return f'[{match[0]}]({folder}{FILE}#{term.anchor} "{title}"){{ .term }}'

    pieces, end = [], 0
    for passed in _PASSED_OVER.finditer(page):
        pieces += [pattern.sub(linked, page[end : passed.start()]), passed[0]]
        end = passed.end()
    return "".join([*pieces, pattern.sub(linked, page[end:])])


@lru_cache(maxsize=4)
def _pattern(terms: tuple[Term, ...]) -> tuple[re.Pattern[str], dict[str, Term]]:
    """What finds any form of any term, the longest first, and the terms by their forms."""
    by_form = {_key(form): term for term in terms for form in term.forms}
    forms = sorted((form for term in terms for form in term.forms), key=len, reverse=True)
    written = "|".join(
        # Abbreviations are told by their capitals; others may begin a sentence, or a line break.
        (
            re.escape(form)
            if form.isupper() or (not form.islower() and form[1:] != form[1:].lower())
            else f"(?i:{re.escape(form)})"
        ).replace(r"\ ", r"\s")
        for form in forms
    )
    return re.compile(rf"(?<![\w-])(?:{written})s?(?![\w-])"), by_form


def _key(form: str) -> str:
    return " ".join(form.lower().split())


def _singular(written: str, by_form: dict[str, Term]) -> str:
    key = _key(written)
    return key if key in by_form else key.removesuffix("s")
