"""Processes that should end with their parent: who of them is still at work."""

from __future__ import annotations

import time
from collections.abc import Sequence

import psutil

LONG_S = 60
"""After so long a process that should end at once never will, however busy the machine is."""


def children_of(process: int) -> list[psutil.Process]:
    """All that a process has started, and they in turn."""
    try:
        return psutil.Process(process).children(recursive=True)
    except psutil.Error:
        return []


def left_of(family: Sequence[psutil.Process]) -> list[psutil.Process]:
    """Those that do not end; one that nobody has asked for its exit code has ended."""
    until = time.monotonic() + LONG_S
    while (left := [one for one in family if _is_at_work(one)]) and time.monotonic() < until:
        time.sleep(0.02)
    return left


def _is_at_work(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False
