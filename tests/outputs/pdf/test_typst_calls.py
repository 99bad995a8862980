"""Typst is ended when it takes too long, and the place of what it cannot set is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.errors import PageError
from generator.outputs.pdf import typesetting, typst_calls
from generator.outputs.pdf.typesetting import Typesetter
from generator.outputs.pdf.typst_calls import Complaint, ask, pdf_of

MARK = '// unit: {"file": "q1.md", "starts": "", "level": 0, "kind": "text"}\n'
LONG = "#for n in range(40000000) { n = n + 1 }\n"


def typesetter(folder: Path) -> Typesetter:
    (folder / "fonts").mkdir(exist_ok=True)
    return Typesetter(folder, "", folder / "fonts", lambda file, text: f"content/{file}:7")


@pytest.mark.slow
def test_what_takes_too_long_is_ended(tmp_path: Path) -> None:
    with pytest.raises(TimeoutError):
        ask(pdf_of, LONG, tmp_path, tmp_path, {}, seconds=1)


@pytest.mark.slow
def test_the_place_of_what_takes_too_long_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(typst_calls, "LEAST_S", 2)
    monkeypatch.setattr(typesetting, "UNIT_S", 2)
    body = f"{MARK}Some ordinary words.\n{MARK}{LONG}Words that come after it.\n"
    with pytest.raises(PageError, match=r"^content/q1\.md:7: .* was not done with it in time"):
        typesetter(tmp_path).pdf_of(body)


@pytest.mark.slow
def test_what_goes_too_deep_is_an_error(tmp_path: Path) -> None:
    deep = f"{MARK}#{'[' * 20000}x{']' * 20000}\n"
    try:
        found = ask(pdf_of, deep, tmp_path, tmp_path, {}, seconds=60)
    except ChildProcessError:
        return
    assert isinstance(found, Complaint)
