"""What a project's `mkdocs.yml` inherits: the settings that a build wrote.

In: the file that MkDocs is reading. Out: the name of another file beside it, or an error that says
what to run first. MkDocs itself would only say that a file is missing.
"""

from __future__ import annotations

import sys
from pathlib import Path

BUILT = "build/mkdocs.yml"
_READERS = ("yaml_load", "_yaml_load")
"""The functions of MkDocs and Zensical that read settings; their `source` is the open file."""


def built() -> str:
    """The name of the settings.

    Raises:
        mkdocs.exceptions.ConfigurationError: there is no student's site yet.
    """
    if not (_project() / BUILT).is_file():
        from mkdocs.exceptions import ConfigurationError

        raise ConfigurationError(
            "there is no student's site to show yet; run `python -m generator build` first, or "
            "`python -m generator serve` in place of this command"
        )
    return BUILT


def _project() -> Path:
    """The folder of the settings that are being read.

    YAML tells nobody which file it reads, and the folder that MkDocs was started in may be another.
    """
    frame = sys._getframe()
    while frame is not None and frame.f_code.co_name not in _READERS:
        frame = frame.f_back  # type: ignore[assignment]
    source = frame.f_locals.get("source") if frame is not None else None
    return Path(getattr(source, "name", "mkdocs.yml")).parent
