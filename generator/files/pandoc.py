"""Where pandoc is: installed on the system, or in the `pypandoc_binary` wheel."""

from __future__ import annotations

import functools

import pypandoc

from generator.errors import PageError


@functools.cache
def find_pandoc() -> str:
    """The path of the program.

    Raises:
        PageError: pandoc is not installed.
    """
    try:
        return str(pypandoc.get_pandoc_path())
    except OSError as error:
        raise PageError(
            "formulas need pandoc, which is not here; install it, or `pip install pypandoc_binary`"
        ) from error
