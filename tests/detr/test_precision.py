"""Full float32 everywhere: nothing in this repository asks for less, unless `precision:` does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import torch

from generator.detr.precision import computing

ROOT = Path(__file__).parents[2]
ASKS = re.compile(
    r"allow_tf32\s*=\s*True|set_float32_matmul_precision|fp32_precision\s*=|allow_\w+_reduction"
)
CPU = torch.device("cpu")


@pytest.mark.parametrize("folder", ["generator", "benchmarks", "content"])
def test_nothing_asks_for_tf32(folder: str) -> None:
    files = [*(ROOT / folder).rglob("*.py"), *(ROOT / folder).rglob("*.md")]
    assert files
    asking = [file for file in files if ASKS.search(file.read_text(encoding="utf-8"))]
    assert asking == []


def test_tf32_is_off_whatever_was_set_before() -> None:
    torch.backends.cudnn.allow_tf32 = True
    torch.backends.cuda.matmul.allow_tf32 = True
    with computing(CPU, "float32"):
        assert not torch.backends.cudnn.allow_tf32
        assert not torch.backends.cuda.matmul.allow_tf32


@pytest.mark.parametrize(
    ("precision", "dtype"), [("float32", torch.float32), ("bf16", torch.bfloat16)]
)
def test_what_is_asked_for_is_computed_with(precision: str, dtype: torch.dtype) -> None:
    with computing(CPU, precision):
        assert torch.nn.Linear(2, 2)(torch.zeros(1, 2)).dtype == dtype
