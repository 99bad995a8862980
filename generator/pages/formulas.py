"""LaTeX between dollar signs becomes MathML, once, when the page is written.

In: the Markdown of a page. Out: the same Markdown with each `$...$` and `$$...$$` as
inline HTML that needs no script, font or other host. Code spans, fenced code, HTML
comments and the settings at the top of a page stay as they are. pandoc does the
translation, in one call per page; what it would silently lose is refused instead.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from generator.errors import PageError
from generator.files.pandoc import run_pandoc
from generator.files.time_limit import at_most

_PIECE = re.compile(
    r"""
      (?P<settings> \A---\n .*? ^---$ )
    | (?P<fence>
        ^[ \t>]*(?P<mark>`{3,}(?=[^`\n]*$)|~{3,}) .*? (?: ^[ \t>]*(?P=mark)[`~]*[ \t]*$ | \Z )
      )
    | (?P<comment> <!-- .*? --> )
    | (?P<escape> \\[\\`] )
    | (?P<dollar> \\\$ )
    | (?P<code> (?<!`)(?P<run>`+)(?!`) (?: (?!\n[ \t>]*\n). )+? (?<!`)(?P=run)(?!`) )
    | \$\$ (?P<display> (?: \\. | \n(?![ \t>]*\n) | [^\\$`\n] )+ ) \$\$
    | (?P<open> \$\$ )
    | \$(?![\s$]) (?P<inline> (?: \\. | \n(?![ \t>]*\n) | [^\\$`\n] )+? ) (?<!\s)\$(?![\d$])
    | (?P<bare> \\begin\{[a-z]+\*?\} )
    """,
    re.MULTILINE | re.DOTALL | re.VERBOSE,
)
_HEADING = re.compile(r"[ ]{0,3}\#{1,6}\s")
# pandoc drops the first five; browsers do not draw the `menclose` that the others become.
_LOST = re.compile(r"\\(color|hline|label|tag|newcommand|boxed|b?cancel)(?![a-zA-Z])")
_LINED_ARRAY = re.compile(r"\\begin\{array\}\s*\{[^}]*\|")
_DEEPEST, _LONGEST = 8, 5000
"""Braces within braces, to which pandoc's time is exponential; characters of a formula."""
_PAGE_S, _FORMULA_S = 60, 5
"""Seconds of pandoc for all formulas of a page, and for one that is tried alone."""
_BRACE = re.compile(r"\\.|[{}]", re.DOTALL)
_REASON = re.compile(r"^\s+(unexpected .*)$", re.MULTILINE)


@dataclass(frozen=True)
class _Formula:
    tex: str
    display: bool


def render_formulas(markdown: str, place: Callable[[str], str]) -> str:
    """Replaces the formulas of a page by MathML.

    Args:
        markdown: after Jinja.
        place: from a piece of the page's text to "content/q1.md:12", for errors.

    Raises:
        PageError: one line for each formula that cannot be shown as it was written.
        TimeIsUp: the page is written so that its formulas are not found in time.
    """
    with at_most(_PAGE_S):
        pieces = list(_PIECE.finditer(markdown))
    problems = [f"{place(text)}: {why}" for text, why in map(_problem, pieces) if why]
    formulas = list(dict.fromkeys(filter(None, map(_formula, pieces))))
    rendered: dict[_Formula, str] = {}
    if not problems and formulas:
        try:
            results = _run_pandoc(formulas)
        except TimeoutError:
            raise PageError(_too_slow(formulas, place)) from None
        for formula, (mathml, why) in zip(formulas, results, strict=True):
            rendered[formula] = _inline_html(mathml, formula.display)
            if why:
                problems.append(f"{place(formula.tex)}: the formula `{formula.tex}` has {why}")
    if problems:
        raise PageError("\n".join(problems))

    def replacement(piece: re.Match[str]) -> str:
        formula = _formula(piece)
        if formula:
            return rendered[formula]
        return "&#36;" if piece["dollar"] else piece[0]

    with at_most(_PAGE_S):
        return _PIECE.sub(replacement, markdown)


def _formula(piece: re.Match[str]) -> _Formula | None:
    tex = piece["display"] or piece["inline"]
    return _Formula(tex.strip(), bool(piece["display"])) if tex else None


def _problem(piece: re.Match[str]) -> tuple[str, str]:
    """The text to look for in the page's source, and what is wrong with the formula, or ""."""
    if piece["open"]:
        rest = piece.string[piece.start() :].split("\n\n")[0]
        return rest, "`$$` opens a formula that no `$$` closes before the next blank line"
    if piece["bare"]:
        return piece[0], f"`{piece[0]}` stands outside a formula; put `$$` around it"
    formula = _formula(piece)
    if not formula:
        return "", ""
    tex = formula.tex
    if lost := _LOST.search(tex):
        return tex, f"the formula `{tex}` uses `{lost[0]}`, which pages cannot show; leave it out"
    if _LINED_ARRAY.search(tex):
        return tex, f"the formula `{tex}` has lines between columns, which pages cannot show"
    if len(tex) > _LONGEST:
        return tex[:80], f"a formula of {len(tex)} characters; at most {_LONGEST} are read"
    if _depth(tex) > _DEEPEST:
        return tex, f"the formula has more than {_DEEPEST} braces within each other"
    line_start = piece.string.rfind("\n", 0, piece.start()) + 1
    if _HEADING.match(piece.string, line_start):
        return tex, f"the heading holds the formula `{tex}`; menus and search cannot, use words"
    return "", ""


def _depth(tex: str) -> int:
    """How many braces are open at most."""
    depth = deepest = 0
    for found in _BRACE.finditer(tex):
        depth = max(0, depth + {"{": 1, "}": -1}.get(found[0], 0))
        deepest = max(deepest, depth)
    return deepest


def _too_slow(formulas: Sequence[_Formula], place: Callable[[str], str]) -> str:
    """Names the formula that takes too long."""
    for formula in sorted(formulas, key=lambda one: -len(one.tex)):
        try:
            _run_pandoc([formula], _FORMULA_S)
        except TimeoutError:
            return f"{place(formula.tex)}: pandoc cannot read this formula in {_FORMULA_S} seconds"
    return f"{place('')}: pandoc cannot read the page's formulas in {_PAGE_S} seconds"


def _run_pandoc(formulas: Sequence[_Formula], seconds: float = _PAGE_S) -> list[tuple[str, str]]:
    """For each formula its MathML, and an explanation if there is none, else ""."""
    source = "\n\n".join(
        f"$${formula.tex}$$" if formula.display else f"${formula.tex}$" for formula in formulas
    )
    options = ["--from=markdown_strict+tex_math_dollars", "--to=html", "--mathml"]
    done = run_pandoc(options, source, seconds)
    paragraphs = re.findall(r"<p>(.*?)</p>", done.stdout, re.DOTALL)
    if done.returncode or len(paragraphs) != len(formulas):
        raise PageError(f"pandoc could not read the page's formulas: {done.stderr.strip()}")
    reasons = iter(
        _reason(warning) for warning in done.stderr.split("[WARNING] Could not convert")[1:]
    )
    return [
        (paragraph, "" if "<math" in paragraph else next(reasons, "an error"))
        for paragraph in paragraphs
    ]


def _reason(warning: str) -> str:
    found = _REASON.search(warning)
    return f"an error: {found[1]}" if found else "an error"


def _inline_html(mathml: str, display: bool) -> str:
    """MathML that Markdown passes through unchanged in any place.

    The span keeps Markdown from taking a `math` at the start of a line for a separate
    block. Characters in texts become entities, as a "*" or "|" would be markup. Search
    leaves formulas out: an index of single letters would be useless.
    """
    mathml = mathml.replace(' xmlns="http://www.w3.org/1998/Math/MathML"', "")
    mathml = re.sub(r">([^<]+)<", lambda text: f">{_entities(text[1])}<", mathml)
    kind = "display" if display else "inline"
    return f'<span class="math-{kind}" data-search-exclude="true">{mathml}</span>'


def _entities(text: str) -> str:
    line = " ".join(html.unescape(text).split("\n"))
    return "".join(
        character
        if character.isalnum() or character == " " or not character.isascii()
        else f"&#{ord(character)};"
        for character in line
    )
