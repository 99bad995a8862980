"""The numbers of the right class, with a small backbone, and a handed-in notebook."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from generator.exercises.homework.right_numbers import right_numbers
from generator.exercises.notes import Worksheet
from tests.exercises.homework.handed_in import PRINTED, notebook_of
from tests.exercises.test_minimal_detr import SmallBackbone
from tests.shared import made_once

Change = Callable[..., bytes]


@pytest.fixture(scope="session")
def numbers(worksheet: Worksheet, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    def make(_: Path) -> str:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("torchvision.models.resnet50", SmallBackbone)
            return right_numbers(worksheet)

    found: dict[str, Any] = json.loads(made_once(tmp_path_factory, "right-numbers", make))
    return found


@pytest.fixture
def handed_in() -> Change:
    """Makes the bytes of a notebook; each keyword replaces what a cell printed."""

    def make(**changes: str) -> bytes:
        printed = {**PRINTED, **{name.replace("_", "-"): text for name, text in changes.items()}}
        return notebook_of(printed)

    return make
