"""Compiles each template only once in a test run, however often it is rendered.

MkDocs and our pages make a Jinja environment for each build, and compiling Material's sixty
templates costs more than rendering a small site from them. The key of Jinja's own cache of byte
code is the name, file and text of a template; this one adds what else the code depends on.
"""

from __future__ import annotations

from types import CodeType
from typing import Any

import jinja2
import pytest
from jinja2.bccache import Bucket, BytecodeCache


class CompiledTemplates(BytecodeCache):
    """Compiled templates, in memory."""

    def __init__(self) -> None:
        self._kept: dict[tuple[object, ...], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Takes a template that was compiled before."""
        bucket.code = self._kept.get(_key(bucket))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keeps a compiled template."""
        assert bucket.code is not None
        self._kept[_key(bucket)] = bucket.code


def _key(bucket: Bucket) -> tuple[object, ...]:
    made_by = bucket.environment
    compiler = (made_by.lexer, tuple(made_by.extensions), made_by.autoescape, made_by.finalize)
    return (bucket.key, bucket.checksum, *compiler)


def compile_once(patch: pytest.MonkeyPatch) -> None:
    """Gives the cache to every environment without one."""
    cache, make = CompiledTemplates(), jinja2.Environment.__init__

    def make_with_cache(environment: jinja2.Environment, *arguments: Any, **options: Any) -> None:
        make(environment, *arguments, **options)
        environment.bytecode_cache = environment.bytecode_cache or cache

    patch.setattr(jinja2.Environment, "__init__", make_with_cache)
