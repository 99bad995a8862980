"""The folder of scripts: its module is what its text says, and every file is told of."""

from __future__ import annotations

import numpy as np
import pytest

from tests.live.node import LIVE

wasmtime = pytest.importorskip("wasmtime")


def test_the_module_is_what_an_assembler_makes_of_its_text() -> None:
    text = (LIVE / "kernels.wat").read_text(encoding="utf-8")
    assert wasmtime.wat2wasm(text) == (LIVE / "kernels.wasm").read_bytes()


def test_the_module_multiplies_without_a_browser() -> None:
    store = wasmtime.Store()
    module = wasmtime.Module.from_file(store.engine, str(LIVE / "kernels.wasm"))
    memory = wasmtime.Memory(store, wasmtime.MemoryType(wasmtime.Limits(1, None)))
    multiply = wasmtime.Instance(store, module, [memory]).exports(store)["multiply"]
    random = np.random.default_rng(0)
    a, b = (random.normal(size=shape).astype(np.float32) for shape in ((8, 3), (3, 8)))
    for place, array in ((1024, a), (2048, b)):
        memory.write(store, array.tobytes(), place)
    # a, its steps and sizes; three floats a row; b, bias, panels; plus; c, its step, floor
    multiply(store, 1024, 12, 0, 1, 8, 1, 0, 12, 2048, 0, 1, 0, 0, 0, 4096, 32, 0.0)
    found = np.frombuffer(memory.read(store, 4096, 4096 + 256), np.float32).reshape(8, 8)
    np.testing.assert_allclose(found, (a @ b).clip(0), atol=1e-6)


def test_the_folder_tells_of_every_script() -> None:
    docs = LIVE.parents[2] / "docs"
    told = "".join(
        (docs / name).read_text(encoding="utf-8") for name in ("live.md", "explorer.md", "lab.md")
    )
    names = [path.name for path in LIVE.iterdir() if path.suffix in (".js", ".wat", ".wasm")]
    assert len(names) > 5
    assert [name for name in names if f"`{name}`" not in told] == []
