"""Links words of a page to the glossary where they stand for the first time, with a preview.

In: `content/glossary.md`, and a page in Markdown. Out: the same page, in which the first mention
of each term, in running text, is a link whose title is the definition. Headings, tables, code
between backticks or fences, formulas, links and HTML stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from generator.pages.escape import plain

FILE = "glossary.md"
"""In `content`; a site without it has no such links."""
_ENTRY = re.compile(
    r"^(?P<terms>\S.*?) \{ ?#(?P<id>[\w-]+) ?\}\n:[ ]+(?P<text>.+(?:\n[ ]{4}\S.*)*)", re.MULTILINE
)
_MARKS = re.compile(r"[*`]")
# Where something begins that is no running text: the head of a page, a fence, an element with all
# that is in it; a line of HTML, a heading, a row of a table, a block; a link, code, a tag. No part
# of it looks further than a paragraph, so that long pages take no longer than their length.
_PASSED_OVER = re.compile(
    r"\A---\n(?P<head>)"
    r"|^[ >]*(?P<fence>`{3,}|~{3,})[^\n]*"
    r"|(?P<comment><!--)"
    r"|[ ]*<(?P<tag>math|svg|script|style|nav|dialog|form|figure|button|a|pre|code|label|table"
    r"|noscript|div|p|details|section|ul|ol|dl|blockquote|h[1-6])\b"
    r"|^[ ]{0,3}\[[^\]\n]{1,200}\]:[^\n]*$"
    r"|^[^\n]+\n(?:=+|-+|[-:| ]*-[-:| ]*)[ ]*$"
    r"|^[ ]*(?:<|\#{1,6}[ ]|\||///|!!!|\?\?\?|\*\[|\[\^|attrs:)[^\n]*$"
    r"|!?\[(?:[^\]\[]|\[[^\]\[]*\]){0,4000}\](?:\([^)\n]{0,4000}\)|\[[^\]\n]{0,200}\])?(?:\{[^}\n]{0,400}\})?"
    r"|(?P<code>`+)(?:[^\n]|\n(?!\n)){0,400}?(?P=code)"
    r"|<[^>\n]{1,2000}>|https?://\S{1,2000}",
    re.MULTILINE,
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
        title = plain(term.text)
        return f'[{match[0]}]({folder}{FILE}#{term.anchor} "{title}"){{ .term }}'

    pieces, end = [], 0
    for start, stop in _passed_over(page):
        pieces += [pattern.sub(linked, page[end:start]), page[start:stop]]
        end = stop
    return "".join([*pieces, pattern.sub(linked, page[end:])])


def _passed_over(page: str) -> Iterator[tuple[int, int]]:
    """Where what is no running text begins and ends."""
    missing: set[str] = set()
    place = 0
    while found := _PASSED_OVER.search(page, place):
        place = found.end()
        closing = _closing(found)
        if closing and closing not in missing:
            end = page.find(closing, place)
            if end < 0:
                missing.add(closing)
            place = max(place, end + len(closing))
        yield found.start(), place


def _closing(found: re.Match[str]) -> str:
    """The end of what began, where it may be many lines away."""
    if found["head"] is not None:
        return "\n---\n"
    if found["fence"]:
        return f"\n{found[0][: found.start('fence') - found.start()]}{found['fence']}"
    if found["comment"]:
        return "-->"
    return f"</{found['tag']}>" if found["tag"] else ""


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
