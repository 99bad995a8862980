import json
from pathlib import Path

import numpy as np
import pytest

from generator.exercises.grading.observation import Array, observation_from

GOOD = {"errors": [], "classes": ["A"], "state": [["w", [2, 3]]], "runs": [{"size": [64, 96]}]}


def written(folder: Path, content: object) -> Path:
    path = folder / "step-0.json"
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return path


def test_the_file_of_a_worker_is_read(tmp_path: Path) -> None:
    seen = observation_from(written(tmp_path, GOOD))
    assert seen is not None
    assert seen.state == (("w", (2, 3)),)
    assert seen.runs[0].boxes is None


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[" * 100_000,
        b"\xff",
        b" " * 6_000_000,
        [],
        {},
        {**GOOD, "more": 1},
        {**GOOD, "classes": ["x" * 1000]},
        {**GOOD, "errors": [{"stage": "other", "kind": "", "text": "", "line": 1}]},
        {**GOOD, "runs": [{"size": [64, 96], "boxes": {"shape": [2], "numbers": [1.0]}}]},
        {**GOOD, "runs": [{"size": [64, 96], "boxes": {"shape": [-1, -1], "numbers": [1.0]}}]},
        {**GOOD, "runs": [{"size": [64, 96], "boxes": {"shape": [1] * 99, "numbers": [1.0]}}]},
        {**GOOD, "runs": [{"size": [64, 96], "boxes": {"shape": [1], "numbers": [10**400]}}]},
        {**GOOD, "runs": [{"size": [64, 96], "boxes": {"shape": [1], "numbers": ["x"]}}]},
    ],
)
def test_any_other_content_is_no_observation(tmp_path: Path, content: object) -> None:
    assert observation_from(written(tmp_path, content)) is None


def test_a_folder_in_its_place_is_no_observation(tmp_path: Path) -> None:
    assert observation_from(tmp_path) is None


def test_arrays_are_equal_up_to_rounding() -> None:
    one = Array(shape=(2, 1), numbers=(0.0, 1.0))
    assert np.array_equal(one.values, [[0.0], [1.0]])
    assert one.equals(Array(shape=(2, 1), numbers=(1e-5, 1.0)))
    assert not one.equals(Array(shape=(1, 2), numbers=(0.0, 1.0)))
    assert not one.equals(Array(shape=(2, 1), numbers=(0.0, 1.1)))
    assert not one.equals(Array(shape=(2, 1), numbers=None))
    nan = Array(shape=(1,), numbers=(float("nan"),))
    assert not nan.equals(nan)
