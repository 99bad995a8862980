"""HTML -> Typst -> PDF: runs pandoc and Typst, and explains their errors.

In: HTML, pandoc's filters, and a folder with what Typst reads. Out: Typst's markup, the places
of its units, and the bytes of a PDF/UA-1 file, the same for the same input. pandoc and Typst
come as wheels; neither uses the network or this computer's own settings.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import typst

from generator.errors import PageError
from generator.files.pandoc import pandoc_command
from generator.outputs.pdf.units import Places, file_at
from generator.project.source_lines import has_line

Place = Callable[[str, str], str]
"""From a page's file and a piece of its text to "content/q1.md:12"."""
PlaceOfFormula = Callable[[str], str]
"""From a formula's TeX to "content/q1.md:12"."""

TEMPLATE = "templates/handout/handout.typ"
"""The file that an error in the template itself names."""
FILTERS = ("units.lua", "blocks.lua", "formulas.lua")
"""pandoc's filters, in this order."""

_MUCH_HTML = 200_000
_UNCONVERTED = re.compile(r"Could not convert TeX math (.*?), rendering as TeX", re.DOTALL)
# As formulas.lua writes them.
_FORMULA = re.compile(
    r'#\[#set math\.equation\(alt: "(?P<tex>(?:\\.|[^"\\])*)"\)\n\$.*?\$(?: #label\("[^"]*"\))?\]',
    re.DOTALL,
)
_LOCATION = re.compile(r"^ +┌─ .*?:(\d+):(\d+)$", re.MULTILINE)
_WORDS = re.compile(r"[^\W_][^\\#$*_`<>@=\[\]()\"{}]{6,}")


def typst_of(chapters: Iterable[str], filters: Path, place: PlaceOfFormula) -> str:
    """Turns HTML into Typst's markup, a few chapters at a time, as pandoc takes much memory.

    Args:
        filters: the folder of `FILTERS`.

    Raises:
        PageError: pandoc or a filter failed, or a formula was lost.
    """
    written, waiting = [], ""
    for chapter in chapters:
        waiting += f"{chapter}\n"
        if len(waiting) > _MUCH_HTML:
            written.append(_run_pandoc(waiting, filters, place))
            waiting = ""
    return "\n".join([*written, _run_pandoc(waiting, filters, place)])


def _run_pandoc(html: str, filters: Path, place: PlaceOfFormula) -> str:
    command = [*pandoc_command(), "--from=html", "--to=typst", "--wrap=preserve"]
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

    Args:
        folder: holds the pictures and handout.json; nothing outside of it is read.
        template: in Typst; bodies follow it.
        fonts: the only folder of fonts, apart from Typst's own.
        place: finds the place in the author's files that an error concerns.
    """

    def __init__(self, folder: Path, template: str, fonts: Path, place: Place) -> None:
        self._folder, self._place = folder, place
        self._above = f"{template}\n"
        self._fonts = typst.Fonts(include_system_fonts=False, font_paths=[fonts])

    def source_of(self, body: str) -> str:
        """The whole source for Typst: the template and a body."""
        return self._above + body

    def pdf_of(self, body: str) -> bytes:
        """The PDF of a body.

        Raises:
            PageError: Typst refused it; names the file and, if it is known, the line.
        """
        return self._pdf_of(body, {})

    def places_of(self, body: str) -> Places:
        """The places of a body's units when pages have no end.

        Args:
            body: ends with `#unit-places`.

        Raises:
            PageError: as `pdf_of`; or a formula is wider than the page.
        """
        inputs = {"measuring": "yes"}
        try:
            places = json.loads(self._compiler(body, inputs).query("<places>", "value", one=True))
        except RuntimeError as error:
            self._pdf_of(body, inputs)  # its error says more
            raise PageError(f"{TEMPLATE}: pages could not be measured: {error}") from error
        _forget()
        self._refuse_wide(places["too_wide"], body)
        return Places(places["room_mm"], tuple(places["edges_mm"]))

    def _pdf_of(self, body: str, inputs: dict[str, str]) -> bytes:
        compiler = self._compiler(body, inputs)
        try:
            pdf = compiler.compile(format="pdf", pdf_standards="ua-1", timestamp=0)
        except typst.TypstError as error:
            raise PageError(self._explained(error, body)) from error
        _forget()
        if not isinstance(pdf, bytes):
            raise TypeError("Typst returns one PDF for one document")
        return pdf

    def _compiler(self, body: str, inputs: dict[str, str]) -> typst.Compiler:
        return typst.Compiler(
            self.source_of(body).encode(),
            root=self._folder,
            font_paths=self._fonts,
            ignore_system_fonts=True,
            sys_inputs=inputs,
        )

    def _refuse_wide(self, formulas: Sequence[str], body: str) -> None:
        """Refuses formulas that are wider than the page; they are given as TeX."""
        lines = [
            f"{self._place_of_formula(file_at(body, found.start()), tex)}: the formula `{tex}` is "
            "wider than the PDF's page; break it into lines with `aligned`"
            for found in _FORMULA.finditer(body)
            if (tex := _unescaped(found["tex"])) in formulas
        ]
        if lines:
            raise PageError("\n".join(dict.fromkeys(lines)))

    def _explained(self, error: typst.TypstError, body: str) -> str:
        """Typst's error messages, with the places in the author's files that they concern."""
        reason = "; ".join([error.message, *error.hints])
        above = self._above.count("\n")
        places = [(int(line), int(column)) for line, column in _LOCATION.findall(error.diagnostic)]
        below = [(line - above, column) for line, column in places if line > above]
        if not places:
            return f"the PDF could not be typeset: {reason}"
        if not below:
            return f"{TEMPLATE}:{places[0][0]}: Typst cannot set this: {reason}"
        line, column = below[0]
        lines = body.split("\n")[:line]
        offset = sum(len(one) + 1 for one in lines[:-1]) + column - 1
        file = file_at(body, offset)
        for found in _FORMULA.finditer(body):
            if found.start() <= offset < found.end():
                tex = _unescaped(found["tex"])
                place = self._place_of_formula(file, tex)
                return f"{place}: the PDF cannot show the formula `{tex}`: {reason}"
        return f"{self._place_of_line(file, lines)}: the PDF cannot show this: {reason}"

    def _place_of_formula(self, file: str, tex: str) -> str:
        """The place of a formula, which may also be a part of another formula."""
        places = [self._place(file, form) for form in (f"${tex}$", f"$$ {tex} $$", tex)]
        return next(filter(has_line, places), places[-1])

    def _place_of_line(self, file: str, lines: list[str]) -> str:
        """The place of the last line, or of the nearest line before it that is found."""
        for line in reversed(lines):
            if line.startswith("// unit: "):
                break
            for words in sorted(_WORDS.findall(line), key=len, reverse=True):
                if has_line(place := self._place(file, words)):
                    return place
        return self._place(file, "")


def _unescaped(text: str) -> str:
    """The value of a Typst string, as `shared.lua` writes it."""
    return re.sub(r"\\(.)", r"\1", text)


def _forget() -> None:
    """Frees Typst's cache of a document: Typst drops it after ten more compilations."""
    for _ in range(11):
        typst.Compiler(b"", ignore_system_fonts=True).compile(format="svg")
