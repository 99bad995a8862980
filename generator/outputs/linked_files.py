"""Gives the site the files of `docs/` without copying their bytes.

In: the files that MkDocs would copy. Out: a plugin of MkDocs. A build replaces its files and never
changes one in place, so that the site and `docs/` may share them; a site of 200 images has 7,000,
and to copy them was two thirds of what a changed caption cost.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from mkdocs.config.base import LegacyConfig
from mkdocs.plugins import BasePlugin
from mkdocs.structure.files import File, Files

from generator.files.write import link_or_copy


class LinkedFiles(BasePlugin[LegacyConfig]):  # type: ignore[no-untyped-call]
    """Links the pictures, scripts and data of `docs`; the theme's own are copied."""

    def on_files(self, files: Files, *, config: Any) -> Files:
        """As MkDocs calls it, with all files of `docs` and of the theme."""
        static = *files.media_files(), *files.css_files(), *files.javascript_files()
        for file in static:
            self._share(file, config.docs_dir)
        return files

    def _share(self, file: File, docs: str) -> None:
        if file.src_dir == docs and file.abs_src_path is not None:
            file.copy_file = partial(_link, file)  # type: ignore[method-assign]


def _link(file: File, _dirty: bool) -> None:
    """In place of MkDocs' copy; a site is always made anew, so that nothing is "dirty"."""
    link_or_copy(Path(str(file.abs_src_path)), Path(file.abs_dest_path))
