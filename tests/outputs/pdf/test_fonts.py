from __future__ import annotations

from pathlib import Path

import pytest
from matplotlib import get_data_path

import generator.outputs.pdf.fonts as fonts
from generator.outputs.pdf.fonts import gather_fonts, ordered_families


@pytest.fixture(autouse=True)
def _no_fonts_on_this_computer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "findSystemFonts", list)


@pytest.mark.slow
def test_bundled_fonts_suffice_for_most_texts(tmp_path: Path) -> None:
    chosen = gather_fonts(
        set('Aß → ≥ ∅ ✓ λ Ж مرحبا \\ " #\u200d\ufe0f\u00a0e\u0301'), tmp_path, tmp_path / "none"
    )
    assert chosen.families == ("Libertinus Serif", "DejaVu Sans")
    assert not chosen.missing
    assert not chosen.borrowed


@pytest.mark.slow
def test_characters_that_no_font_has_are_reported(tmp_path: Path) -> None:
    assert gather_fonts(set("a北京😀"), tmp_path, tmp_path / "none").missing >= set("北京")


@pytest.mark.slow
def test_fonts_of_the_author_come_next_and_those_of_the_computer_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ttf = Path(get_data_path(), "fonts", "ttf")
    character = "\ue00a"  # of STIX alone
    for folder in ("gathered", "again", "own"):
        (tmp_path / folder).mkdir()
    monkeypatch.setattr(
        fonts, "findSystemFonts", lambda: [str(ttf / name) for name in sorted_names(ttf)]
    )
    borrowed = gather_fonts({character}, tmp_path / "gathered", tmp_path / "own")
    assert borrowed.missing == set()
    assert len(borrowed.borrowed) == 1
    assert borrowed.borrowed[0].startswith("STIX")
    (tmp_path / "own" / "mine.ttf").write_bytes((ttf / borrowed.borrowed[0]).read_bytes())
    own = gather_fonts({character}, tmp_path / "again", tmp_path / "own")
    assert not own.borrowed
    assert not own.missing
    assert own.families == borrowed.families


@pytest.mark.parametrize(
    ("text", "order"), [("北京", ["SC", "TC", "JP"]), ("東京の", ["JP", "SC", "TC"])]
)
def test_shapes_of_han_characters_are_those_of_the_text(text: str, order: list[str]) -> None:
    families = {"Noto Sans CJK JP", "Noto Sans CJK SC", "Noto Sans CJK TC", "Mine", "Zapf"}
    wanted = ["Mine", *(f"Noto Sans CJK {region}" for region in order), "Zapf"]
    assert ordered_families(families, set(text)) == wanted


def sorted_names(folder: Path) -> list[str]:
    return [path.name for path in sorted(folder.glob("*.ttf"))] + ["missing.ttf"]
