"""Which files of ours a project has in its own version, and whether ours has changed since.

In: a project. Out: names such as "content/q3.md"; and `ejected.json`, which holds by name the
SHA-256 of the file of ours that a copy was made from. No clock is asked: what counts are bytes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from generator.errors import ConfigurationError, Problem
from generator.files.fingerprint import sha256_of
from generator.files.write import write_json
from generator.project.config import SiteConfig
from generator.project.overlay import CONTENT, TEMPLATES, content_of, standard_root, templates_of

RECORD = "ejected.json"
_NO_TEXTS = (f"{CONTENT}/gallery.yml", f"{CONTENT}/images/")
"""What is a course's own from the beginning."""


def ours() -> dict[str, Path]:
    """Every file of ours that a project may have in its own version, by its name."""
    root = standard_root()
    files = (path for one in (CONTENT, TEMPLATES) for path in (root / one).rglob("*"))
    named = {path.relative_to(root).as_posix(): path for path in files if path.is_file()}
    return {
        name: named[name]
        for name in sorted(named)
        if not name.startswith(_NO_TEXTS) and "/." not in name and "__pycache__" not in name
    }


def own_place(config: SiteConfig, name: str) -> Path:
    """Where a project has its own version of a file of ours, if it has one."""
    folder, _, rest = name.partition("/")
    return (content_of if folder == CONTENT else templates_of)(config).folders[0] / rest


def outdated(config: SiteConfig) -> list[str]:
    """The names of ours that have changed since the project's copies were made, or are gone.

    Raises:
        ConfigurationError: the record cannot be read.
    """
    known = ours()
    return [
        name
        for name, digest in read_record_of(config.root).items()
        if own_place(config, name).is_file()
        and (name not in known or sha256_of(known[name]) != digest)
    ]


def note_copy(root: Path, name: str, digest: str) -> None:
    """Notes that a project's version was made from, or compared with, ours of this digest."""
    write_json(root / RECORD, dict(sorted({**read_record_of(root), name: digest}.items())))


def forget_copy(root: Path, name: str) -> None:
    """Takes back what was noted of a name."""
    noted = {one: digest for one, digest in read_record_of(root).items() if one != name}
    write_json(root / RECORD, noted)


def read_record_of(root: Path) -> Mapping[str, str]:
    """What was noted; nothing if there is no such file.

    Raises:
        ConfigurationError: it cannot be read.
    """
    file = root / RECORD
    try:
        value = json.loads(file.read_text(encoding="utf-8"))
        if not isinstance(value, dict):
            raise ValueError
        return {str(name): str(digest) for name, digest in value.items()}
    except FileNotFoundError:
        return {}
    except ValueError as error:
        message = (
            "cannot be read; put it back, or remove it: then nothing will tell you what is outdated"
        )
        raise ConfigurationError([Problem(Path(RECORD), None, message)]) from error
