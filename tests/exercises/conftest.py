"""The shipped exercise."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.exercises.notes import Worksheet, read_worksheet

CONTENT = Path(__file__).parents[2] / "content"


@pytest.fixture(scope="session")
def worksheet() -> Worksheet:
    """The minimal DETR with its notes."""
    return read_worksheet(CONTENT / "exercises" / "minimal_detr.py")
