"""Figures are drawn when their data, options or code changed, and not otherwise."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from matplotlib.figure import Figure

from generator.figures.figure_file import DrawnFigure, FigurePlace
from generator.figures.redraw import FigureKind, redraw
from generator.figures.save import save_figure
from generator.files.fingerprint import digest_of
from generator.project.config import FigureOptions

OPTIONS = FigureOptions(dpi=72)


def draw(data: str, options: FigureOptions, width: float = 2) -> Figure:
    figure = Figure(figsize=(width, 1))
    figure.text(0.1, 0.5, data, color=(options.colour_map == "magma" and "red") or "black")
    return figure


def alt(data: str) -> str:
    return f"It says {data}."


WORDS: FigureKind[str] = FigureKind("words", draw, alt)
LONG: FigureKind[str] = FigureKind("long", draw, alt, applies=lambda data: len(data) > 3)
KINDS = (WORDS, LONG)


@pytest.fixture(autouse=True)
def code(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The code of each module, which these tests are no part of: as good as a digest of it."""
    codes: dict[str, str] = {}

    def fingerprint(*modules: str, border: Iterable[str], values: Mapping[str, Any]) -> str:
        assert __name__ in modules
        return digest_of([[codes.get(name, name) for name in modules], values])

    monkeypatch.setattr("generator.figures.redraw.fingerprint", fingerprint)
    return codes


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the figures that were drawn, in their order."""
    names: list[str] = []

    def counted(figure: Figure, path: Path, dpi: int) -> None:
        names.append(path.stem)
        save_figure(figure, path, dpi)

    monkeypatch.setattr("generator.figures.redraw.save_figure", counted)
    return names


def run(
    root: Path,
    data: str = "words",
    *,
    before: dict[str, DrawnFigure] | None = None,
    options: FigureOptions = OPTIONS,
    for_print: bool = False,
    suffix: str = ".webp",
    kinds: tuple[FigureKind[str], ...] = KINDS,
) -> dict[str, DrawnFigure]:
    place = FigurePlace(root / "docs", root / "print", for_print, "figures/a", suffix)
    return redraw(kinds, data, data, options, place, before or {})


def test_first_time_everything_that_applies(tmp_path: Path, drawn: list[str]) -> None:
    assert set(run(tmp_path, "a")) == {"words"}
    figures = run(tmp_path, "many")
    assert set(figures) == {"words", "long"}
    assert drawn == ["words", "words", "long"]
    file = figures["long"].file
    assert (file.path, file.alt) == ("figures/a/long.webp", "It says many.")
    assert file.size_wh == (144, 72)
    assert (tmp_path / "docs" / file.path).stat().st_size == figures["long"].site_bytes[0]


def test_size_of_a_drawing_does_not_depend_on_the_resolution(tmp_path: Path) -> None:
    assert run(tmp_path, suffix=".svg")["words"].file.size_wh == (200, 100)


@pytest.mark.parametrize(
    ("changes", "names"),
    [
        ({}, []),
        ({"data": "other"}, ["words", "long"]),
        ({"options": replace(OPTIONS, colour_map="magma")}, ["words", "long"]),
        ({"options": replace(OPTIONS, dpi=100)}, ["words", "long"]),
        ({"for_print": True}, ["words", "long"]),
    ],
)
def test_only_what_changed(
    tmp_path: Path, drawn: list[str], changes: dict[str, object], names: list[str]
) -> None:
    before = run(tmp_path)
    drawn.clear()
    run(tmp_path, before=before, **changes)  # type: ignore[arg-type]
    assert drawn == names


def test_code_that_draws_counts(tmp_path: Path, drawn: list[str], code: dict[str, str]) -> None:
    before = run(tmp_path)
    drawn.clear()
    code[__name__] = "changed"
    run(tmp_path, before=before)
    assert drawn == ["words", "long"]


def test_print_is_not_thrown_away_by_a_build_without_pdf(tmp_path: Path, drawn: list[str]) -> None:
    before = run(tmp_path, for_print=True)
    assert run(tmp_path, before=before) == before
    assert (tmp_path / "print/figures/a/words.svg").is_file()
    drawn.clear()
    run(tmp_path, before=before, for_print=True)
    assert drawn == []


def test_print_of_other_data_goes(tmp_path: Path) -> None:
    before = run(tmp_path, for_print=True)
    run(tmp_path, "other", before=before)
    assert not (tmp_path / "print/figures/a/words.svg").exists()


def test_figure_for_print_may_be_another(tmp_path: Path) -> None:
    kind = replace(WORDS, draw_for_print=lambda data, options: draw(data, options, width=4))
    run(tmp_path, for_print=True, kinds=(kind,))
    assert 'width="288' in (tmp_path / "print/figures/a/words.svg").read_text()


def test_figures_that_no_longer_apply_go(tmp_path: Path) -> None:
    run(tmp_path, for_print=True)
    (tmp_path / "docs/figures/a/notes.txt").write_text("mine")
    assert set(run(tmp_path, "a")) == {"words"}
    assert sorted(path.name for path in (tmp_path / "docs/figures/a").iterdir()) == [
        "notes.txt", "words.webp",
    ]  # fmt: skip


@pytest.mark.parametrize("damage", [b"", None])
def test_files_that_are_damaged_or_gone_are_drawn_again(
    tmp_path: Path, drawn: list[str], damage: bytes | None
) -> None:
    before = run(tmp_path)
    drawn.clear()
    file = tmp_path / "docs/figures/a/long.webp"
    file.unlink() if damage is None else file.write_bytes(damage)
    run(tmp_path, before=before)
    assert drawn == ["long"]


def test_record_survives_json(tmp_path: Path) -> None:
    for one in run(tmp_path, for_print=True).values():
        assert DrawnFigure.from_json(one.to_json()) == one
