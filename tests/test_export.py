"""Maps as files: the right ones, exactly, and errors that name what there is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image

from generator.__main__ import main
from generator.analysis.cells import cell_of_point
from generator.analysis.entry_analysis import EntryAnalysis, analyse
from generator.analysis.grid import Grid
from generator.errors import UsageError
from generator.export import ExportedMap, Request, exported_maps
from generator.inference.runner import LocatedEntry, Runner
from generator.inference.saved_forward_pass import save_forward_pass
from tests.conftest import MakeForward
from tests.tiny_project import copy_of_tinysite

PIXELS = np.full((96, 128, 3), 200, np.uint8)


def analysis(make_forward: MakeForward, detections: int = 2) -> EntryAnalysis:
    forward = make_forward(detections=detections, layers=3, heads=2)
    return analyse(PIXELS, forward, 0.9, ((0.1, 0.2), (0.9, 0.8)))


def maps(
    one: EntryAnalysis, kind: str = "decoder_cross", **choice: tuple[str, ...]
) -> list[ExportedMap]:
    return list(exported_maps(one, Request(kind, **choice)))


def test_by_default_the_last_layers_mean_of_the_kept_queries(make_forward: MakeForward) -> None:
    one = analysis(make_forward)
    found = maps(one)
    assert [each.name for each in found] == [
        f"decoder_cross-layer3-mean-query{query}" for query in one.detections.queries
    ]
    for each, query in zip(found, one.detections.queries, strict=True):
        np.testing.assert_array_equal(each.weights, one.maps.decoder_cross()[query])
    assert "layer 3 of 3, mean of 2 heads, query 0 (cat); sum 1, maximum" in str(found[0])


def test_layers_heads_and_queries_are_those_named_and_each_once(make_forward: MakeForward) -> None:
    one = analysis(make_forward)
    found = maps(one, layers=("2", "1", "2"), heads=("mean", "all", "1"), queries=("5",))
    assert [each.name.removeprefix("decoder_cross-") for each in found] == [
        f"layer{layer}-{head}-query5" for layer in (2, 1) for head in ("mean", "head1", "head2")
    ]
    np.testing.assert_array_equal(found[-1].weights, one.maps.decoder_cross(0, 1)[5])
    assert "query 5 (not kept)" in found[0].words
    assert len(maps(one, layers=("all",), queries=("all",))) == 3 * 20


def test_maps_of_points_are_rows_and_columns(make_forward: MakeForward) -> None:
    one = analysis(make_forward)
    cell = cell_of_point((0.9, 0.8), Grid.of(one.forward))
    (row,) = maps(one, "encoder_row", points=("2",))
    (column,) = maps(one, "encoder_column", points=("0.9,0.8",), heads=("1",))
    np.testing.assert_array_equal(row.weights, one.maps.encoder_row(cell))
    np.testing.assert_array_equal(column.weights, one.maps.encoder_column(cell, -1, 0))
    assert (row.name, column.name) == (
        "encoder_row-layer3-mean-point2", "encoder_column-layer3-head1-point0.9,0.8"
    )  # fmt: skip
    assert len(maps(one, "encoder_row")) == 2
    (pixel,) = maps(one, "encoder_row", points=("115,76",))
    np.testing.assert_array_equal(pixel.weights, row.weights)


def test_a_query_looks_at_queries(make_forward: MakeForward) -> None:
    one = analysis(make_forward)
    (row,) = maps(one, "decoder_self", queries=("3",))
    np.testing.assert_array_equal(row.weights, one.maps.decoder_self()[3][None])
    assert "at query " in str(row)


CROSS, SELF, ROW = "decoder_cross", "decoder_self", "encoder_row"


@pytest.mark.parametrize(
    ("kind", "option", "word", "says"),
    [
        (CROSS, "layers", "4", "layer: there is no layer 4; they go from 1 to 3, and 3 is the"),
        (CROSS, "layers", "last", "layer: expected a number from 1 to 3, or all, found last"),
        (
            CROSS,
            "heads",
            "0",
            "head: there is no head 0; they go from 1 to 2, and 1 is the nearest",
        ),
        (CROSS, "heads", "x", "head: expected a number from 1 to 2, or mean, or all, found x"),
        (SELF, "queries", "20", "query: there is no query 20; they go from 0 to 19, and 19 is the"),
        (ROW, "points", "3", "point: there is no point 3; they go from 1 to 2, and 2 is the"),
        (
            ROW,
            "points",
            "1.5,0.5",
            "point: 1.5,0.5 lies outside the image, which goes from 0 to 1; 1",
        ),
        (ROW, "points", "a,b", "point: expected x,y as fractions of width and height"),
        (ROW, "points", "0.5,nan", "point: expected x,y as fractions of width and height"),
    ],
)
def test_what_is_not_there_is_an_error_that_names_the_nearest(
    make_forward: MakeForward, kind: str, option: str, word: str, says: str
) -> None:
    with pytest.raises(UsageError) as error:
        maps(analysis(make_forward), kind, **{option: (word,)})
    assert f"--{says}" in str(error.value)


def test_without_detections_a_query_has_to_be_named(make_forward: MakeForward) -> None:
    one = analysis(make_forward, detections=0)
    with pytest.raises(UsageError, match=r"no query of this image scores above 0\.9; name one"):
        maps(one)
    assert len(maps(one, queries=("7",))) == 1


@pytest.fixture
def project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make_forward: MakeForward
) -> tuple[Path, list[str]]:
    """A project whose model is a random forward pass, and the slugs that it ran over."""
    ran: list[str] = []

    def run(runner: Runner, located: LocatedEntry) -> None:
        ran.append(located.entry.slug)
        save_forward_pass(make_forward(size_hw=(96, 128)), located.forward_pass)

    monkeypatch.setattr(Runner, "run", run)
    folder = copy_of_tinysite(tmp_path / "site")
    monkeypatch.chdir(folder)
    return folder, ran


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["export", *arguments])


@pytest.mark.slow
def test_files_hold_the_map_and_the_model_runs_once(project: tuple[Path, list[str]]) -> None:
    folder, ran = project
    for _ in range(2):
        result = run("beach", "--query", "4", "--head", "2", "--offline")
        assert result.exit_code == 0, result.output
    assert ran == ["beach"]
    name = "decoder_cross-layer2-head2-query4"
    assert name in result.output
    files = folder / "build/export/beach"
    assert {file.name for file in files.iterdir()} == {
        f"{name}{end}" for end in (".npy", ".csv", ".png")
    }
    weights = np.load(files / f"{name}.npy")
    assert (weights.shape, weights.dtype) == ((3, 4), np.float32)
    assert weights.sum() == pytest.approx(1, abs=1e-6)
    table = np.loadtxt(files / f"{name}.csv", delimiter=",", dtype=np.float32)
    np.testing.assert_array_equal(table, weights)
    with Image.open(files / f"{name}.png") as picture:
        assert picture.size == (128, 96)
        row, column = divmod(int(weights.argmax()), 4)
        assert picture.getpixel((column * 32 + 8, row * 32 + 8)) == (253, 231, 37)  # of viridis


@pytest.mark.slow
def test_a_row_of_queries_has_a_picture_of_squares(project: tuple[Path, list[str]]) -> None:
    folder, _ = project
    assert run("beach", "--kind", "decoder_self", "--query", "4").exit_code == 0
    with Image.open(folder / "build/export/beach/decoder_self-layer2-mean-query4.png") as picture:
        assert picture.size == (20 * 16, 16)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ("beech", "there is no image `beech` in the gallery; did you mean `beach`?"),
        ("zzz", "; there are "),
        ("beach --kind decoder-cros", "--kind: there is no decoder-cros; did you mean `decoder_c"),
        ("beach --point 1", "--point: a map of decoder_cross belongs to a query; use --query"),
        ("beach --kind encoder_row --query 1", "--query: a map of encoder_row belongs to a point"),
    ],
)
def test_a_wrong_word_is_an_error_before_anything_is_written(
    project: tuple[Path, list[str]], arguments: str, says: str
) -> None:
    result = run(*arguments.split())
    assert result.exit_code == 2
    assert says in result.output
    assert not (project[0] / "build").exists()
