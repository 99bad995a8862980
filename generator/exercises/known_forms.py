"""Every accepted form of every answer, kept for the builds in which no exercise changed.

In: the folder of the exercises and the project's cache. Out: the forms by blank. To work out
that no mistake is an answer takes a second, and whatever students get is searched in each build.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from generator.exercises.notes import accepted_forms, read_worksheets
from generator.files.fingerprint import digest_of_folders, fingerprint
from generator.files.sealed import read_sealed_json, write_sealed_json
from generator.project.overlay import Overlay

Forms = Mapping[str, tuple[str, ...]]


def known_forms(folder: Path | Overlay, cache: Path) -> Forms:
    """The accepted forms by exercise and blank, such as "minimal_detr: boxes".

    Args:
        folder: of the exercises.
        cache: where they are kept, in a folder that no student gets; nothing is kept before the
            project has a cache.

    Raises:
        ExerciseError: a source is not an exercise.
        ConfigurationError: holds every problem of the YAML file next to a source.
    """
    exercises = digest_of_folders(Overlay.of(folder).folders)
    key = fingerprint("generator.exercises.notes", values={"exercises": exercises})
    file = cache / "accepted_forms.json"
    known = _read(file, key)
    if known is None:
        known = accepted_forms(read_worksheets(folder))
        with suppress(OSError):  # then they are worked out again
            if cache.parent.is_dir():
                write_sealed_json(file, {"key": key, "forms": known})
    return known


def _read(file: Path, key: str) -> Forms | None:
    try:
        value: Any = read_sealed_json(file)
        if value["key"] != key:
            return None
        return {str(blank): tuple(map(str, forms)) for blank, forms in value["forms"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
