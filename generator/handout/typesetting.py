"""HTML -> Typst -> PDF: the two programs that do the work, and what they complain of.

In: HTML, a template, pictures, fonts. Out: the bytes of a PDF/UA-1 file, the same for the
same input. pandoc and Typst come as wheels; neither asks the network or this computer's own
settings for anything.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path

import typst

from generator.errors import PageError
from generator.formulas import find_pandoc

PlaceOfFormula = Callable[[str], str]
"""From a formula's TeX to "content/q1.md:12"."""

_MUCH_HTML = 200_000
_UNCONVERTED = re.compile(r"Could not convert TeX math (.*?), rendering as TeX", re.DOTALL)
_ALT = re.compile(r'math\.equation\(alt: "((?:\\.|[^"\\])*)"')
_FIRST_LINE = re.compile(r"handout\.typ:(\d+):")


def typst_of(chapters: Iterable[str], lua_filter: Path, place: PlaceOfFormula) -> str:
    """Turns HTML into Typst's markup, a few chapters at a time: pandoc takes much memory.

    Raises:
        PageError: pandoc or the filter refused it, or a formula was lost.
    """
    written, waiting = [], ""
    for chapter in chapters:
        waiting += f"{chapter}\n"
        if len(waiting) > _MUCH_HTML:
            written.append(_run_pandoc(waiting, lua_filter, place))
            waiting = ""
    return "\n".join([*written, _run_pandoc(waiting, lua_filter, place)])


def _run_pandoc(html: str, lua_filter: Path, place: PlaceOfFormula) -> str:
    command = [
        find_pandoc(), "--from=html", "--to=typst", "--wrap=preserve", f"--lua-filter={lua_filter}",
    ]  # fmt: skip
    done = subprocess.run(command, input=html, capture_output=True, encoding="utf-8", check=False)
    if done.returncode:
        raise PageError(f"pandoc could not make the PDF's pages: {done.stderr.strip()}")
    if lost := _UNCONVERTED.findall(done.stderr):
        lines = [f"{place(tex)}: the PDF cannot show the formula `{tex}`" for tex in lost]
        raise PageError("\n".join(dict.fromkeys(lines)))
    return done.stdout


def pdf_of(main: Path, fonts: Path, place: PlaceOfFormula) -> bytes:
    """Typesets a Typst file and what it includes.

    Args:
        main: the file, handout.typ; everything that it reads lies in its folder.
        fonts: the one folder that fonts are taken from, besides Typst's own.

    Raises:
        PageError: Typst refused it.
    """
    compiler = typst.Compiler(main, root=main.parent, font_paths=[fonts], ignore_system_fonts=True)
    try:
        pdf = compiler.compile(format="pdf", pdf_standards="ua-1", timestamp=0)
    except typst.TypstError as error:
        raise PageError(_explained(error, main, place)) from error
    if not isinstance(pdf, bytes):
        raise TypeError("Typst returns one PDF for one document")
    return pdf


def _explained(error: typst.TypstError, main: Path, place: PlaceOfFormula) -> str:
    """What Typst says, with the place in the author's files if a formula is to blame."""
    found = _FIRST_LINE.search(error.diagnostic)
    lines = main.read_text(encoding="utf-8").splitlines()[: int(found[1]) if found else 0]
    formulas = _ALT.findall("\n".join(lines[-_LONGEST_FORMULA:]))
    if formulas and "$" in "".join(lines[-1:]):
        tex = re.sub(r"\\(.)", r"\1", formulas[-1])
        return f"{place(tex)}: the PDF cannot show the formula `{tex}`: {error.message}"
    return f"the PDF could not be typeset: {error.diagnostic.strip()}"


_LONGEST_FORMULA = 30
"""Lines that a formula takes in Typst at most."""
