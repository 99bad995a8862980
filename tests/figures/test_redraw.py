"""Figures are drawn when their data, options or code changed, and not otherwise."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure

from generator.figures.figure_file import Cell, DrawnFigure, FigurePlace, Mark, Row, Table
from generator.figures.redraw import FigureKind, redraw
from generator.figures.save import save_figure
from generator.figures.style import width
from generator.figures.tiles import Tile, Tiles
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


@pytest.mark.slow
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


def test_code_that_draws_for_print_alone_counts(
    tmp_path: Path, drawn: list[str], code: dict[str, str]
) -> None:
    def on_paper(data: str, options: FigureOptions) -> Figure:
        return draw(data, options, 4)

    on_paper.__module__ = "elsewhere"
    kinds = (replace(WORDS, draw_for_print=on_paper),)
    before = run(tmp_path, for_print=True, kinds=kinds)
    drawn.clear()
    code["elsewhere"] = "changed"
    run(tmp_path, for_print=True, kinds=kinds, before=before)
    assert drawn == ["words"]


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


def tiles(data: str, _: FigureOptions) -> Tiles:
    """A tile for each letter."""
    pixels = np.zeros((4, 6, 3), np.uint8)
    marks = (Mark("1", (0.5, 0.25), "#ffffff", "black", "one", (0.0, 1.0), "narrow"),)
    made = [Tile(pixels, f"Letter {one}", one, colour="#0077bb", marks=marks) for one in data]
    row = Row("7", "#0077bb", "white", "cat", (Cell("1.0", "#eeeeee", "#0077bb"),), "")
    table = Table("Costs", (("1", "cat"),), (row,), "")
    return Tiles(tuple(made), "Letters.", "viridis", 3, table)


TILED = replace(WORDS, name="tiled", tiles=tiles)


def test_tiles_take_the_place_of_the_figure_which_only_print_has(
    tmp_path: Path, drawn: list[str]
) -> None:
    tiled = run(tmp_path, "ab", kinds=(TILED,), for_print=True)["tiled"]
    assert drawn == []
    docs = tmp_path / "docs"
    assert [one.path for one in tiled.file.tiles] == [
        "figures/a/tiled-1.webp",
        "figures/a/tiled-2.webp",
    ]
    assert tiled.site_bytes == tuple((docs / one.path).stat().st_size for one in tiled.file.tiles)
    assert not (docs / tiled.file.path).exists()
    assert (tmp_path / "print/figures/a/tiled.svg").is_file()
    assert not (tmp_path / "print/figures/a/tiled.webp").exists()
    first = tiled.file.tiles[0]
    assert (first.alt, first.title, first.ink, first.size_wh) == ("Letter a", "a", "white", (6, 4))
    assert (tiled.file.remark, tiled.file.columns) == ("Letters.", 3)
    assert (tiled.file.scale[0], tiled.file.scale[-1]) == ("#440154", "#fde725")
    assert tiled.file.alt == "It says ab."


def test_without_a_pdf_the_whole_figure_is_not_even_drawn(tmp_path: Path) -> None:
    def refuse(*_: object) -> Figure:
        raise AssertionError

    refuse.__module__ = __name__
    assert run(tmp_path, kinds=(replace(TILED, draw=refuse),))


def test_tiles_that_are_no_more_go_and_lost_ones_come_back(tmp_path: Path) -> None:
    before = run(tmp_path, "abc", kinds=(TILED,))
    after = run(tmp_path, "ab", kinds=(TILED,), before=before)
    folder = tmp_path / "docs/figures/a"
    names = ["tiled-1.webp", "tiled-2.webp"]
    assert sorted(path.name for path in folder.iterdir()) == names
    (folder / "tiled-2.webp").unlink()
    assert run(tmp_path, "ab", kinds=(TILED,), before=after) == after
    assert sorted(path.name for path in folder.iterdir()) == names


def test_code_of_tiles_counts(tmp_path: Path, code: dict[str, str]) -> None:
    def elsewhere(data: str, options: FigureOptions) -> Tiles:
        return tiles(data, options)

    elsewhere.__module__ = "elsewhere"
    kind = replace(TILED, tiles=elsewhere)
    before = run(tmp_path, kinds=(kind,))
    code["elsewhere"] = "changed"
    assert run(tmp_path, kinds=(kind,), before=before) != before


def test_a_tall_figure_in_tiles_is_printed_from_pixels(tmp_path: Path, drawn: list[str]) -> None:
    def tall(_: str, __: FigureOptions) -> Figure:
        return Figure(figsize=(1, 2))

    tall.__module__ = __name__
    run(tmp_path, for_print=True, kinds=(replace(TILED, draw=tall),))
    assert drawn == ["tiled"]
    assert (tmp_path / "print/figures/a/tiled.webp").is_file()
    assert not (tmp_path / "docs/figures/a/tiled.webp").exists()


def test_a_narrowed_figure_is_drawn_once_more(tmp_path: Path, drawn: list[str]) -> None:
    def wide_or_narrow(_: str, __: FigureOptions) -> Figure:
        return Figure(figsize=(width(), 1))

    wide_or_narrow.__module__ = __name__
    kind = replace(WORDS, draw=wide_or_narrow, is_narrowed=True)
    found = run(tmp_path, suffix=".svg", kinds=(kind,), for_print=True)["words"]
    assert drawn == ["words", "words-narrow"]
    assert found.file.narrow is not None
    assert (found.file.size_wh, found.file.narrow.size_wh) == ((700, 100), (310, 100))
    assert len(found.site_bytes) == 2
    assert DrawnFigure.from_json(json.loads(json.dumps(found.to_json()))) == found
    assert 'width="504' in (tmp_path / "print/figures/a/words.svg").read_text()
    (tmp_path / "docs/figures/a/words-narrow.svg").unlink()
    drawn.clear()
    run(tmp_path, suffix=".svg", kinds=(kind,), before={"words": found}, for_print=True)
    assert drawn == ["words", "words-narrow"]


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
    for one in run(tmp_path, for_print=True, kinds=(WORDS, TILED)).values():
        assert DrawnFigure.from_json(json.loads(json.dumps(one.to_json()))) == one
