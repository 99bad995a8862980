"""How often a test tries the same thing: a few times in each run, many times if that is asked for.

THOROUGH=1 scripts/check
"""

from __future__ import annotations

import os


def times(few: int, many: int) -> int:
    """`few`, or `many` in a thorough run."""
    return many if os.environ.get("THOROUGH") else few
