"""What is made once in a test run, however many processes pytest-xdist starts.

In: a name, and a function that makes something in an empty folder. Out: what it returned, pickled.
Who comes first makes it, all others wait and read. Nobody may change the folder: tests take copies.
"""

from __future__ import annotations

import os
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest

from generator.files.lock import locked

Made = TypeVar("Made")


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], Made]) -> Made:
    """What `make` returned for a folder called `name`, in this process or in another."""
    place = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        place = place.parent  # which all workers have in common
    folder = place / "shared" / name
    folder.mkdir(parents=True, exist_ok=True)
    kept = folder / "made.pickle"
    with locked(folder, "a test", wait=True):
        if kept.exists():
            return pickle.loads(kept.read_bytes())  # type: ignore[no-any-return]
        work = folder / "work"
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir()
        made = make(work)
        kept.write_bytes(pickle.dumps(made))
        return made
