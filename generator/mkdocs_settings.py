"""What a project's `mkdocs.yml` inherits: the settings that a build wrote.

In: the command line of MkDocs. Out: the name of a file beside that `mkdocs.yml`, or an error that
says what to run first. MkDocs itself would only say that a file is missing.
"""

from __future__ import annotations

import sys
from pathlib import Path

BUILT = "build/mkdocs.yml"
_OPTIONS = ("-f", "--config-file")


def built() -> str:
    """The name of the settings.

    Raises:
        mkdocs.exceptions.ConfigurationError: there is no student's site yet.
    """
    if not (_project(sys.argv) / BUILT).is_file():
        from mkdocs.exceptions import ConfigurationError

        raise ConfigurationError(
            "there is no student's site to show yet; run `python -m generator build` first, or "
            "`python -m generator serve` in place of this command"
        )
    return BUILT


def _project(arguments: list[str]) -> Path:
    """The folder of the settings that MkDocs was told to read."""
    for index, one in enumerate(arguments):
        option, _, value = one.partition("=")
        if option in _OPTIONS:
            return Path(value or "".join(arguments[index + 1 : index + 2])).parent
    return Path()
