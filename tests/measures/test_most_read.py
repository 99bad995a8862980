import numpy as np
import pytest

from generator.measures import attention_rows
from generator.measures.most_read import attention_received, find_sinks, most_read, on_border
from tests.conftest import MakeForward
from tests.measures.planting import one_hot, planted, random_rows


def test_received_is_the_sum_of_the_columns_and_one_on_average() -> None:
    rows = random_rows(2, 3, 12, 12)
    received = attention_received(planted(rows), 1)
    assert received.shape == (4, 12)
    np.testing.assert_allclose(received[1:], rows[1].sum(axis=1), rtol=1e-5)
    np.testing.assert_allclose(received[0], received[1:].mean(axis=0))
    np.testing.assert_allclose(received.mean(axis=1), 1)


def test_a_cell_that_all_read_receives_as_much_as_there_are_cells() -> None:
    received = attention_received(planted(one_hot([7] * 12, 12)[None, None]), 0)
    assert received[0, 7] == pytest.approx(12)


def test_large_grids_are_scaled_to_one_on_average(monkeypatch: pytest.MonkeyPatch) -> None:
    pair = planted(random_rows(1, 1, 40, 40))
    full = attention_received(pair, 0)
    monkeypatch.setattr(attention_rows, "MOST_ROWS", 20)
    some = attention_received(pair, 0)
    assert some.mean() == pytest.approx(1)
    assert not np.allclose(some, full)


@pytest.mark.parametrize(("tokens", "number"), [(1, 1), (12, 1), (192, 10), (850, 42)])
def test_a_twentieth_of_the_cells_are_the_most_read(tokens: int, number: int) -> None:
    received = np.random.default_rng(0).random((2, 3, tokens))
    cells = most_read(received)
    assert cells.shape == (2, 3, number)
    least = np.take_along_axis(received, cells, axis=-1).min(axis=-1)
    assert ((received >= least[..., None]).sum(axis=-1) == number).all()
    assert (np.diff(cells) > 0).all()


def test_of_equal_cells_the_first_are_taken_whatever_the_rounding() -> None:
    noise = np.random.default_rng(0).normal(0, 1e-12, 40)
    assert most_read(1 + noise).tolist() == [0, 1]


def test_border_of_a_grid() -> None:
    assert on_border((3, 4)).sum() == 10
    assert not on_border((3, 4)).reshape(3, 4)[1, 1:3].any()
    assert on_border((1, 5)).all()
    assert on_border((2, 2)).all()


def test_sinks_of_every_layer_and_head(make_forward: MakeForward) -> None:
    sinks = find_sinks(make_forward((5, 8), layers=2, heads=3))
    assert sinks.received.shape == (2, 4, 40)
    assert sinks.cells.shape == (2, 4, 2)
    assert sinks.grid_hw == (5, 8)
