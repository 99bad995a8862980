"""The folder for what all builds of one user share.

It holds what must not come along with a project, such as compiled code.
"""

from __future__ import annotations

from pathlib import Path

from platformdirs import user_cache_path


def user_cache() -> Path:
    """The user's own cache folder for this program."""
    return user_cache_path("detr-attention-handout", appauthor=False)
