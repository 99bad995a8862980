"""Templates as Jinja compiled them, kept for the next build in the user's own cache folder.

In: a name for what renders them. Out: a cache for Jinja, which itself sees to it that a template
whose text changed is compiled again. What is kept is code that Python runs. It never lies in a
project's folder, since a project may come from somebody else.
"""

from __future__ import annotations

from contextlib import suppress
from importlib.metadata import version
from pathlib import Path

from jinja2 import BytecodeCache
from jinja2.bccache import Bucket

from generator.files.sealed import read_sealed, write_sealed
from generator.files.user_cache import user_cache

MOST_FILES = 400
"""Of these the newest are kept; the theme and the handout have some ninety."""


class CompiledTemplates(BytecodeCache):
    """A sealed file for each template. What is not whole, or cannot be kept, is compiled again.

    Args:
        name: of what renders them, such as "theme"; another one shares nothing with it, nor does
            another version of Jinja.
    """

    def __init__(self, name: str) -> None:
        self._all = user_cache() / "compiled"
        self._folder = self._all / f"{name}-{version('jinja2')}"

    def load_bytecode(self, bucket: Bucket) -> None:
        """As Jinja calls it, before a template is compiled."""
        with suppress(OSError, ValueError):
            bucket.bytecode_from_string(read_sealed(self._file(bucket)))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """As Jinja calls it, after a template was compiled."""
        with suppress(OSError):
            write_sealed(self._file(bucket), bucket.bytecode_to_string())
            files = [*self._all.glob("*/*.cache")]
            if len(files) > MOST_FILES:
                files.sort(key=lambda file: file.stat().st_mtime_ns)
                for file in files[:-MOST_FILES]:
                    file.unlink(missing_ok=True)

    def _file(self, bucket: Bucket) -> Path:
        return self._folder / f"{bucket.key}.cache"
