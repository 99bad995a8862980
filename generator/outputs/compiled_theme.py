"""The theme's templates, compiled by the first build and kept for those that follow.

In: a folder. Out: a plugin of MkDocs. Jinja itself sees to it that a template whose text
changed is compiled again.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemBytecodeCache
from mkdocs.config.base import LegacyConfig
from mkdocs.plugins import BasePlugin


class CompiledTheme(BasePlugin[LegacyConfig]):  # type: ignore[no-untyped-call]
    """Gives MkDocs' Jinja a cache in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def on_env(self, env: Environment, **_: Any) -> Environment:
        """As MkDocs calls it, before the first page."""
        self._folder.mkdir(parents=True, exist_ok=True)
        env.bytecode_cache = FileSystemBytecodeCache(str(self._folder))
        return env
