"""What goes to Node comes back as it was, and what fails there fails here."""

from pathlib import Path

import numpy as np
import pytest

from tests.live.node import ScriptError, run

pytestmark = pytest.mark.node


def test_files_are_loaded_in_their_order_and_values_go_both_ways(tmp_path: Path) -> None:
    (tmp_path / "one.js").write_text("globalThis.Live = { known: ['one'] };")
    (tmp_path / "two.js").write_text("Live.known.push('two');")
    body = "return { known: await Promise.resolve(Live.known), twice: value.map((x) => 2 * x) };"
    files = [tmp_path / "one.js", tmp_path / "two.js"]
    assert run(files, body, [1, 2.5]) == {"known": ["one", "two"], "twice": [2, 5]}


@pytest.mark.parametrize("dtype", ["float32", "float64", "uint8", "int8", "int32"])
def test_arrays_keep_every_bit(dtype: str) -> None:
    array = np.array([1, 2 / 3, 100 / 7]).astype(dtype)
    back = run([], "return { kind: value.constructor.name, same: value };", array)
    assert back["kind"].lower() == f"{dtype}array"
    assert back["same"].dtype == dtype
    assert back["same"].tobytes() == array.tobytes()


@pytest.mark.slow
def test_a_script_leaves_nothing_to_the_next() -> None:
    run([], "globalThis.left = 1; Math.random = () => 7; console.log('nobody reads this');")
    assert run([], "return [typeof left, Math.random() < 1];") == ["undefined", True]


@pytest.mark.slow
def test_a_script_that_takes_too_long_is_ended() -> None:
    with pytest.raises(ScriptError, match="ended"):
        run([], "for (;;);", seconds=0.5)
    with pytest.raises(ScriptError, match="without a result"):
        run([], "process.exit(3);")
    assert run([], "return 1;") == 1


def test_an_error_in_a_script_is_an_error_here() -> None:
    with pytest.raises(ScriptError, match="no such thing"):
        run([], "throw new Error('no such thing');")
    with pytest.raises(ScriptError, match="SyntaxError"):
        run([], "return (;")


def test_an_array_that_javascript_cannot_hold_is_refused() -> None:
    with pytest.raises(TypeError, match="float16"):
        run([], "return value;", np.zeros(2, np.float16))
