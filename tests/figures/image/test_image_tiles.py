"""All figures of an image for the site: pictures without words, with words beside them."""

from __future__ import annotations

import numpy as np
import pytest

from generator.analysis.entry_analysis import EntryAnalysis, analyse
from generator.analysis.grid import Grid
from generator.figures.image.ablation import ABLATION
from generator.figures.image.decoder import DECODER, ROLLOUT
from generator.figures.image.deletion import DELETION
from generator.figures.image.encoder import ENCODER_COLUMN, ENCODER_ROW
from generator.figures.image.image_set import IMAGE_FIGURES
from generator.figures.image.knock_out import KNOCK_OUT
from generator.figures.image.matching_kind import MATCHING, matching_of
from generator.figures.image.sinks import SINKS
from generator.figures.redraw import FigureKind
from generator.figures.tiles import Tiles, map_picture
from generator.measures.digits import in_digits
from generator.project.annotations import Annotation
from generator.project.config import FigureOptions
from tests.conftest import MakeForward
from tests.invented_causal import invented_causal_tests

OPTIONS, SMALL = FigureOptions(dpi=100), FigureOptions(dpi=72)
PIXELS = np.full((96, 128, 3), 200, np.uint8)
OBJECTS = (
    Annotation(category="cat", bbox=(0.0, 0.0, 40.0, 40.0)),
    Annotation(category="dog", bbox=(50.0, 50.0, 50.0, 40.0)),
)


def analysis(make_forward: MakeForward, detections: int) -> EntryAnalysis:
    forward = make_forward((6, 8), detections=detections, layers=3, heads=2)
    causal = invented_causal_tests(forward)
    return analyse(PIXELS, forward, 0.9, annotations=OBJECTS, causal=causal)


def tiles_of(
    kind: FigureKind[EntryAnalysis], one: EntryAnalysis, options: FigureOptions = OPTIONS
) -> Tiles:
    assert kind.tiles is not None
    return kind.tiles(one, options)


@pytest.mark.slow
@pytest.mark.parametrize("kind", IMAGE_FIGURES, ids=lambda kind: kind.name)
@pytest.mark.parametrize("detections", [0, 1, 7])
def test_every_figure_has_tiles_that_can_be_told(
    make_forward: MakeForward, kind: FigureKind[EntryAnalysis], detections: int
) -> None:
    one = analysis(make_forward, detections)
    if not kind.applies(one):
        return
    made = tiles_of(kind, one, SMALL)
    assert made.tiles
    for tile in made.tiles:
        assert tile.pixels.dtype == np.uint8
        assert tile.pixels.ndim == 3
        assert len(tile.alt) > 5
        for mark in tile.marks:
            assert all(0 <= place <= 1 for place in mark.place_xy)
    if detections == 1:
        for tile, same in zip(made.tiles, tiles_of(kind, one, SMALL).tiles, strict=True):
            np.testing.assert_array_equal(tile.pixels, same.pixels)


@pytest.mark.parametrize("kind", [DECODER, ROLLOUT], ids=lambda kind: kind.name)
def test_each_query_has_its_map_above_its_box(
    make_forward: MakeForward, kind: FigureKind[EntryAnalysis]
) -> None:
    one = analysis(make_forward, 3)
    made = tiles_of(kind, one)
    queries = one.detections.queries.tolist()
    assert [tile.title for tile in made.tiles] == [f"query {query}" for query in queries]
    for tile in made.tiles:
        assert "maximum" in tile.text
        assert "looks most at" in tile.alt
    if kind is DECODER:
        first = made.tiles[0].pixels
        height = (len(first) - 6) // 2
        weights = one.maps.decoder_cross()[queries[0]]
        expected = map_picture(weights, Grid.of(one.forward), (height, first.shape[1]), "viridis")
        np.testing.assert_array_equal(first[:height], expected)
    assert made.colour_map == "viridis"


def test_without_detections_a_sentence_takes_the_place_of_maps(make_forward: MakeForward) -> None:
    (tile,) = tiles_of(DECODER, analysis(make_forward, 0)).tiles
    assert tile.text == "No query scores above 90 %: there is no map to draw."


@pytest.mark.parametrize("kind", [ENCODER_ROW, ENCODER_COLUMN], ids=lambda kind: kind.name)
def test_points_are_marked_and_numbered(
    make_forward: MakeForward, kind: FigureKind[EntryAnalysis]
) -> None:
    one = analysis(make_forward, 2)
    image, *maps = tiles_of(kind, one).tiles
    numbers = [str(number) for number in range(1, len(one.points) + 1)]
    assert [mark.text for mark in image.marks] == numbers
    assert [mark.place_xy for mark in image.marks] == list(one.points)
    assert [tile.title for tile in maps] == numbers
    assert [tile.colour for tile in maps] == [mark.colour for mark in image.marks]
    assert image.is_large
    assert all(("sum" in tile.text) == (kind is ENCODER_COLUMN) for tile in maps)


def test_sinks_have_a_tile_for_each_layer(make_forward: MakeForward) -> None:
    made = tiles_of(SINKS, analysis(make_forward, 1))
    assert [tile.title for tile in made.tiles] == [f"Layer {layer} of 3" for layer in (1, 2, 3)]
    assert "most-read 2 of 48 cells" in made.remark


@pytest.mark.slow
def test_rows_of_causal_tests_keep_their_columns(make_forward: MakeForward) -> None:
    one = analysis(make_forward, 2)
    taken = tiles_of(KNOCK_OUT, one)
    assert taken.columns == 5
    assert len(taken.tiles) == 10
    assert taken.tiles[0].title == f"query {one.detections.queries[0]}"
    assert taken.tiles[1].text.startswith("its own box taken away")
    without = tiles_of(ABLATION, one)
    assert [tile.text.split(":")[0] for tile in without.tiles] == [
        "as it is", "encoder self-attention removed", "decoder self-attention removed",
        "decoder cross-attention removed", "as it is",
        "encoder self-attention uniform", "decoder self-attention uniform",
        "decoder cross-attention uniform",
    ]  # fmt: skip


@pytest.mark.slow
def test_curves_are_drawn_for_the_width_of_a_telephone(make_forward: MakeForward) -> None:
    *_, taken, given = tiles_of(DELETION, analysis(make_forward, 2)).tiles
    assert taken.alt.startswith("Areas under the curves of deletion")
    assert given.alt.startswith("Areas under the curves of insertion")
    assert taken.is_large
    assert taken.pixels.shape[1] == 465  # 3.1 inches, at one and a half times 100


@pytest.mark.slow
def test_costs_are_a_table_of_text(make_forward: MakeForward) -> None:
    one = analysis(make_forward, 2)
    made, matching = tiles_of(MATCHING, one), matching_of(one)
    table = made.table
    assert table is not None
    assert [heading for heading, _ in table.headings] == ["1", "2"]
    for row in table.rows:
        costs = matching.costs.total[int(row.title)]
        assert [cell.text for cell in row.cells] == [in_digits(cost, decimals=2) for cost in costs]
        for index, cell in enumerate(row.cells):
            assert bool(cell.frame) == (int(matching.queries[index]) == int(row.title))
    assert [row.starts for row in table.rows if row.starts] == ["without an object"]
    assert table.remark == f"{matching.num_queries - len(table.rows)} more queries not shown"
    (tile,) = made.tiles
    pairs = [mark.text for mark in tile.marks]
    assert pairs == ["1", str(matching.queries[0]), "2", str(matching.queries[1])]
