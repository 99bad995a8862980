"""A sealed file is read as it was written under its name, or not at all."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from generator.files.sealed import (
    is_sealed,
    read_sealed,
    read_sealed_json,
    write_sealed,
    write_sealed_json,
)

CONTENT = b"\nsealed x 3 \n" + bytes(range(256))


@pytest.mark.parametrize("content", [b"", b"\n", CONTENT, CONTENT * 1000])
def test_it_comes_back_as_it_was(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "new" / "0123abcd.json.gz"
    write_sealed(path, content)
    assert is_sealed(path)
    assert read_sealed(path) == content
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_two_that_were_swapped_are_not_believed(tmp_path: Path) -> None:
    one, other = tmp_path / "one.npz", tmp_path / "other.npz"
    write_sealed(one, b"one")
    write_sealed(other, b"other")
    kept = one.read_bytes()
    one.write_bytes(other.read_bytes())
    other.write_bytes(kept)
    for path in (one, other):
        assert not is_sealed(path)
        with pytest.raises(ValueError, match="it is that of"):
            read_sealed(path)


@pytest.mark.slow
def test_no_flipped_bit_is_believed(tmp_path: Path) -> None:
    path = tmp_path / "key.npz"
    write_sealed(path, CONTENT)
    whole = path.read_bytes()
    for place in range(len(whole)):
        spoilt = bytearray(whole)
        spoilt[place] ^= 1 << place % 8
        path.write_bytes(spoilt)
        with pytest.raises(ValueError, match=r"it is|it has"):
            read_sealed(path)


@pytest.mark.slow
def test_nothing_cut_short_longer_or_random_is_believed(tmp_path: Path) -> None:
    path, dice = tmp_path / "key.npz", random.Random(0)
    write_sealed(path, CONTENT)
    whole = path.read_bytes()
    others = [whole[:end] for end in range(len(whole))] + [whole + b"\n", whole[1:]]
    others += [dice.randbytes(dice.randrange(500)) for _ in range(100)]
    for content in others:
        path.write_bytes(content)
        assert not is_sealed(path)
        with pytest.raises(ValueError, match=r"no seal|not what was written"):
            read_sealed(path)


def test_json_with_another_number_or_name_is_not_believed(tmp_path: Path) -> None:
    path = tmp_path / "cats.json"
    value = {"scores": [0.97, 1e-9], "label": "Katze ü", "pair": [1, None]}
    write_sealed_json(path, value)
    assert read_sealed_json(path) == value
    text = path.read_text(encoding="utf-8")
    (tmp_path / "dogs.json").write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match="not what was written"):
        read_sealed_json(tmp_path / "dogs.json")
    for spoilt in (text.replace("0.97", "0.57"), "[]", "{}", "", json.dumps(value), text[:-9]):
        path.write_text(spoilt, encoding="utf-8")
        with pytest.raises(ValueError, match=r"."):
            read_sealed_json(path)
