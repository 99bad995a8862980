from __future__ import annotations

import dataclasses
import tracemalloc
from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import nn

from generator.analysis import attention
from generator.analysis.attention import AttentionMaps
from generator.analysis.cells import EXERCISE_POINTS, cell_of_point, reference_points
from generator.analysis.detections import Detections
from generator.inference.forward_pass import FloatArray, ForwardPass, QueriesAndKeys
from tests.grids import even_grid

MakeForward = Callable[..., ForwardPass]
GRID_HW = (3, 4)


@pytest.fixture
def maps(make_forward: MakeForward) -> AttentionMaps:
    return AttentionMaps(make_forward(GRID_HW, layers=2, heads=3, queries=5))


def projected(
    module: nn.MultiheadAttention, query: torch.Tensor, key: torch.Tensor
) -> QueriesAndKeys:
    """The queries and keys of a module's only layer, in the form of a forward pass."""
    weights, biases = module.in_proj_weight.chunk(3), module.in_proj_bias.chunk(3)

    def split(x: torch.Tensor, part: int) -> FloatArray:
        rows = nn.functional.linear(x[0], weights[part], biases[part])  # (n, heads * d)
        heads = rows.reshape(len(rows), module.num_heads, -1).transpose(0, 1)
        return np.asarray(heads[None].numpy(), dtype=np.float32)

    return QueriesAndKeys(split(query, 0), split(key, 1))


@torch.no_grad()
@pytest.mark.parametrize("head", [None, 0, 3, -1])
def test_equals_what_torch_returns(make_forward: MakeForward, head: int | None) -> None:
    torch.manual_seed(0)
    module = nn.MultiheadAttention(32, 4, batch_first=True)
    nn.init.normal_(module.in_proj_weight, std=0.5)
    nn.init.normal_(module.in_proj_bias)
    tokens, queries = torch.randn(1, 12, 32), torch.randn(1, 5, 32)
    forward = dataclasses.replace(
        make_forward(GRID_HW, detections=0, queries=5),
        encoder_self=projected(module, tokens, tokens),
        decoder_cross=projected(module, queries, tokens),
        decoder_self=projected(module, queries, queries),
    )
    maps = AttentionMaps(forward)

    def of_torch(query: torch.Tensor, key: torch.Tensor) -> FloatArray:
        average = head is None
        _, weights = module(query, key, key, need_weights=True, average_attn_weights=average)
        return np.asarray((weights if head is None else weights[:, head])[0].numpy())

    expected = of_torch(tokens, tokens)
    np.testing.assert_allclose(maps.encoder_self(head=head), expected, atol=1e-5)
    row, column = maps.encoder_row((2, 1), head=head), maps.encoder_column((2, 1), head=head)
    np.testing.assert_allclose(row.ravel(), expected[9], atol=1e-5)
    np.testing.assert_allclose(column.ravel(), expected[:, 9], atol=1e-5)
    cross = maps.decoder_cross(head=head).reshape(5, -1)
    np.testing.assert_allclose(cross, of_torch(queries, tokens), atol=1e-5)
    np.testing.assert_allclose(maps.decoder_self(head=head), of_torch(queries, queries), atol=1e-5)


def test_what_must_sum_to_one_does(maps: AttentionMaps) -> None:
    assert maps.encoder_self().shape == (12, 12)
    np.testing.assert_allclose(maps.encoder_self().sum(axis=1), 1, atol=1e-6)
    assert maps.encoder_row((1, 2)).shape == GRID_HW
    assert maps.encoder_row((1, 2)).sum() == pytest.approx(1, abs=1e-6)
    assert maps.decoder_cross().shape == (5, *GRID_HW)
    np.testing.assert_allclose(maps.decoder_cross().sum(axis=(1, 2)), 1, atol=1e-6)
    assert maps.decoder_self().shape == (5, 5)
    np.testing.assert_allclose(maps.decoder_self().sum(axis=1), 1, atol=1e-6)


def test_columns_sum_to_one_on_average_only(maps: AttentionMaps) -> None:
    sums = [maps.encoder_column((row, column)).sum() for row in range(3) for column in range(4)]
    assert np.mean(sums) == pytest.approx(1, abs=1e-6)
    assert np.ptp(sums) > 0.1


@pytest.mark.parametrize("block", [1, 5, 12, 512])
def test_a_column_is_exact_for_any_block(
    maps: AttentionMaps, monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    monkeypatch.setattr(attention, "_BLOCK", block)
    column = maps.encoder_column((2, 3), layer=0)
    np.testing.assert_allclose(column.ravel(), maps.encoder_self(0)[:, 11], atol=1e-6)


@pytest.mark.slow
def test_a_column_of_a_large_grid_never_holds_the_matrix(make_forward: MakeForward) -> None:
    maps = AttentionMaps(make_forward((60, 70), layers=1, heads=1))
    tracemalloc.start()
    maps.encoder_column((30, 30))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4200 * 4200 * 4 / 1.5


def test_large_scores_do_not_overflow(make_forward: MakeForward) -> None:
    forward = make_forward(GRID_HW)
    pair = forward.encoder_self
    steep = dataclasses.replace(forward, encoder_self=QueriesAndKeys(pair.q * 10, pair.k * 10))
    maps = AttentionMaps(steep)
    np.testing.assert_allclose(maps.encoder_self().sum(axis=1), 1, atol=1e-6)
    expected = maps.encoder_self()[:, 0].reshape(GRID_HW)
    np.testing.assert_allclose(maps.encoder_column((0, 0)), expected, atol=1e-3)


def test_layers_count_from_either_end_and_heads_are_averaged(maps: AttentionMaps) -> None:
    np.testing.assert_array_equal(maps.decoder_cross(-2), maps.decoder_cross(0))
    np.testing.assert_array_equal(maps.decoder_cross(), maps.decoder_cross(1))
    assert not np.allclose(maps.decoder_cross(0), maps.decoder_cross(1))
    by_head = np.mean([maps.decoder_cross(1, head) for head in range(3)], axis=0)
    np.testing.assert_allclose(maps.decoder_cross(1), by_head, atol=1e-6)


@pytest.mark.parametrize("layer", [2, -3])
def test_a_layer_that_is_not_there_is_named(maps: AttentionMaps, layer: int) -> None:
    with pytest.raises(IndexError, match=f"no layer {layer}: .*decoder cross-attention has 2"):
        maps.decoder_cross(layer)
    with pytest.raises(IndexError, match=f"no layer {layer}: .*encoder self-attention has 2"):
        maps.encoder_column((0, 0), layer)


@pytest.mark.parametrize("head", [3, -4])
def test_a_head_that_is_not_there_is_named(maps: AttentionMaps, head: int) -> None:
    with pytest.raises(IndexError, match=f"no head {head}: .*decoder self-attention has 3"):
        maps.decoder_self(head=head)


@pytest.mark.parametrize("cell", [(3, 0), (0, 4), (-1, 0)])
def test_a_cell_that_is_not_there_is_named(maps: AttentionMaps, cell: tuple[int, int]) -> None:
    for of_cell in (maps.encoder_row, maps.encoder_column):
        with pytest.raises(IndexError, match="the grid has 3 rows and 4 columns"):
            of_cell(cell)


@pytest.mark.parametrize(
    ("point", "cell"),
    [((0, 0), (0, 0)), ((1, 1), (24, 33)), ((0.5, 0.1), (2, 17)), ((0.1, 0.5), (12, 3))],
)
def test_a_point_falls_into_a_cell(point: tuple[float, float], cell: tuple[int, int]) -> None:
    assert cell_of_point(point, even_grid(25, 34)) == cell


@pytest.mark.parametrize("point", [(-0.01, 0.5), (0.5, 1.01), (float("nan"), 0.5)])
def test_a_point_outside_is_an_error(point: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="outside the image"):
        cell_of_point(point, even_grid(*GRID_HW))


def found_at(*centres_xy: tuple[float, float]) -> Detections:
    """Detections of 10 x 10 pixels with these centres, in an image of 200 x 400 (w, h)."""
    n = len(centres_xy)
    centres = np.array(centres_xy).reshape(-1, 2)
    return Detections(
        queries=np.arange(n),
        category_ids=np.ones(n, dtype=np.int64),
        labels=("cat",) * n,
        scores=np.linspace(0.99, 0.95, n),
        boxes_xyxy=np.concatenate([centres - 5, centres + 5], axis=1),
        size_hw=(400, 200),
        threshold=0.9,
    )


def test_the_authors_points_are_taken_as_they_are(make_forward: MakeForward) -> None:
    points = ((0.5, 0.5), (0.5, 0.5))
    assert reference_points(make_forward(), found_at(), points) == points


def test_points_are_the_centres_of_the_best_detections(make_forward: MakeForward) -> None:
    detections = found_at((20, 40), (100, 200), (22, 42), (180, 40), (20, 360), (180, 360))
    points = reference_points(make_forward((8, 8)), detections, None)
    assert points == ((0.1, 0.1), (0.5, 0.5), (0.9, 0.1), (0.1, 0.9))  # the third shares a cell


def test_points_are_filled_up_with_the_exercises(make_forward: MakeForward) -> None:
    forward = make_forward((25, 34))
    assert reference_points(forward, found_at(), None) == EXERCISE_POINTS
    in_a_taken_cell = found_at((200 * 0.19, 400 * 0.25))
    points = reference_points(forward, in_a_taken_cell, None)
    assert points == ((0.19, 0.25), *EXERCISE_POINTS[1:])


def test_a_single_cell_has_a_single_point(make_forward: MakeForward) -> None:
    forward = make_forward((1, 1))
    assert reference_points(forward, found_at((100, 100), (20, 20)), None) == ((0.5, 0.25),)
