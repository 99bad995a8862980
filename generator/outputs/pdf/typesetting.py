"""HTML -> Typst -> PDF: runs pandoc and Typst, and explains their errors.

In: HTML, pandoc's filters, and a folder with what Typst reads. Out: Typst's markup, the places
of its units, and the bytes of a PDF/UA-1 file, the same for the same input. pandoc and Typst
come as wheels; neither uses the network or this computer's own settings.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from generator.errors import PageError
from generator.files.pandoc import run_pandoc
from generator.outputs.pdf.typst_calls import Complaint, ask, pdf_of, value_of
from generator.outputs.pdf.units import Places, file_at, units_of
from generator.project.overlay import Overlay
from generator.project.source_lines import has_line

T = TypeVar("T")
Place = Callable[[str, str], str]
"""From a page's file and a piece of its text to "content/q1.md:12"."""
PlaceOfFormula = Callable[[str], str]
"""From a formula's TeX to "content/q1.md:12"."""

TEMPLATE = "templates/handout/handout.typ"
"""The file that an error in the template itself names."""
FILTERS = ("units.lua", "blocks.lua", "formulas.lua")
"""pandoc's filters, in this order."""

_MUCH_HTML = 200_000
UNIT_S = 10
"""Seconds of Typst for a unit alone, where it takes too long for all of them."""
PANDOC_S = 120
"""The most seconds for that much."""
_PAGE = re.compile(r'<div data-file="([^"]*)"')
_UNCONVERTED = re.compile(r"Could not convert TeX math (.*?), rendering as TeX", re.DOTALL)
# As formulas.lua writes them.
_FORMULA = re.compile(
    r'#\[#set math\.equation\(alt: "(?P<tex>(?:\\.|[^"\\])*)"\)\n\$.*?\$(?: #label\("[^"]*"\))?\]',
    re.DOTALL,
)
_LOCATION = re.compile(r"^ +┌─ .*?:(\d+):(\d+)$", re.MULTILINE)
_WORDS = re.compile(r"[^\W_][^\\#$*_`<>@=\[\]()\"{}]{6,}")


def typst_of(chapters: Iterable[str], filters: Path | Overlay, place: PlaceOfFormula) -> str:
    """Turns HTML into Typst's markup, a few chapters at a time, as pandoc takes much memory.

    Args:
        filters: the folder of `FILTERS`.

    Raises:
        PageError: pandoc or a filter failed, or a formula was lost.
    """
    written: list[str] = []
    waiting: list[str] = []
    for chapter in chapters:
        waiting.append(chapter)
        if sum(map(len, waiting)) > _MUCH_HTML:
            written.append(_converted(waiting, filters, place))
            waiting = []
    return "\n".join([*written, _converted(waiting, filters, place)])


def _converted(chapters: Sequence[str], filters: Path | Overlay, place: PlaceOfFormula) -> str:
    """Some chapters in Typst's markup; one that takes too long is named."""
    try:
        return _run_pandoc("".join(f"{one}\n" for one in chapters), filters, place)
    except TimeoutError:
        if len(chapters) > 1:
            return "\n".join(_converted([one], filters, place) for one in chapters)
        page = _PAGE.search(chapters[0])
        name = page[1] if page else "a page"
        raise PageError(
            f"content/{name}: pandoc was not done with this page after {PANDOC_S} seconds; "
            "is there something deep or long in it?"
        ) from None


def _run_pandoc(html: str, filters: Path | Overlay, place: PlaceOfFormula) -> str:
    options = ["--from=html", "--to=typst", "--wrap=preserve"]
    options += [f"--lua-filter={Overlay.of(filters).file(name)}" for name in FILTERS]
    done = run_pandoc(options, html, PANDOC_S)
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
        self._fonts = fonts

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
        found = self._asked(value_of, body, inputs, "<places>")
        if isinstance(found, Complaint):
            self._pdf_of(body, inputs)  # its error says more
            raise PageError(f"{TEMPLATE}: pages could not be measured: {found.message}")
        places = json.loads(found)
        self._refuse_wide(places["too_wide"], body)
        return Places(places["room_mm"], tuple(places["edges_mm"]))

    def _pdf_of(self, body: str, inputs: dict[str, str]) -> bytes:
        pdf = self._asked(pdf_of, body, inputs)
        if isinstance(pdf, Complaint):
            raise PageError(self._explained(pdf, body))
        return pdf

    def _asked(self, function: Callable[..., T], body: str, *arguments: Any) -> T:
        """Asks Typst, and names the unit that it cannot set in time."""
        given = (self._folder, self._fonts, *arguments)
        try:
            return ask(function, self.source_of(body), *given)
        except (TimeoutError, ChildProcessError) as error:
            raise PageError(self._place_of_slow(body, given) + _never_done(error)) from None

    def _place_of_slow(self, body: str, given: tuple[Any, ...]) -> str:
        """Where the first unit stands that Typst cannot set alone either."""
        for unit in units_of(body):
            try:
                ask(pdf_of, self.source_of(unit.markup), *given[:3], seconds=UNIT_S)
            except (TimeoutError, ChildProcessError):
                return self._place_of_line(unit.file, unit.markup.split("\n")[1:])
        return TEMPLATE

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

    def _explained(self, error: Complaint, body: str) -> str:
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


def _never_done(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return ": the PDF cannot show this: Typst was not done with it in time"
    return ": the PDF cannot show this: it goes too deep for Typst"
