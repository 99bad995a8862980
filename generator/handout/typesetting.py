"""HTML -> Typst -> PDF: the two programs that do the work, and what they complain of.

In: HTML, pandoc's filters, and a folder with what Typst reads. Out: Typst's markup, the places
of its units, and the bytes of a PDF/UA-1 file, the same for the same input. pandoc and Typst
come as wheels; neither asks the network or this computer's own settings for anything.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import typst

from generator.errors import PageError
from generator.formulas import find_pandoc
from generator.handout.units import Places, file_at
from generator.sources import has_line

Place = Callable[[str, str], str]
"""From a page's file and a piece of its text to "content/q1.md:12"."""
PlaceOfFormula = Callable[[str], str]
"""From a formula's TeX to "content/q1.md:12"."""

FILTERS = ("units.lua", "blocks.lua", "formulas.lua")
"""What pandoc runs its document through, in this order."""

_MUCH_HTML = 200_000
_UNCONVERTED = re.compile(r"Could not convert TeX math (.*?), rendering as TeX", re.DOTALL)
_ALT = re.compile(r'math\.equation\(alt: "((?:\\.|[^"\\])*)"')
_FIRST_LINE = re.compile(r"^ +┌─ .*?:(\d+):\d+$", re.MULTILINE)
_LONGEST_FORMULA = 30
"""Lines that a formula takes in Typst at most."""
_WORDS = re.compile(r"[^\W_][^\\#$*_`<>@=\[\]()\"{}]{6,}")


def typst_of(chapters: Iterable[str], filters: Path, place: PlaceOfFormula) -> str:
    """Turns HTML into Typst's markup, a few chapters at a time: pandoc takes much memory.

    Args:
        filters: the folder of `FILTERS`.

    Raises:
        PageError: pandoc or a filter refused it, or a formula was lost.
    """
    written, waiting = [], ""
    for chapter in chapters:
        waiting += f"{chapter}\n"
        if len(waiting) > _MUCH_HTML:
            written.append(_run_pandoc(waiting, filters, place))
            waiting = ""
    return "\n".join([*written, _run_pandoc(waiting, filters, place)])


def _run_pandoc(html: str, filters: Path, place: PlaceOfFormula) -> str:
    command = [find_pandoc(), "--from=html", "--to=typst", "--wrap=preserve"]
    command += [f"--lua-filter={filters / name}" for name in FILTERS]
    done = subprocess.run(command, input=html, capture_output=True, encoding="utf-8", check=False)
    if done.returncode:
        raise PageError(f"pandoc could not make the PDF's pages: {done.stderr.strip()}")
    if lost := _UNCONVERTED.findall(done.stderr):
        lines = [f"{place(tex)}: the PDF cannot show the formula `{tex}`" for tex in lost]
        raise PageError("\n".join(dict.fromkeys(lines)))
    return done.stdout


class Typesetter:
    """Typst, with what it reads.

    Attributes:
        folder: holds the pictures and handout.json; nothing outside of it is read.
        fonts: those of one folder, and Typst's own.
        place: finds in the author's files what Typst complains of.
    """

    def __init__(self, folder: Path, fonts: Path, place: Place) -> None:
        self.folder, self.place = folder, place
        self.fonts = typst.Fonts(include_system_fonts=False, font_paths=[fonts])

    def pdf_of(self, source: str) -> bytes:
        """The PDF of a source.

        Raises:
            PageError: Typst refused it; names the file and, where it is known, the line.
        """
        try:
            pdf = self._compiler(source).compile(format="pdf", pdf_standards="ua-1", timestamp=0)
        except typst.TypstError as error:
            raise PageError(self._explained(error, source)) from error
        _forget()
        if not isinstance(pdf, bytes):
            raise TypeError("Typst returns one PDF for one document")
        return pdf

    def places_of(self, source: str) -> Places:
        """Where the units of a source lie, whose pages are given no end.

        Raises:
            PageError: as `pdf_of`.
        """
        compiler = self._compiler(source, {"measuring": "yes"})
        try:
            told = json.loads(compiler.query("<places>", field="value", one=True))
        except RuntimeError:
            self.pdf_of(source)  # says more of what is wrong
            raise
        _forget()
        self._refuse_wide(told["too_wide"], source)
        return Places(told["room_mm"], tuple(told["tops_mm"]))

    def _refuse_wide(self, formulas: Sequence[str], source: str) -> None:
        """Refuses formulas, by their TeX, that would run over the edge of the page."""
        places = {_unescaped(found[1]): found.start() for found in _ALT.finditer(source)}
        lines = []
        for tex in formulas:
            file = file_at(source, source.count("\n", 0, places[tex]) + 1)
            lines.append(
                f"{self.place(file, tex)}: the formula `{tex}` is wider than the PDF's page; "
                "break it into lines with `aligned`"
            )
        if lines:
            raise PageError("\n".join(dict.fromkeys(lines)))

    def _compiler(self, source: str, inputs: dict[str, str] | None = None) -> typst.Compiler:
        return typst.Compiler(
            source.encode(),
            root=self.folder,
            font_paths=self.fonts,
            ignore_system_fonts=True,
            sys_inputs=inputs or {},
        )

    def _explained(self, error: typst.TypstError, source: str) -> str:
        """What Typst says, with the place in the author's files that it says it of."""
        found = _FIRST_LINE.search(error.diagnostic)
        if found is None:
            return f"the PDF could not be typeset: {error.diagnostic.strip()}"
        file = file_at(source, int(found[1]))
        lines = source.split("\n")[: int(found[1])]
        formulas = _ALT.findall("\n".join(lines[-_LONGEST_FORMULA:]))
        reason = "; ".join([error.message, *error.hints])
        if formulas and "$" in lines[-1]:
            tex = _unescaped(formulas[-1])
            return f"{self.place(file, tex)}: the PDF cannot show the formula `{tex}`: {reason}"
        return f"{self._place_of_line(file, lines)}: the PDF cannot show this: {reason}"

    def _place_of_line(self, file: str, lines: list[str]) -> str:
        """The place of the last of some lines, or of the nearest before it that is found."""
        for line in reversed(lines):
            if line.startswith("// unit: "):
                break
            for words in sorted(_WORDS.findall(line), key=len, reverse=True):
                if has_line(place := self.place(file, words)):
                    return place
        return self.place(file, "")


def _unescaped(text: str) -> str:
    """What a string of Typst's stands for, as `shared.lua` writes it."""
    return re.sub(r"\\(.)", r"\1", text)


def _forget() -> None:
    """Frees what Typst remembers of a document: it does so when ten more were set."""
    for _ in range(11):
        typst.Compiler(b"", ignore_system_fonts=True).compile(format="svg")
