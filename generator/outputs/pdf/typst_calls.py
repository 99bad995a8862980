"""What is asked of Typst, in a process of its own: Typst does not listen, and may run out of stack.

In: sources, folders, fonts. Out: a PDF, values, or what Typst complains of. `ask` is what others
call; the functions below it run over there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from generator.files.helper import Helper

T = TypeVar("T")

LEAST_S, MEGABYTE_S = 120, 120
"""Seconds for a source, and for each megabyte of it."""
_helper = Helper()


@dataclass(frozen=True)
class Complaint:
    """Why Typst refused a source."""

    message: str
    hints: tuple[str, ...]
    diagnostic: str


def ask(
    function: Callable[..., T], source: str, *arguments: Any, seconds: float | None = None
) -> T:
    """Calls one of the functions below.

    Raises:
        TimeoutError: Typst takes too long.
        ChildProcessError: it went too deep.
    """
    limit = LEAST_S + MEGABYTE_S * len(source) / 1e6 if seconds is None else seconds
    return _helper.call(function, source, *arguments, seconds=limit)


def pdf_of(
    source: str, root: Path | None, fonts: Path, inputs: Mapping[str, str]
) -> bytes | Complaint:
    """The PDF/UA-1 of a source."""
    import typst

    try:
        pdf = _compiler(source, root, fonts, inputs).compile(
            format="pdf", pdf_standards="ua-1", timestamp=0
        )
    except typst.TypstError as error:
        return Complaint(error.message, tuple(error.hints), error.diagnostic)
    finally:
        _forget()
    if not isinstance(pdf, bytes):
        raise TypeError("Typst returns one PDF for one document")
    return pdf


def value_of(
    source: str, root: Path, fonts: Path, inputs: Mapping[str, str], label: str
) -> str | Complaint:
    """The value at a label as JSON."""
    try:
        return str(_compiler(source, root, fonts, inputs).query(label, "value", one=True))
    except RuntimeError as error:
        return Complaint(str(error), (), "")
    finally:
        _forget()


def families_in(_source: str, folder: Path) -> tuple[str, ...]:
    """The families of the fonts in a folder."""
    import typst

    fonts = typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[folder]
    )
    return tuple(fonts.families())


def _compiler(source: str, root: Path | None, fonts: Path, inputs: Mapping[str, str]) -> Any:
    import typst

    where = {} if root is None else {"root": root}
    return typst.Compiler(
        source.encode(),
        font_paths=typst.Fonts(include_system_fonts=False, font_paths=[fonts]),
        ignore_system_fonts=True,
        sys_inputs=dict(inputs),
        **where,
    )


def _forget() -> None:
    """Frees Typst's cache of a document: Typst drops it after ten more compilations."""
    import typst

    for _ in range(11):
        typst.Compiler(b"", ignore_system_fonts=True).compile(format="svg")
