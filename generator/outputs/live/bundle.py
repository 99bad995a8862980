"""The live model as one script, which a page loads when the reader presses "Start".

In: a network, and the scripts and the WebAssembly module of `templates/assets/live`. Out: JavaScript
that sets `Live.bundle`. Numbers are text in it, as a page that was opened from a file can load nothing
else. The same input gives the same bytes.
"""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Literal

import numpy as np

from generator.outputs.live.network import LiveNetwork

WORKER_SCRIPTS = (
    "resize.js", "weights.js", "kernels.js", "tensor.js", "model.js", "detr.js", "worker.js",
)  # fmt: skip
"""What runs beside the page, in the order in which it is loaded."""
KERNELS = "kernels.wasm"
Precision = Literal["float16", "float32"]


def live_bundle(network: LiveNetwork, scripts: Path, precision: Precision = "float16") -> str:
    """The script's text.

    Args:
        network: the model.
        scripts: the folder `templates/assets/live`.
        precision: of the numbers; half is exact enough, and half as long.
    """
    names = sorted(network.tensors)
    tensors = [np.ascontiguousarray(network.tensors[name]) for name in names]
    shapes = [[name, list(one.shape)] for name, one in zip(names, tensors, strict=True)]
    little_endian = np.dtype(precision).newbyteorder("<")
    weights = b"".join(one.astype(little_endian).tobytes() for one in tensors)
    bundle = {
        "model": {**network.description, "type": precision, "tensors": shapes},
        "weights": base64.b64encode(weights).decode("ascii"),
        "kernels": base64.b64encode((scripts / KERNELS).read_bytes()).decode("ascii"),
        "worker": worker_source(scripts),
    }
    text = json.dumps(bundle, ensure_ascii=True, separators=(",", ":"))
    return f"(globalThis.Live = globalThis.Live || {{}}).bundle = {text};\n"


def worker_source(scripts: Path) -> str:
    """The worker's scripts, one after the other; a name for the browser's debugger comes last."""
    texts = [(scripts / name).read_text(encoding="utf-8") for name in WORKER_SCRIPTS]
    return "\n".join([*texts, "//# sourceURL=live-worker.js\n"])
