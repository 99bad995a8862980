"""Forward passes come back from their files as they were, or not at all."""

from __future__ import annotations

import dataclasses
import io
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from generator.errors import CacheError
from generator.files.sealed import read_sealed, write_sealed
from generator.inference.forward_pass import ForwardPass, QueriesAndKeys
from generator.inference.saved_forward_pass import load_forward_pass, save_forward_pass

MakeForward = Callable[..., ForwardPass]


def test_comes_back_from_its_file_unchanged(make_forward: MakeForward, tmp_path: Path) -> None:
    forward = make_forward((2, 3), (48, 72), 1, names=("кошка", "dog"))
    path = tmp_path / "not" / "there" / "yet.npz"
    save_forward_pass(forward, path)
    back = load_forward_pass(path)
    for field in dataclasses.fields(ForwardPass):
        before, after = getattr(forward, field.name), getattr(back, field.name)
        if isinstance(before, QueriesAndKeys):
            np.testing.assert_array_equal(before.q, after.q)
            np.testing.assert_array_equal(before.k, after.k)
        elif isinstance(before, np.ndarray):
            np.testing.assert_array_equal(before, after)
            assert after.dtype == np.float32
        else:
            assert (before, type(before)) == (after, type(after))


def test_saving_leaves_no_temporary_file_behind(make_forward: MakeForward, tmp_path: Path) -> None:
    save_forward_pass(make_forward(), tmp_path / "one.npz")
    save_forward_pass(make_forward(seed=1), tmp_path / "one.npz")
    assert [path.name for path in tmp_path.iterdir()] == ["one.npz"]


@pytest.mark.parametrize("kept", [0, 10, 0.5, 0.98])
def test_a_file_cut_short_is_a_cache_error(
    make_forward: MakeForward, tmp_path: Path, kept: float
) -> None:
    path = tmp_path / "short.npz"
    save_forward_pass(make_forward(), path)
    content = path.read_bytes()
    path.write_bytes(content[: int(kept if kept > 1 else kept * len(content))])
    with pytest.raises(CacheError, match="not a saved forward pass"):
        load_forward_pass(path)


def test_a_missing_file_is_a_cache_error(tmp_path: Path) -> None:
    with pytest.raises(CacheError, match="not a saved forward pass"):
        load_forward_pass(tmp_path / "nothing.npz")


def test_another_archive_is_a_cache_error(tmp_path: Path) -> None:
    np.savez(tmp_path / "other.npz", logits=np.zeros(3))
    with pytest.raises(CacheError, match="not a saved forward pass"):
        load_forward_pass(tmp_path / "other.npz")


@pytest.mark.parametrize("name", ["stride", "first_centre"])
def test_a_file_from_before_cells_had_their_places_is_a_cache_error(
    make_forward: MakeForward, tmp_path: Path, name: str
) -> None:
    path = tmp_path / "old.npz"
    save_forward_pass(make_forward(), path)
    with np.load(io.BytesIO(read_sealed(path))) as archive:
        arrays = dict(archive)
    header = json.loads(str(arrays.pop("header")))
    del header[name]
    old = io.BytesIO()
    np.savez(old, header=np.array(json.dumps(header)), **arrays)
    write_sealed(path, old.getvalue())
    with pytest.raises(CacheError, match=name):
        load_forward_pass(path)
