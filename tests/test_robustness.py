"""`docs/robustness.md` names a test for each promise, and there are such tests."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "docs" / "robustness.md").read_text(encoding="utf-8")


def test_every_row_names_tests_that_exist() -> None:
    rows = [row for row in TEXT.splitlines() if row.startswith("| ")]
    promises = [row for row in rows if not row.startswith(("| what happens", "| ---"))]
    assert len(promises) > 25
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py")]
    there = set(re.findall(r"^def (test_\w+)", "\n".join(sources), re.MULTILINE))
    for row in promises:
        named = re.findall(r"`(test_\w+)`", row.split("|")[3])
        assert named, row
        assert set(named) <= there, row
