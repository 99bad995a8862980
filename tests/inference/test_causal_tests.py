from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from generator.errors import CacheError
from generator.inference.causal_tests import (
    ORDERS,
    are_causal_tests,
    load_causal_tests,
    order_of,
    save_causal_tests,
)
from tests.conftest import MakeForward
from tests.invented_causal import invented_causal_tests


@pytest.mark.parametrize("detections", [0, 1, 3])
def test_results_come_back_as_they_were_saved(
    make_forward: MakeForward, tmp_path: Path, detections: int
) -> None:
    tests = invented_causal_tests(make_forward(detections=detections))
    first, second = tmp_path / "1/key.npz", tmp_path / "2/key.npz"
    save_causal_tests(tests, first)
    assert are_causal_tests(first)
    again = load_causal_tests(first)
    save_causal_tests(again, second)
    assert first.read_bytes() == second.read_bytes()
    assert again.plan.kinds == tests.plan.kinds
    np.testing.assert_array_equal(
        again.alone["decoder_self"].scores, tests.alone["decoder_self"].scores
    )
    assert again.orders().shape == (len(ORDERS), detections, 12)


def test_a_damaged_file_is_removed(tmp_path: Path) -> None:
    file = tmp_path / "x.npz"
    file.write_bytes(b"no archive")
    assert not are_causal_tests(file)
    with pytest.raises(CacheError, match="it was removed, so build again"):
        load_causal_tests(file)
    assert not file.exists()


def test_results_of_another_shape_are_refused(make_forward: MakeForward) -> None:
    tests = invented_causal_tests(make_forward())
    with pytest.raises(ValueError, match=r"relevance: expected shape \(2, 12\), got \(1, 12\)"):
        replace(tests, relevance=tests.relevance[:1])


def test_cells_are_ordered_from_the_largest_weight() -> None:
    assert order_of(np.array([[0.1, 0.5, 0.1, 0.3]])).tolist() == [[1, 3, 0, 2]]
