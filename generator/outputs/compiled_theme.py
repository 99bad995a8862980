"""The theme's templates, compiled by the first build and kept for those that follow.

In: a folder. Out: a plugin of MkDocs. Jinja itself sees to it that a template whose text
changed is compiled again.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

from jinja2 import BytecodeCache, Environment
from jinja2.bccache import Bucket
from mkdocs.config.base import LegacyConfig
from mkdocs.plugins import BasePlugin

from generator.files.sealed import read_sealed, write_sealed


class CompiledTheme(BasePlugin[LegacyConfig]):  # type: ignore[no-untyped-call]
    """Gives MkDocs' Jinja a cache in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def on_env(self, env: Environment, **_: Any) -> Environment:
        """As MkDocs calls it, before the first page."""
        env.bytecode_cache = _SealedFiles(self._folder)
        return env


class _SealedFiles(BytecodeCache):
    """A file for each template. What is not whole is compiled again: code is never guessed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def load_bytecode(self, bucket: Bucket) -> None:
        """As Jinja calls it, before a template is compiled."""
        with suppress(OSError, ValueError):
            bucket.bytecode_from_string(read_sealed(self._file(bucket)))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """As Jinja calls it, after a template was compiled."""
        write_sealed(self._file(bucket), bucket.bytecode_to_string())

    def _file(self, bucket: Bucket) -> Path:
        return self._folder / f"{bucket.key}.cache"
