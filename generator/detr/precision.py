"""The numbers that a network computes with: float32 in full on every device, or bfloat16 if asked.

In: a device and a precision's name. Out: a context to run the network in. By default PyTorch lets
NVIDIA's cards round what goes into convolutions to 10 bits (TF32), which moves scores by up to
0.006 and keys by 0.07; in full float32 all devices agree to about 1e-6.
"""

from __future__ import annotations

from contextlib import AbstractContextManager

import torch

FLOAT32, BF16 = "float32", "bf16"


def forbid_tf32() -> None:
    """Full float32 from here on, in convolutions and matrix products, whatever was set before."""
    torch.backends.cudnn.allow_tf32 = False
    torch.backends.cuda.matmul.allow_tf32 = False


def computing(device: torch.device, precision: str) -> AbstractContextManager[object]:
    """While open, networks compute with these numbers.

    With bfloat16, convolutions, linear maps and attention do; softmax and norms stay as they are.
    """
    forbid_tf32()
    return torch.autocast(device.type, torch.bfloat16, enabled=precision == BF16)
