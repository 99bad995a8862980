"""Compiles each template only once in a test run, however often and wherever it is rendered.

MkDocs and our pages make a Jinja environment for each build. Compiling Material's sixty templates
costs more than rendering a small site from them, and compiling our own was a fifth of each test
that builds a project: it has a copy of them, and what a user's cache knows is known by its path.
The key of Jinja's own cache of byte code is the name, file and text of a template; these have the
name and text, and what else the code depends on. A template's code is told its file.
"""

from __future__ import annotations

from collections.abc import Callable
from types import CodeType
from typing import Any

import jinja2
import pytest
from jinja2.bccache import Bucket, BytecodeCache

from generator.files import compiled_templates


def _get_bucket(
    cache: BytecodeCache,
    environment: jinja2.Environment,
    name: str,
    filename: str | None,
    source: str,
) -> Bucket:
    """As `BytecodeCache.get_bucket`, but the same in every folder."""
    bucket = BytecodeCache.get_bucket(cache, environment, name, None, source)
    if bucket.code is not None:
        bucket.code = _of_file(bucket.code, filename or "<template>")
    return bucket


def _of_file(code: CodeType, file: str) -> CodeType:
    """The code as if it came from another file: errors name that."""
    parts = (_of_file(one, file) if isinstance(one, CodeType) else one for one in code.co_consts)
    return code.replace(co_filename=file, co_consts=tuple(parts))


_KEPT: dict[tuple[object, ...], CodeType] = {}
"""What this process has compiled, or read."""


class InMemory(BytecodeCache):
    """Compiled templates of this process."""

    get_bucket = _get_bucket

    def load_bytecode(self, bucket: Bucket) -> None:
        """Takes a template that was compiled before."""
        bucket.code = _KEPT.get(_key(bucket))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keeps a compiled template."""
        assert bucket.code is not None
        _KEPT[_key(bucket)] = bucket.code


class OfAllProcesses(compiled_templates.CompiledTemplates):
    """A user's compiled templates, which all processes of a test run have in common."""

    get_bucket = _get_bucket

    def load_bytecode(self, bucket: Bucket) -> None:
        """Takes a template that was compiled before, here or elsewhere."""
        bucket.code = _KEPT.get(_key(bucket))
        if bucket.code is None:
            super().load_bytecode(bucket)
            if bucket.code is not None:
                _KEPT[_key(bucket)] = bucket.code

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keeps a compiled template."""
        super().dump_bytecode(bucket)
        assert bucket.code is not None
        _KEPT[_key(bucket)] = bucket.code


def _key(bucket: Bucket) -> tuple[object, ...]:
    made_by = bucket.environment
    compiler = (made_by.lexer, tuple(made_by.extensions), made_by.autoescape, made_by.finalize)
    return (type(made_by), bucket.key, bucket.checksum, *compiler)


def compile_once(patch: pytest.MonkeyPatch) -> None:
    """Gives the cache to every environment without one, and to those of pages and the theme."""
    cache, make = InMemory(), jinja2.Environment.__init__

    def make_with_cache(environment: jinja2.Environment, *arguments: Any, **options: Any) -> None:
        make(environment, *arguments, **options)
        environment.bytecode_cache = environment.bytecode_cache or cache

    patch.setattr(jinja2.Environment, "__init__", make_with_cache)
    for module in ("generator.pages.jinja", "generator.outputs.compiled_theme"):
        patch.setattr(f"{module}.CompiledTemplates", OfAllProcesses)


def compile_once_in_all_processes(set_attribute: Callable[..., None]) -> None:
    """Lets what the user's cache keeps serve for copies of a project, too."""
    set_attribute(compiled_templates.CompiledTemplates, "get_bucket", _get_bucket)
