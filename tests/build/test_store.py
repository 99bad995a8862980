"""A cache in object storage: what is there is believed only if it is whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.build.store import Store
from generator.errors import UsageError
from generator.files.sealed import read_sealed, write_sealed, write_sealed_json

pytest.importorskip("fsspec")


@pytest.fixture
def places(tmp_path: Path) -> tuple[Store, Store, Path]:
    """The storage as two machines see it, and its folder."""
    there = tmp_path / "store"
    for name in ("one", "other"):
        (tmp_path / name / "measures").mkdir(parents=True)
    address = f"file://{there}"
    return Store.of(address, tmp_path / "one"), Store.of(address, tmp_path / "other"), there


def test_a_file_goes_from_machine_to_machine(places: tuple[Store, Store, Path]) -> None:
    one, other, _ = places
    write_sealed(one.cache / "measures/key.json.gz", b"numbers")
    write_sealed_json(one.cache / "measures/key.found.json", {"is": "told"})
    for name in ("key.json.gz", "key.found.json", "missing.json"):
        one.put(one.cache / "measures" / name)
        other.fetch(other.cache / "measures" / name)
    got = {path.name: path.read_bytes() for path in (other.cache / "measures").iterdir()}
    assert got == {path.name: path.read_bytes() for path in (one.cache / "measures").iterdir()}


@pytest.mark.parametrize("kind", ["file", "memory"])
def test_of_many_files_those_that_lack_are_put_and_no_other_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    store = Store.of(f"{kind}://{tmp_path / 'store'}", tmp_path / "cache")
    files = [tmp_path / "cache/measures" / f"{name}.json.gz" for name in "abc"]
    for file in files:
        write_sealed(file, b"numbers")
    asked: list[Path] = []

    def put(_: Store, file: Path) -> None:
        asked.append(file)
        whole_put(store, file)

    whole_put = Store.put
    monkeypatch.setattr(Store, "put", put)
    missing = tmp_path / "cache/measures/none.json.gz"
    store.put_missing([*files[:2], missing])
    assert asked == files[:2]
    for _ in range(2):
        store.put_missing([*files, missing])
        assert asked == files
    store.system.pipe_file(f"{store.root}/measures/b.json.gz", b"cut sh")
    store.put_missing(files)
    assert asked == [*files, files[1]]
    assert store.system.cat_file(f"{store.root}/measures/b.json.gz") == files[1].read_bytes()


@pytest.mark.parametrize("damage", [b"", b"cut sh", b'{"seal": "x", "value": 1}'])
@pytest.mark.parametrize("name", ["key.json.gz", "key.found.json"])
def test_what_is_damaged_there_is_missing_and_then_replaced(
    places: tuple[Store, Store, Path], name: str, damage: bytes
) -> None:
    one, other, there = places
    (there / "measures").mkdir(parents=True)
    (there / "measures" / name).write_bytes(damage)
    here = other.cache / "measures" / name
    other.fetch(here)
    assert not here.exists()
    write_sealed_json(here, [1, 2]) if name.endswith(".json") else write_sealed(here, b"again")
    other.put(here)
    one.fetch(one.cache / "measures" / name)
    assert (one.cache / "measures" / name).read_bytes() == here.read_bytes()


def test_a_storage_that_cannot_be_used_is_told_in_a_sentence(tmp_path: Path) -> None:
    store = Store.of(f"file://{tmp_path / 'store'}", tmp_path / "cache")
    (tmp_path / "cache").mkdir()
    write_sealed(tmp_path / "cache/key.npz", b"x")
    (tmp_path / "store").write_text("a file is in its way")
    with pytest.raises(UsageError, match=r"--store .*store: "):
        store.put(tmp_path / "cache/key.npz")
    assert read_sealed(tmp_path / "cache/key.npz") == b"x"
