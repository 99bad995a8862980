"""The theme's templates stay compiled from one build to the next.

In: MkDocs' Jinja. Out: the same with a cache.
"""

from __future__ import annotations

from typing import Any

from jinja2 import Environment
from mkdocs.config.base import LegacyConfig
from mkdocs.plugins import BasePlugin

from generator.files.compiled_templates import CompiledTemplates


class CompiledTheme(BasePlugin[LegacyConfig]):  # type: ignore[no-untyped-call]
    """Gives MkDocs' Jinja the user's cache."""

    def on_env(self, env: Environment, **_: Any) -> Environment:
        """As MkDocs calls it, before the first page."""
        env.bytecode_cache = CompiledTemplates("theme")
        return env
