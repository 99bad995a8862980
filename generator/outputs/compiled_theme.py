"""The theme's Jinja, made quick: its templates stay compiled, and its icons are not listed.

In: MkDocs' theme. Out: the same; whatever asks it for its Jinja gets the quick one.
"""

from __future__ import annotations

import os

from jinja2 import Environment, FileSystemLoader
from mkdocs.theme import Theme

from generator.files.compiled_templates import CompiledTemplates


def make_quick(theme: Theme) -> None:
    """Gives the theme's Jinja the user's cache, and a loader that passes over hidden folders.

    MkDocs lists all that a theme has in order to copy it, and then leaves out what is hidden: of
    Material's twelve thousand files all but a hundred, which are icons.
    """
    get_env = theme.get_env

    def quick() -> Environment:
        env = get_env()
        env.bytecode_cache = CompiledTemplates("theme")
        env.loader = _Visible(theme.dirs)
        return env

    theme.get_env = quick  # type: ignore[method-assign]


class _Visible(FileSystemLoader):
    """Lists no hidden file, but reads them."""

    def list_templates(self) -> list[str]:
        """As in `jinja2.FileSystemLoader`."""
        found = set()
        for place in self.searchpath:
            for folder, folders, names in os.walk(place, followlinks=self.followlinks):
                folders[:] = [name for name in folders if not name.startswith(".")]
                inner = os.path.relpath(folder, place).replace(os.sep, "/")
                found |= {name if inner == "." else f"{inner}/{name}" for name in names}
        return sorted(found)
