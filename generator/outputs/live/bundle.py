"""The live model as one script, which a page loads when the reader presses "Start".

In: a network, and the scripts and the WebAssembly module of `templates/assets/live`. Out:
JavaScript that sets `Live.bundle`. Numbers are text in it, as a page that was opened from a file
can load nothing else. The same input gives the same bytes.

Weights take 16 bits each: whole numbers, with one factor for each row of a matrix. Half precision
takes as many, but is ten times less exact for numbers that are all of about one size, and moved
scores of queries in doubt by up to 0.06.
"""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt

from generator.outputs.live.network import LiveNetwork
from generator.project.overlay import Overlay

Floats = npt.NDArray[np.float32]

WORKER_SCRIPTS = (
    "resize.js", "weights.js", "kernels.js", "tensor.js", "model.js", "source.js", "changes.js",
    "detr.js", "worker.js",
)  # fmt: skip
"""What runs beside the page, in the order in which it is loaded."""
KERNELS = "kernels.wasm"
Precision = Literal["int16", "float32"]
_LARGEST = 2**15 - 1


def live_bundle(
    network: LiveNetwork, scripts: Path | Overlay, precision: Precision = "int16"
) -> str:
    """The script's text.

    Args:
        network: the model.
        scripts: the folder `templates/assets/live`.
        precision: of matrices and kernels; vectors, which are short, stay as they are.
    """
    names = sorted(network.tensors)
    singles, whole = [], []
    for name in names:
        tensor = network.tensors[name]
        if precision == "float32" or tensor.ndim == 1:
            singles.append(tensor)
        else:
            numbers, factors = whole_numbers(tensor)
            singles.append(factors)
            whole.append(numbers)
    shapes = [[name, list(network.tensors[name].shape)] for name in names]
    bundle = {
        "model": {**network.description, "precision": precision, "tensors": shapes},
        "singles": _base64(b"".join(one.astype("<f4").tobytes() for one in singles)),
        "whole": _base64(b"".join(one.astype("<i2").tobytes() for one in whole)),
        "kernels": _base64(Overlay.of(scripts).file(KERNELS).read_bytes()),
        "worker": worker_source(scripts),
    }
    text = json.dumps(bundle, ensure_ascii=True, separators=(",", ":"))
    return f"(globalThis.Live = globalThis.Live || {{}}).bundle = {text};\n"


def whole_numbers(tensor: Floats) -> tuple[npt.NDArray[np.int16], Floats]:
    """A tensor (n, ...) as whole numbers of its shape, and n factors to multiply them with."""
    rows = tensor.reshape(len(tensor), -1).astype(np.float64)
    factors = (np.abs(rows).max(axis=1) / _LARGEST).astype(np.float32)
    factors[factors == 0] = 1
    numbers = np.rint(rows / factors[:, None].astype(np.float64)).clip(-_LARGEST, _LARGEST)
    return numbers.astype(np.int16).reshape(tensor.shape), factors


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")


def worker_source(scripts: Path | Overlay) -> str:
    """The worker's scripts, one after the other; a name for the browser's debugger comes last."""
    files = map(Overlay.of(scripts).file, WORKER_SCRIPTS)
    texts = [file.read_text(encoding="utf-8") for file in files]
    return "\n".join([*texts, "//# sourceURL=live-worker.js\n"])
