"""Where pandoc is: a system's own, or the one in the `pypandoc_binary` wheel."""

from __future__ import annotations

import functools

import pypandoc

from generator.errors import PageError


@functools.cache
def find_pandoc() -> str:
    """The path of the program.

    Raises:
        PageError: there is none.
    """
    try:
        return str(pypandoc.get_pandoc_path())
    except OSError as error:
        raise PageError(
            "formulas need pandoc, which is not here; install it, or `pip install pypandoc_binary`"
        ) from error
